"""Pictures of all kinds become ink, and other files are refused in a sentence."""

import io
import re
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from lenet import mnist
from lenet.errors import InputError
from lenet.reading import picture
from lenet.reading.picture import ink_of, named, open_picture
from lenet.reading.preparation import prepare

UNREADABLE = " is not a picture that can be read; PNG, JPEG, WebP, AVIF, GIF, BMP and TIFF can."


def a_seven(ink=0, paper=255, side=100) -> Image.Image:
    """Return a 7, large enough to be distinguished from a mirrored or rotated one."""
    image = Image.new("L", (side, side), paper)
    corners = np.array([[0.25, 0.2], [0.75, 0.2], [0.45, 0.8]]) * side
    ImageDraw.Draw(image).line(corners.ravel().tolist(), fill=ink, width=side // 10, joint="curve")
    return image


def encoded(image: Image.Image, kind: str, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def centred(image: Image.Image) -> np.ndarray:
    return prepare(ink_of(image)).centred.astype(int)


def assert_reads_as_a_seven(image: Image.Image):
    assert np.abs(centred(image) - centred(a_seven())).mean() < 2


@pytest.mark.parametrize(("ink", "paper"), [(0, 255), (255, 0), (20, 220), (230, 40), (90, 200)])
def test_ink_may_be_darker_or_lighter_than_paper(ink, paper):
    assert_reads_as_a_seven(a_seven(ink, paper))
    assert ink_of(a_seven(ink, paper)).max() == 255


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "I", "F"])
def test_a_picture_may_be_of_any_mode(mode):
    assert_reads_as_a_seven(a_seven().convert(mode))


@pytest.mark.parametrize("side", [100, 4000])
def test_a_picture_may_have_16_bits(side):
    seven = a_seven(side=side)
    deep = seven.convert("I").point(lambda value: value * 257).convert("I;16")
    assert np.abs(centred(deep) - centred(seven)).max() <= 1


@pytest.mark.parametrize("colour", ["black", "red", "blue"])
def test_ink_may_have_any_colour(colour):
    sheet = Image.new("RGB", (100, 100), "white")
    sheet.paste(colour, mask=a_seven(255, 0))
    assert_reads_as_a_seven(sheet)


def test_transparent_areas_are_paper():
    transparent = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    transparent.paste((0, 0, 0, 255), mask=a_seven(255, 0))
    assert_reads_as_a_seven(transparent)


def test_white_ink_on_a_transparent_background_is_read():
    transparent = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    transparent.paste((255, 255, 255, 255), mask=a_seven(255, 0))
    assert_reads_as_a_seven(transparent)


@pytest.mark.parametrize(("white", "ink"), [(65535, 0), (4095, 1000), (1023, 300)])
def test_grey_of_16_bits_keeps_its_contrast(white, ink):
    levels = np.where(np.asarray(a_seven()) > 128, white, ink).astype(np.uint16)
    assert_reads_as_a_seven(Image.fromarray(levels))


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "TIFF"])
def test_a_cameras_orientation_is_applied_in_every_format(kind):
    exif = Image.Exif()
    exif[0x0112] = 6
    content = encoded(a_seven().convert("RGB").rotate(90), kind, exif=exif)
    assert np.abs(prepare(open_picture(io.BytesIO(content))).centred - centred(a_seven())).mean() < 8


@pytest.mark.parametrize("name", ["phone.heic", "phone.jpg"])
def test_heic_is_refused_with_the_way_to_convert_it(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(100))
    with pytest.raises(InputError, match=f"^{name} is a HEIC picture, which can't be read here; export .* JPEG"):
        open_picture(path)


@pytest.mark.slow
def test_48_megapixels_are_read_in_little_memory(tmp_path):
    path = tmp_path / "large.jpg"
    path.write_bytes(encoded(a_seven(side=800).resize((8_000, 6_000)), "JPEG", quality=30))
    code = (
        "import resource, sys; from lenet.reading import picture, photograph; from pathlib import Path;"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;"
        "assert picture.open_picture(Path(sys.argv[1])).any();"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    result = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    assert int(result.stdout) < 90_000  # kilobytes; the pixels alone are 144,000


@pytest.mark.parametrize("width", range(1, 8))
def test_a_picture_a_few_pixels_wide_is_read_without_a_warning(width):
    ink = np.zeros((20, width), np.uint8)
    ink[2:18, width // 2] = 255
    assert open_picture(io.BytesIO(encoded(Image.fromarray(ink), "PNG"))).shape


@pytest.mark.parametrize(("orientation", "turn"), [(3, 180), (6, 90), (8, 270)])
def test_a_picture_taken_sideways_is_rotated(orientation, turn):
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned = encoded(a_seven().rotate(turn), "PNG", exif=exif)
    assert_reads_as_a_seven(Image.open(io.BytesIO(turned)))


def test_a_large_picture_is_scaled_down_first():
    assert max(ink_of(a_seven(side=2_000)).shape) == picture.INK_SIDE


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_a_sheet_of_one_shade_has_no_ink(shade):
    assert prepare(ink_of(Image.new("L", (100, 100), shade))) is None


def test_the_noise_of_blank_paper_is_no_ink():
    noise = np.random.default_rng(0).integers(-2, 3, (100, 100))
    assert prepare(ink_of(Image.fromarray((200 + noise).astype(np.uint8)))) is None


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1)])
def test_a_picture_may_be_very_small(shape):
    assert ink_of(Image.new("L", shape)).shape == shape[::-1]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_a_file_is_read(tmp_path, kind):
    path = tmp_path / "seven"
    path.write_bytes(encoded(a_seven(), kind))
    assert np.abs(prepare(open_picture(path)).centred - centred(a_seven())).mean() < 8


@pytest.mark.parametrize("content", [b"", b"a letter", encoded(a_seven(), "PNG")[:150], b"\x89PNG\r\n\x1a\n"])
def test_a_file_that_is_not_a_picture_is_refused(tmp_path, content):
    path = tmp_path / "seven.png"
    path.write_bytes(content)
    with pytest.raises(InputError) as fault:
        open_picture(path)
    assert str(fault.value) == "seven.png" + UNREADABLE


def test_a_picture_without_a_file_name_is_refused_too():
    with pytest.raises(InputError, match=r"^This file is not a picture that can be read"):
        open_picture(io.BytesIO(b"a letter"))


def test_a_huge_picture_is_refused_before_it_is_decoded():
    huge = encoded(Image.new("1", (5_000, 4_001)), "PNG")
    with pytest.raises(InputError) as fault:
        open_picture(io.BytesIO(huge))
    assert str(fault.value) == "This file has 5,000 x 4,001 pixels; at most 20,000,000 in all are read."


def test_a_decompression_bomb_is_refused(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1_000)
    with pytest.raises(InputError, match=UNREADABLE):
        open_picture(io.BytesIO(encoded(a_seven(), "PNG")))


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow warns about a damaged file
@given(kind=st.sampled_from(["PNG", "JPEG", "WEBP", "GIF", "BMP"]), data=st.data())
def test_a_damaged_file_is_read_or_refused_in_a_sentence(kind, data):
    content = bytearray(encoded(a_seven(side=30), kind))
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        ink = open_picture(io.BytesIO(content[: data.draw(st.integers(0, len(content)))]))
    except InputError:
        return
    assert ink.dtype == np.uint8


@pytest.mark.parametrize("index", [0, 9_999])
def test_mnists_test_images_are_found_by_name(index):
    assert np.array_equal(named(f"mnist-test/{index}"), mnist.final_test().images[index].numpy())


@pytest.mark.parametrize(
    "name", ["mnist-test/10000", "mnist-test/-1", "mnist-test/", "mnist-test/1.5", "7", "../7", "\n", "\ud800"]
)
def test_an_unknown_picture_is_refused(name):
    with pytest.raises(InputError) as fault:
        named(name)
    assert str(fault.value) == f"There is no picture {name!r}; 'mnist-test/0' to 'mnist-test/9999' are there."


@pytest.mark.parametrize(("side", "most"), [(64, 100), (4000, 31)])
def test_a_jpeg_of_hundreds_of_scans_is_refused_before_it_is_decoded(side, most, monkeypatch):
    progressive = encoded(Image.new("L", (side, side), 255), "JPEG", progressive=True)
    start = progressive.rindex(b"\xff\xda")
    scan, end = progressive[start:-2], progressive[-2:]
    scans = progressive.count(b"\xff\xda")
    assert not open_picture(io.BytesIO(progressive[:start] + scan * (most - scans + 1) + end)).any()
    monkeypatch.setattr(picture, "ink_of", None)
    sentence = f"This file is a JPEG of {most + 1} scans; at most {most} are read of one of its size."
    with pytest.raises(InputError, match=f"^{re.escape(sentence)}$"):
        open_picture(io.BytesIO(progressive[:start] + scan * (most - scans + 2) + end))
