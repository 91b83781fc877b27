"""Numbers as pixels, and the colours that they are shown in."""

import base64
import io

import numpy as np
from PIL import Image

# Stops from byte 0 to byte 255, red green blue. Activations glow; filters are blue below zero and orange above.
PALETTES = {
    "glow": [(14, 17, 38), (52, 62, 138), (74, 144, 190), (156, 214, 182), (255, 250, 214)],
    "signed": [(37, 99, 235), (240, 242, 248), (234, 120, 20)],
}


def levels(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Values as bytes, 0 at `low` to 255 at `high`."""
    return ((values - low) * (255 / max(high - low, 1e-6))).astype(np.uint8)


def signed(values: np.ndarray, strongest: float | None = None) -> np.ndarray:
    """Values as bytes, 128 for zero and `strongest`, or else the strongest of all, at 1 or 255."""
    strongest = max(float(abs(values).max()) if strongest is None else strongest, 1e-6)
    return np.rint(128 + values * (127 / strongest)).astype(np.uint8)


def colours(name: str) -> np.ndarray:
    """A palette's (256, 3) uint8; panel.js makes the same for the browser."""
    stops = np.array(PALETTES[name], float)
    at = np.linspace(0, len(stops) - 1, 256)
    mixed = [np.interp(at, range(len(stops)), channel) for channel in stops.T]
    return np.rint(np.stack(mixed, 1)).astype(np.uint8)


def png(pixels: np.ndarray) -> str:
    """A picture, uint8 of (H, W), (H, W, 3) or (H, W, 4) with opacity, as the address of a PNG file that it holds."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
