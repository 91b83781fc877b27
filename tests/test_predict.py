"""The command answers all drawings and pictures in order, and reports invalid ones."""

import json

import numpy as np
import pytest
from PIL import Image

from demo.share.svg import sheet
from lenet import mnist
from lenet.predict import BATCH, main
from visitor.drawings import a_drawing, a_line, a_stroke

SEVEN = a_drawing(a_stroke())
ONE = a_drawing(a_stroke([[140, 40], [140, 240]]))
BLANK = a_drawing()
NOTHING = {"digit": None, "probabilities": None, "reason": "nothing drawn"}
NOT_JSON = "this is not JSON; a drawing is an object with width, height and strokes."


@pytest.fixture
def predict(capsys):
    """Run the command; return its status, its answers and its error lines."""

    def predict(*files, options=("--json",)):
        status = main([*map(str, files), *options])
        output, errors = capsys.readouterr()
        return status, [json.loads(line) for line in output.splitlines()], errors.splitlines()

    return predict


def write_lines(path, *lines):
    """Write a file with a drawing, or any other text, on each line."""
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    return path


def a_picture(path, index=0):
    """Write an MNIST test digit, by default a 7, as black ink on white."""
    digit = Image.fromarray(255 - mnist.final_test().images[index].numpy())
    digit.resize((280, 280), Image.Resampling.BICUBIC).save(path)
    return path


def test_a_picture_is_read(predict, tmp_path):
    status, (answer,), errors = predict(a_picture(tmp_path / "seven.png"))
    assert (status, errors) == (0, [])
    assert list(answer) == ["digit", "probabilities", "reason"]
    assert (answer["digit"], answer["reason"]) == (7, None)
    assert sum(answer["probabilities"]) == pytest.approx(1, abs=1e-5)


def test_a_drawing_is_read(predict, tmp_path):
    status, (answer,), _ = predict(write_lines(tmp_path / "seven.json", SEVEN))
    assert (status, answer["digit"]) == (0, 7)


def test_all_files_are_answered_in_order(predict, tmp_path):
    files = [
        write_lines(tmp_path / "many.jsonl", ONE, BLANK, SEVEN),
        a_picture(tmp_path / "seven.png"),
        write_lines(tmp_path / "one.json", ONE),
    ]
    status, answers, _ = predict(*files)
    assert status == 0
    assert [answer["digit"] for answer in answers] == [1, None, 7, 7, 1]


def test_more_than_a_batch_is_answered_in_order(predict, tmp_path):
    status, answers, _ = predict(write_lines(tmp_path / "many.jsonl", *[SEVEN] * BATCH, ONE, *[SEVEN] * 10))
    assert status == 0
    assert [answer["digit"] for answer in answers] == [7] * BATCH + [1] + [7] * 10


def test_a_blank_sheet_is_nothing_drawn(predict, tmp_path):
    assert predict(write_lines(tmp_path / "blank.json", BLANK)) == (0, [NOTHING], [])


def test_a_blank_picture_is_nothing_drawn(predict, tmp_path):
    Image.new("L", (50, 50), "white").save(tmp_path / "blank.png")
    assert predict(tmp_path / "blank.png") == (0, [NOTHING], [])


def test_blank_lines_are_skipped(predict, tmp_path):
    _, answers, _ = predict(write_lines(tmp_path / "many.jsonl", SEVEN, "", "  ", ONE))
    assert [answer["digit"] for answer in answers] == [7, 1]


def test_an_invalid_line_is_reported_and_the_others_are_answered(predict, tmp_path):
    file = write_lines(tmp_path / "many.jsonl", SEVEN, "{", a_drawing(width=3), "", a_drawing(picture="cat"), ONE)
    status, answers, errors = predict(file)
    faults = [
        f"{file}, line 2: {NOT_JSON}",
        f"{file}, line 3: The drawing's width must be a number from 16 to 4096, not 3.",
        f"{file}, line 5: There is no picture 'cat'; 'mnist-test/0' to 'mnist-test/9999' are there.",
    ]
    assert (status, errors) == (1, faults)
    assert [answer["digit"] for answer in answers] == [7, None, None, None, 1]
    assert [answer.get("error") for answer in answers] == [None, *faults, None]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", NOT_JSON),
        ("seven", NOT_JSON),
        ("[" * 100_000, NOT_JSON),
        (b"\xff\xfe\xff", NOT_JSON),
        ("9" * 5_000, NOT_JSON),
        ("[]", "A drawing must be an object with width, height and strokes, not a list."),
        (
            json.dumps(a_drawing(a_stroke([[1, float("nan")]]))),
            "Stroke 1 has a point that is not finite or lies far off the sheet.",
        ),
        (
            json.dumps(a_drawing(a_stroke([[1, 1]] * 10**6))),
            "The drawing has 1,000,000 points; at most 20,000 are read.",
        ),
    ],
)
def test_an_invalid_drawing_is_reported(predict, tmp_path, text, fault):
    file = tmp_path / "bad.json"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    status, answers, errors = predict(file)
    assert (status, errors) == (1, [f"{file}: {fault}"])
    assert answers == [{"digit": None, "probabilities": None, "reason": None, "error": f"{file}: {fault}"}]


def test_invalid_files_are_reported_and_the_others_are_answered(predict, tmp_path):
    letter, folder, missing = tmp_path / "letter.png", tmp_path / "folder", tmp_path / "missing.jsonl"
    letter.write_text("Dear reader")
    folder.mkdir()
    status, answers, errors = predict(letter, folder, missing, write_lines(tmp_path / "seven.json", SEVEN))
    assert status == 1
    assert errors == [
        f"{letter}: letter.png is not a picture that can be read; PNG, JPEG, WebP, AVIF, GIF, BMP and TIFF can.",
        f"{folder}: Is a directory.",
        f"{missing}: No such file or directory.",
    ]
    assert [answer["digit"] for answer in answers] == [None, None, None, 7]


def test_without_json_the_answers_are_plain_text(tmp_path, capsys):
    file = write_lines(tmp_path / "many.jsonl", SEVEN, BLANK, "{")
    assert main([str(file)]) == 1
    output, errors = capsys.readouterr()
    first, second = output.splitlines()
    assert first.startswith(f"{file}, line 1: 7 (")
    assert first.endswith("%)")
    assert second == f"{file}, line 2: nothing drawn"
    assert errors == f"{file}, line 3: {NOT_JSON}\n"


def test_other_weights_can_be_used(predict, tmp_path):
    status, answers, errors = predict(tmp_path / "any.png", options=("--weights", str(tmp_path / "none.safetensors")))
    assert (status, answers, errors) == (1, [], [f"There is no weights file {tmp_path / 'none.safetensors'}."])


def test_numbers_are_read_from_drawings(tmp_path, capsys):
    lines = write_lines(tmp_path / "numbers.jsonl", a_line("207"), BLANK, {"width": 3})
    assert main(["--number", "--json", str(lines)]) == 1
    output, errors = capsys.readouterr()
    number, empty, invalid = map(json.loads, output.splitlines())
    assert (number["number"], number["reason"]) == ("207", None)
    assert 0.5 < number["confidence"] <= 1
    assert (empty["number"], empty["reason"]) == (None, "nothing drawn")
    assert "width must be a number" in invalid["error"]
    assert errors.count("\n") == 1
    assert main(["--number", str(lines)]) == 1
    assert f"{lines}, line 1: 207 (" in capsys.readouterr().out


def test_numbers_are_read_from_pictures(tmp_path, capsys):
    digits = [np.pad(mnist.final_test().images[index].numpy(), ((10, 10), (2, 2))) for index in (0, 1, 3)]
    image = Image.fromarray(255 - np.concatenate(digits, 1)).resize((480, 240), Image.Resampling.BICUBIC)
    image.save(tmp_path / "720.png")
    assert main(["--number", str(tmp_path / "720.png")]) == 0
    assert ": 720 (" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["OWN.JSON", "own.ndjson", "own.JSONL"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_drawings_are_read_in_any_unicode_encoding_and_with_upper_case_endings(predict, tmp_path, name, encoding):
    file = tmp_path / name
    file.write_bytes((json.dumps(SEVEN) + "\n").encode(encoding))
    status, (answer,), errors = predict(file)
    assert (status, answer["digit"], errors) == (0, 7, [])


def test_an_svg_that_the_page_saved_is_read(predict, tmp_path):
    file = write_lines(tmp_path / "drawing.svg", sheet(SEVEN, None))
    assert predict(file)[1][0]["digit"] == 7


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("digits.csv", b"label,pixel0\n7,0", "holds numbers (NumPy, IDX or CSV)"),
        ("row.txt", b",".join([b"0"] * 784), "holds numbers (NumPy, IDX or CSV)"),
        ("digit.npy", b"\x93NUMPY\x01\x00", "holds numbers (NumPy, IDX or CSV)"),
        ("digits.npz", b"PK\x03\x04", "save one digit of it as PNG instead"),
        ("t10k-images-idx3-ubyte", b"\x00\x00\x08\x03\x00\x00", "save one digit of it as PNG instead"),
        ("other.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><path d='M0 0'/></svg>", "not saved by this page"),
        ("bomb.svg", b"<!DOCTYPE svg [<!ENTITY a 'a'>]><svg/>", "not saved by this page"),
    ],
)
def test_files_of_other_kinds_are_refused_with_the_kinds_that_are_read(predict, tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    status, (answer,), (error,) = predict(tmp_path / name)
    assert (status, answer["digit"]) == (1, None)
    assert words in error
