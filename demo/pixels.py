"""Numbers as pixels that the browser gives a colour."""

import numpy as np


def levels(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Values as bytes, 0 at `low` to 255 at `high`."""
    return ((values - low) * (255 / max(high - low, 1e-6))).astype(np.uint8)


def signed(values: np.ndarray, strongest: float | None = None) -> np.ndarray:
    """Values as bytes, 128 for zero and `strongest`, or else the strongest of all, at 1 or 255."""
    strongest = max(float(abs(values).max()) if strongest is None else strongest, 1e-6)
    return np.rint(128 + values * (127 / strongest)).astype(np.uint8)
