"""Pictures and drawings for the sheet: examples, and visitors' files."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from demo.panels.pictures.pictures import EXAMPLES, examples, read_file
from demo.share.svg import sheet
from demo.visitors import Visitors
from lenet import mnist
from lenet.errors import InputError
from lenet.network.lenet5 import LeNet5
from lenet.reading.answer import answer, prepare_drawing, prepare_picture
from lenet.reading.picture import open_picture
from visitor.drawings import a_drawing, a_stroke


def png(image: Image.Image) -> bytes:
    content = io.BytesIO()
    image.save(content, "PNG")
    return content.getvalue()


def a_file(content: bytes, name: str = "a.png") -> dict:
    return {"name": name, "content": base64.b64encode(content).decode()}


def in_a_row(*indices: int) -> Image.Image:
    """Return these MNIST test digits in a row, black on white."""
    digits = [np.pad(mnist.final_test().images[index].numpy(), ((10, 10), (2, 2))) for index in indices]
    image = Image.fromarray(255 - np.concatenate(digits, 1))
    return image.resize((5 * image.width, 5 * image.height), Image.Resampling.BICUBIC)


def test_the_examples_are_mnists_unchanged_digits():
    digits = mnist.final_test()
    for index, example in zip(EXAMPLES, examples(), strict=True):
        assert example["name"] == f"mnist-test/{index}"
        assert base64.b64decode(example["pixels"]) == digits.images[index].numpy().tobytes()
        assert f"A {digits.labels[index]} of" in example["label"]


def test_an_uploaded_picture_is_stored_as_ink_under_a_name():
    visitors = Visitors(LeNet5())
    paper = Image.new("L", (200, 200), 230)
    paper.paste(30, (90, 30, 110, 170))
    opened = read_file(visitors, a_file(png(paper)))
    picture = opened["picture"]
    ink = np.frombuffer(base64.b64decode(picture["pixels"]), np.uint8).reshape(picture["height"], picture["width"])
    assert ink[ink.shape[0] // 2, ink.shape[1] // 2] == 255
    assert ink[:, 0].max() == 0
    assert opened["drawing"] == {"width": 280, "height": 280, "strokes": [], "picture": picture["name"]}
    assert np.array_equal(visitors.picture(picture["name"]), ink)


def test_page_and_command_read_a_picture_the_same(shipped):
    visitors, content = Visitors(shipped), png(in_a_row(3))
    opened = read_file(visitors, a_file(content))
    [page, command] = answer(
        shipped,
        [prepare_drawing(opened["drawing"], visitors.picture), prepare_picture(open_picture(io.BytesIO(content)))],
    )
    assert page.digit == command.digit == 0
    assert page.probabilities == command.probabilities


def test_a_picture_of_several_digits_comes_on_a_wide_sheet(shipped):
    opened = read_file(Visitors(shipped), a_file(png(in_a_row(0, 1, 3))))
    assert opened["drawing"]["width"] > opened["drawing"]["height"]


@pytest.mark.parametrize("name", ["drawing.json", "DRAWING.JSON", "pasted"])
def test_a_saved_drawing_opens_again(name):
    drawing = a_drawing(a_stroke(), a_stroke([[1, 1], [5, 5]], erase=True))
    opened = read_file(Visitors(LeNet5()), a_file(json.dumps(drawing).encode(), name))
    assert opened == {"drawing": drawing, "picture": None}


def test_a_saved_svg_opens_again():
    drawing = a_drawing(a_stroke(erase=False), a_stroke([[1, 1], [5, 5]], width=9, erase=True))
    opened = read_file(Visitors(LeNet5()), a_file(sheet(drawing, None).encode(), "drawing.svg"))
    assert opened["drawing"]["strokes"] == drawing["strokes"]


def test_a_drawing_on_a_picture_opens_with_it():
    drawing = a_drawing(a_stroke(), picture="mnist-test/3")
    opened = read_file(Visitors(LeNet5()), a_file(json.dumps(drawing).encode(), "drawing.json"))
    assert opened["picture"]["name"] == "mnist-test/3"


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (None, "A picture must come as base64 text."),
        ({"name": "a.png", "content": 3}, "A picture must come as base64 text."),
        ({"name": "a.png", "content": "***"}, "The picture is not whole base64 text."),
        ({"name": "a.png", "content": "é"}, "The picture is not whole base64 text."),
        (
            a_file(b"notes"),
            "This file is not a picture that can be read; PNG, JPEG, WebP, AVIF, GIF, BMP and TIFF can.",
        ),
        (a_file(b"{", "a.json"), "this is not JSON; a drawing is an object with width, height and strokes."),
        (a_file(b"{}", "a.json"), "The drawing's width must be a number from 16 to 4096, not missing."),
        (
            a_file(png(Image.new("L", (50, 50), 200))),
            "No ink was found in the picture; a digit should stand out clearly from its paper.",
        ),
        (
            a_file(png(Image.new("1", (13_000, 13_000)))),
            "This file has 13,000 x 13,000 pixels; at most 20,000,000 in all are read.",
        ),
    ],
)
def test_an_unreadable_file_is_refused_in_a_sentence(file, sentence):
    with pytest.raises(InputError) as fault:
        read_file(Visitors(LeNet5()), file)
    assert str(fault.value) == sentence
