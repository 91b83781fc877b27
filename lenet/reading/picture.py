"""Pictures of digits, from a file or from MNIST's test set, turned into ink."""

import io
import warnings
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps

from lenet import mnist
from lenet.errors import InputError
from lenet.reading.photograph import find_ink

MAX_PIXELS = 20_000_000
# A progressive JPEG is decoded once for each of its scans; usual ones have about ten.
MAX_SCANS, MAX_SCANNED_PIXELS = 100, 10 * MAX_PIXELS
START_OF_SCAN = b"\xff\xda"
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")  # Pillow reads more, some of it with programs of others
# Larger pictures are made smaller first: a digit needs no more.
WORKING_SIDE = 640
MNIST_TEST = "mnist-test/"


class PictureError(InputError):
    """A file that is no picture, or a name that names none; the message is one sentence for people."""


def open_picture(file: str | Path | BinaryIO) -> np.ndarray:
    """The ink in an image file, (H, W) uint8, 0 paper to 255 ink. Raises PictureError."""
    name = Path(file).name if isinstance(file, str | Path) else "the picture"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            content = Path(file).read_bytes() if isinstance(file, str | Path) else file.read()
            image = Image.open(io.BytesIO(content), formats=FORMATS)
        with image:
            if image.width * image.height > MAX_PIXELS:
                raise PictureError(
                    f"{name} has {image.width:,} x {image.height:,} pixels; at most {MAX_PIXELS:,} in all are read."
                )
            if image.format == "JPEG":
                _check_scans(content, image.width * image.height, name)
            return ink_of(image)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as fault:
        if isinstance(fault, PictureError | FileNotFoundError | IsADirectoryError | PermissionError):
            raise
        raise PictureError(f"{name} is not a picture that can be read; PNG, JPEG, WebP, GIF and BMP can.") from fault


def _check_scans(content: bytes, pixels: int, name: str) -> None:
    scans = content.count(START_OF_SCAN)
    most = max(1, min(MAX_SCANS, MAX_SCANNED_PIXELS // pixels))
    if scans > most:
        raise PictureError(f"{name} is a JPEG of {scans:,} scans; at most {most} are read of one of its size.")


def ink_of(image: Image.Image) -> np.ndarray:
    """The ink in a picture of any mode and orientation, whichever of ink and paper is the darker."""
    image = ImageOps.exif_transpose(image)
    image.thumbnail((WORKING_SIDE, WORKING_SIDE))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return find_ink(np.asarray(image.convert("L")))


def named(name: str) -> np.ndarray:
    """The ink of the picture with this name, "mnist-test/0" to "mnist-test/9999". Raises PictureError."""
    number = name.removeprefix(MNIST_TEST)
    if number == name or not number.isdecimal() or int(number) >= mnist.TEST_IMAGES:
        raise PictureError(f"There is no picture {name!r}; '{MNIST_TEST}0' to '{MNIST_TEST}9999' are there.")
    return mnist.final_test().images[int(number)].numpy()
