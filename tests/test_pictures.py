"""Pictures for under the strokes: examples, and what visitors send."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from demo.panels.pictures.pictures import EXAMPLES, _taken, examples
from demo.visitors import Visitors
from lenet import mnist
from lenet.network.lenet5 import LeNet5
from lenet.reading.picture import PictureError


def sent(image: Image.Image) -> str:
    content = io.BytesIO()
    image.save(content, "PNG")
    return base64.b64encode(content.getvalue()).decode()


def test_the_examples_are_mnists_digits_as_they_are():
    digits = mnist.final_test()
    for index, example in zip(EXAMPLES, examples(), strict=True):
        assert example["name"] == f"mnist-test/{index}"
        assert base64.b64decode(example["pixels"]) == digits.images[index].numpy().tobytes()
        assert f"A {digits.labels[index]} of" in example["label"]


def test_a_sent_picture_is_kept_as_ink_under_a_name():
    visitors = Visitors(LeNet5())
    paper = Image.new("L", (200, 200), 230)
    paper.paste(30, (90, 30, 110, 170))
    taken = _taken(visitors, sent(paper))
    ink = np.frombuffer(base64.b64decode(taken["pixels"]), np.uint8).reshape(taken["height"], taken["width"])
    assert ink[100, 100] == 255
    assert ink[100, 20] == 0
    assert np.array_equal(visitors.picture(taken["name"]), ink)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "A picture must come as base64 text."),
        ("***", "The picture is not whole base64 text."),
        ("é", "The picture is not whole base64 text."),
        (
            base64.b64encode(b"notes").decode(),
            "the picture is not a picture that can be read; PNG, JPEG, WebP, GIF and BMP can.",
        ),
        (
            sent(Image.new("L", (50, 50), 200)),
            "No ink was found in the picture; a digit should stand out clearly from its paper.",
        ),
        (
            sent(Image.new("1", (13_000, 13_000))),
            "the picture has 13,000 x 13,000 pixels; at most 20,000,000 in all are read.",
        ),
    ],
)
def test_what_can_not_be_read_gets_one_sentence(content, sentence):
    with pytest.raises(PictureError, match=f"^{re.escape(sentence)}$"):
        _taken(Visitors(LeNet5()), content)
