"""Pictures of digits, from files or from MNIST's test set, as ink."""

import io
import warnings
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps, features

from lenet import mnist
from lenet.errors import InputError

MAX_PIXELS = 20_000_000
# JPEG can be decoded at reduced size, so that photographs of 48 megapixels and more need little memory.
MAX_JPEG_PIXELS = 110_000_000
# A progressive JPEG is decoded once for each scan; most have about ten.
MAX_SCANS, MAX_SCANNED_PIXELS = 100, 500_000_000
START_OF_SCAN = b"\xff\xda"
# Pillow reads other formats too, some of them by running other programs.
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", *(("AVIF",) if features.check("avif") else ()))
# The possible bytes 5 to 12 of a HEIC file.
HEIC = (b"ftypheic", b"ftypheix", b"ftyphevc", b"ftypheim", b"ftypmif1", b"ftypmsf1")
# Larger pictures are scaled down first: a digit needs no more.
WORKING_SIDE = 640
# The largest side of the ink that is kept of a picture, and its margin as a share of the ink's longer side.
INK_SIDE, MARGIN = 400, 0.2
# Possible white levels of pictures with more than 8 bits.
WHITES = (1, 255, 1023, 4095, 16383, 65535)
DEEP = ("I;16", "I;16B", "I;16L", "I", "F")  # modes with more than 8 bits
MNIST_TEST = "mnist-test/"


def open_picture(file: str | Path | BinaryIO) -> np.ndarray:
    """Return the ink in an image file, (H, W) uint8, 0 paper to 255 ink. Raises InputError."""
    name = Path(file).name if isinstance(file, str | Path) else "This file"
    content = Path(file).read_bytes() if isinstance(file, str | Path) else file.read()
    if content[4:12] in HEIC and b"avif" not in content[8:32]:
        raise InputError(f"{name} is a HEIC picture, which can't be read here; export or send it as JPEG.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns about large or damaged files
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                _check_size(image, content, name)
                return ink_of(image)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as fault:
        if isinstance(fault, InputError):
            raise
        raise InputError(
            f"{name} is not a picture that can be read; PNG, JPEG, WebP, AVIF, GIF, BMP and TIFF can."
        ) from fault


def _check_size(image: Image.Image, content: bytes, name: str) -> None:
    pixels, most = image.width * image.height, MAX_JPEG_PIXELS if image.format == "JPEG" else MAX_PIXELS
    if pixels > most:
        raise InputError(f"{name} has {image.width:,} x {image.height:,} pixels; at most {most:,} in all are read.")
    if image.format == "JPEG":
        scans, most = content.count(START_OF_SCAN), max(1, min(MAX_SCANS, MAX_SCANNED_PIXELS // pixels))
        if scans > most:
            raise InputError(f"{name} is a JPEG of {scans:,} scans; at most {most} are read of one of its size.")


def ink_of(image: Image.Image) -> np.ndarray:
    """Return the cropped ink of a picture of any mode and orientation, dark on light or light on dark."""
    from lenet.reading import photograph  # brings OpenCV, which only pictures need

    image.draft(None, (WORKING_SIDE, WORKING_SIDE))
    if image.mode in DEEP:  # which Pillow can't scale down with reducing_gap
        image = _in_bytes(ImageOps.exif_transpose(image))
    image.thumbnail((WORKING_SIDE, WORKING_SIDE), reducing_gap=2)
    ink = photograph.find_ink(np.asarray(_opaque(ImageOps.exif_transpose(image)).convert("RGB")))
    return ink if max(ink.shape) <= photograph.SMALL else photograph.thickened(_cut_out(ink))


def _in_bytes(image: Image.Image) -> Image.Image:
    levels = np.asarray(image, np.float32)
    white = next((white for white in WHITES if levels.max() <= white), levels.max())
    return Image.fromarray((255 * levels / white).clip(0, 255).astype(np.uint8))


def _opaque(image: Image.Image) -> Image.Image:
    """Return the picture with transparent areas filled with paper: white for dark ink, black for light."""
    if not image.has_transparency_data:
        return image
    image = image.convert("RGBA")
    light, opacity = (np.asarray(part, float) for part in (image.convert("L"), image.getchannel("A")))
    dark_ink = (light * opacity).sum() <= 127 * opacity.sum() or opacity.min() > 127
    return Image.alpha_composite(Image.new("RGBA", image.size, "white" if dark_ink else "black"), image)


def _cut_out(ink: np.ndarray) -> np.ndarray:
    """Return the ink cropped to a margin around it, at most INK_SIDE large without the margin."""
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    if not len(rows):
        return ink
    part = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    image = Image.fromarray(np.pad(part, round(MARGIN * max(part.shape))))
    image.thumbnail((INK_SIDE, INK_SIDE), Image.Resampling.BOX)
    return np.asarray(image)


def named(name: str) -> np.ndarray:
    """Return the ink of the picture called `name`, "mnist-test/0" to "mnist-test/9999". Raises InputError."""
    number = name.removeprefix(MNIST_TEST)
    if number == name or not number.isdecimal() or int(number) >= mnist.TEST_IMAGES:
        raise InputError(f"There is no picture {name!r}; '{MNIST_TEST}0' to '{MNIST_TEST}9999' are there.")
    return mnist.final_test().images[int(number)].numpy()
