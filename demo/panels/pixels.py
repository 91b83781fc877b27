"""Convert numbers to pixels and colours."""

import base64
import io

import numpy as np
from PIL import Image

# Colours from byte 0 to byte 255. "glow" is for activations; "signed", blue below zero and orange above, for filters.
PALETTES = {
    "glow": [(14, 17, 38), (52, 62, 138), (74, 144, 190), (156, 214, 182), (255, 250, 214)],
    "signed": [(37, 99, 235), (240, 242, 248), (234, 120, 20)],
}


def levels(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Convert values to bytes, 0 at `low` to 255 at `high`."""
    return ((values - low) * (255 / max(high - low, 1e-6))).astype(np.uint8)


def signed(values: np.ndarray, strongest: float | None = None) -> np.ndarray:
    """Convert values to bytes with 128 for zero, and 1 or 255 for `strongest`, by default the largest absolute
    value."""
    strongest = max(float(abs(values).max()) if strongest is None else strongest, 1e-6)
    return np.rint(128 + values * (127 / strongest)).astype(np.uint8)


def colours(name: str) -> np.ndarray:
    """Return a palette, (256, 3) uint8; panel.js makes the same for the browser."""
    stops = np.array(PALETTES[name], float)
    at = np.linspace(0, len(stops) - 1, 256)
    mixed = [np.interp(at, range(len(stops)), channel) for channel in stops.T]
    return np.rint(np.stack(mixed, 1)).astype(np.uint8)


def png(pixels: np.ndarray) -> str:
    """Return uint8 pixels, (H, W), (H, W, 3) or (H, W, 4) with opacity, as a data URL of a PNG file."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
