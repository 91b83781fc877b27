"""The command answers every drawing and picture in order, and says where a bad one is."""

import json

import pytest
from PIL import Image

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
    """Runs the command; its status, its answers and its lines on standard error."""

    def predict(*files, options=("--json",)):
        status = main([*map(str, files), *options])
        output, errors = capsys.readouterr()
        return status, [json.loads(line) for line in output.splitlines()], errors.splitlines()

    return predict


def written(path, *lines):
    """A file with a drawing, or any other text, on each line."""
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    return path


def a_picture(path, index=0):
    """One of MNIST's test digits, the first a 7, as black ink on white."""
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
    status, (answer,), _ = predict(written(tmp_path / "seven.json", SEVEN))
    assert (status, answer["digit"]) == (0, 7)


def test_all_files_are_answered_in_order(predict, tmp_path):
    files = [
        written(tmp_path / "many.jsonl", ONE, BLANK, SEVEN),
        a_picture(tmp_path / "seven.png"),
        written(tmp_path / "one.json", ONE),
    ]
    status, answers, _ = predict(*files)
    assert status == 0
    assert [answer["digit"] for answer in answers] == [1, None, 7, 7, 1]


def test_more_than_a_batch_is_answered_in_order(predict, tmp_path):
    status, answers, _ = predict(written(tmp_path / "many.jsonl", *[SEVEN] * BATCH, ONE, *[SEVEN] * 10))
    assert status == 0
    assert [answer["digit"] for answer in answers] == [7] * BATCH + [1] + [7] * 10


def test_a_blank_sheet_is_nothing_drawn(predict, tmp_path):
    assert predict(written(tmp_path / "blank.json", BLANK)) == (0, [NOTHING], [])


def test_a_blank_picture_is_nothing_drawn(predict, tmp_path):
    Image.new("L", (50, 50), "white").save(tmp_path / "blank.png")
    assert predict(tmp_path / "blank.png") == (0, [NOTHING], [])


def test_blank_lines_are_passed_over(predict, tmp_path):
    _, answers, _ = predict(written(tmp_path / "many.jsonl", SEVEN, "", "  ", ONE))
    assert [answer["digit"] for answer in answers] == [7, 1]


def test_a_bad_line_is_named_and_the_others_are_answered(predict, tmp_path):
    file = written(tmp_path / "many.jsonl", SEVEN, "{", a_drawing(width=3), "", a_drawing(picture="cat"), ONE)
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
def test_a_bad_drawing_is_named(predict, tmp_path, text, fault):
    file = tmp_path / "bad.json"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    status, answers, errors = predict(file)
    assert (status, errors) == (1, [f"{file}: {fault}"])
    assert answers == [{"digit": None, "probabilities": None, "reason": None, "error": f"{file}: {fault}"}]


def test_bad_files_are_named_and_the_others_are_answered(predict, tmp_path):
    letter, folder, missing = tmp_path / "letter.png", tmp_path / "folder", tmp_path / "missing.jsonl"
    letter.write_text("Dear reader")
    folder.mkdir()
    status, answers, errors = predict(letter, folder, missing, written(tmp_path / "seven.json", SEVEN))
    assert status == 1
    assert errors == [
        f"{letter}: letter.png is not a picture that can be read; PNG, JPEG, WebP, GIF and BMP can.",
        f"{folder}: Is a directory.",
        f"{missing}: No such file or directory.",
    ]
    assert [answer["digit"] for answer in answers] == [None, None, None, 7]


def test_without_json_the_answers_are_for_people(tmp_path, capsys):
    file = written(tmp_path / "many.jsonl", SEVEN, BLANK, "{")
    assert main([str(file)]) == 1
    output, errors = capsys.readouterr()
    first, second = output.splitlines()
    assert first.startswith(f"{file}, line 1: 7 (")
    assert first.endswith("%)")
    assert second == f"{file}, line 2: nothing drawn"
    assert errors == f"{file}, line 3: {NOT_JSON}\n"


def test_other_weights_can_be_named(predict, tmp_path):
    status, answers, errors = predict(tmp_path / "any.png", options=("--weights", str(tmp_path / "none.safetensors")))
    assert (status, answers, errors) == (1, [], [f"There is no weights file {tmp_path / 'none.safetensors'}."])


def test_numbers_are_read_from_drawings_and_not_from_pictures(tmp_path, capsys):
    lines = tmp_path / "numbers.jsonl"
    lines.write_text("\n".join(json.dumps(each) for each in (a_line("207"), a_drawing(), {"width": 3})))
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"")
    assert main(["--number", "--json", str(lines), str(picture)]) == 1
    told, errors = capsys.readouterr()
    read, empty, wrong, refused = map(json.loads, told.splitlines())
    assert (read["number"], read["reason"]) == ("207", None)
    assert 0.5 < read["confidence"] <= 1
    assert (empty["number"], empty["reason"]) == (None, "nothing drawn")
    assert "width must be a number" in wrong["error"]
    assert "a number is read from the strokes of a drawing" in refused["error"]
    assert errors.count("\n") == 2
    assert main(["--number", str(lines)]) == 1
    assert f"{lines}, line 1: 207 (" in capsys.readouterr().out
