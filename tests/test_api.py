"""The public endpoints, called by gradio_client."""

import base64

import httpx
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from lenet import mnist
from visitor.drawings import a_drawing, a_line, a_stroke


@pytest.fixture(scope="module")
def client(app_url) -> Client:
    return Client(app_url, verbose=False)


def test_only_these_endpoints_are_public(client):
    assert set(client.view_api(return_format="dict")["named_endpoints"]) == {
        "/classify",
        "/read_number",
        "/explain",
        "/retrain",
    }


def test_the_schema_names_what_a_drawing_and_an_answer_hold(app_url):
    info = httpx.get(f"{app_url}/gradio_api/info").json()["named_endpoints"]["/classify"]
    assert set(info["parameters"][0]["type"]["properties"]) == {"width", "height", "strokes", "picture"}
    assert set(info["returns"][0]["type"]["properties"]) == {"digit", "probabilities", "reason"}


def test_a_drawing_is_read(client):
    answer = client.predict(a_drawing(a_stroke()), api_name="/classify")
    assert answer["digit"] == 7
    assert len(answer["probabilities"]) == 10
    assert answer["reason"] is None


def test_a_blank_sheet_has_no_digit(client):
    answer = client.predict(a_drawing(), api_name="/classify")
    assert answer == {"digit": None, "probabilities": None, "reason": "nothing drawn"}


@pytest.mark.parametrize(
    ("drawing", "sentence"),
    [
        ("seven", "A drawing must be an object with width, height and strokes, not a text."),
        ({"width": 280}, "The drawing's height must be a number from 16 to 4096, not missing."),
        (a_drawing(a_stroke([[1, "2"]])), "Stroke 1 has a point that is not [x, y] in numbers: a list."),
        (a_drawing(a_stroke([[1, 2]] * 20_001)), "The drawing has 20,001 points; at most 20,000 are read."),
        (a_drawing(picture="mnist-test/10000"), "There is no picture"),
    ],
)
def test_an_invalid_drawing_is_refused_in_a_sentence(client, drawing, sentence):
    with pytest.raises(AppError) as fault:
        client.predict(drawing, api_name="/classify")
    assert sentence in str(fault.value)


def test_a_number_is_read_digit_by_digit(client):
    number = client.predict(a_line("4207"), api_name="/read_number")
    assert (number["number"], number["reason"]) == ("4207", None)
    assert [one["digit"] for one in number["digits"]] == [4, 2, 0, 7]
    left, top, right, bottom = number["digits"][0]["box"]
    assert left < right < number["digits"][1]["box"][2]
    assert top < bottom
    assert client.predict(a_drawing(picture="mnist-test/0"), api_name="/read_number")["number"] == "7"


def test_a_picture_is_read_from_a_file_or_a_data_url(client, tmp_path):
    file = tmp_path / "seven.png"
    Image.fromarray(255 - mnist.final_test().images[0].numpy()).save(file)
    url = f"data:image/png;base64,{base64.b64encode(file.read_bytes()).decode()}"
    for picture in (handle_file(file), url):
        assert client.predict(picture, api_name="/classify")["digit"] == 7
        assert client.predict(picture, api_name="/read_number")["number"] == "7"


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        ({"path": "/etc/passwd"}, "The drawing's width must be a number"),
        ({"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}, "This file is not a picture that can be read"),
        ("data:image/png;base64,***", "The data URL is not whole"),
        ("data:image/png", "The data URL is not whole"),
        ("data:image/png;base64,AAAA", "is not a picture that can be read"),
    ],
)
def test_an_invalid_picture_is_refused_in_a_sentence(client, picture, words):
    with pytest.raises(AppError, match=words):
        client.predict(picture, api_name="/classify")


def test_unknown_weights_are_refused_in_a_sentence(client):
    with pytest.raises(AppError, match="The server does not have these weights"):
        client.predict(a_drawing(a_stroke()), "guessed", api_name="/classify")


def test_a_run_yields_progress_and_ends_with_an_id_to_classify_with(client):
    job = client.submit(epochs=1, batch_size=512, api_name="/retrain")
    job.result()
    records = job.outputs()
    assert len(records) > 3
    assert [record["weights"] for record in records[:-1]] == [None] * (len(records) - 1)
    assert records[-1]["accuracy"] > 0.9
    answer = client.predict(a_drawing(a_stroke()), records[-1]["weights"], api_name="/classify")
    assert answer["probabilities"] != client.predict(a_drawing(a_stroke()), api_name="/classify")["probabilities"]


def test_a_recipe_out_of_bounds_is_refused_in_a_sentence(client):
    with pytest.raises(AppError, match="batch size must be a whole number from 8 to 4096, not 1"):
        client.predict(batch_size=1, api_name="/retrain")
