"""Files are put on the sheet in a real browser: pictures of one digit, of several, and saved drawings."""

import io
import json

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from demo.share.svg import sheet
from lenet import mnist
from visitor.drawings import a_drawing, a_line, a_stroke


def png(*indices: int) -> bytes:
    digits = [np.pad(mnist.final_test().images[index].numpy(), ((10, 10), (2, 2))) for index in indices]
    image = Image.fromarray(255 - np.concatenate(digits, 1)).resize((48 * 4 * len(digits), 48 * 4))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def choose(page, name: str, content: bytes) -> None:
    page.locator("#pictures input").set_input_files({"name": name, "mimeType": "", "buffer": content})


@pytest.mark.parametrize(
    ("name", "content", "panel", "words"),
    [
        ("seven.png", png(0), "answer", "I read a 7"),
        ("720.png", png(0, 1, 3), "number", "I read 720"),
        ("drawing.JSON", json.dumps(a_drawing(a_stroke())).encode(), "answer", "I read a 7"),
        ("drawing.svg", sheet(a_drawing(a_stroke()), None).encode(), "answer", "I read a 7"),
        ("number.json", json.dumps(a_line("42")).encode("utf-16"), "number", "I read 42"),
        ("digits.csv", b"label,pixel0", "answer", "digits.csv holds numbers"),
    ],
)
def test_a_file_is_put_on_the_sheet_and_read(page, name, content, panel, words):
    choose(page, name, content)
    expect(page.locator(f"#{panel} .words")).to_contain_text(words)


def test_a_drawing_that_is_pasted_as_text_is_put_on_the_sheet(page):
    page.evaluate(
        """(text) => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text", text);
          document.dispatchEvent(new ClipboardEvent("paste", { clipboardData }));
        }""",
        json.dumps(a_drawing(a_stroke())),
    )
    expect(page.locator("#answer .words")).to_contain_text("I read a 7")
