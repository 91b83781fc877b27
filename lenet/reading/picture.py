"""Pictures of digits, from a file or from MNIST's test set, turned into ink."""

import warnings
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps

from lenet import mnist
from lenet.reading.photograph import find_ink

MAX_PIXELS = 20_000_000
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")  # Pillow reads more, some of it with programs of others
# Larger pictures are made smaller first: a digit needs no more.
WORKING_SIDE = 640
MNIST_TEST = "mnist-test/"


class PictureError(ValueError):
    """A file that is no picture, or a name that names none; the message is one sentence for people."""


def open_picture(file: str | Path | BinaryIO) -> np.ndarray:
    """The ink in an image file, (H, W) uint8, 0 paper to 255 ink. Raises PictureError."""
    name = Path(file).name if isinstance(file, str | Path) else "the picture"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(file, formats=FORMATS)
        with image:
            if image.width * image.height > MAX_PIXELS:
                raise PictureError(
                    f"{name} has {image.width:,} x {image.height:,} pixels; at most {MAX_PIXELS:,} in all are read."
                )
            return ink_of(image)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as fault:
        if isinstance(fault, PictureError | FileNotFoundError | IsADirectoryError | PermissionError):
            raise
        raise PictureError(f"{name} is not a picture that can be read; PNG, JPEG, WebP, GIF and BMP can.") from fault


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
