"""A run's records reach the page and agents at once, in order, and as long as somebody reads."""

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
import torch
from gradio_client import Client

from demo.retrain import progress
from demo.retrain.run import Trainer
from demo.visitors import Visitors
from lenet import mnist
from lenet.errors import InputError
from lenet.training.loop import untrained
from tests.in_process import page_in_process
from tests.test_run import PATIENCE, Steps
from visitor.drawings import a_drawing, a_stroke


@pytest.fixture(scope="module")
def steps(few_digits) -> Iterator[Steps]:
    """A replacement for LeNet-5's training."""
    fake = Steps()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("demo.retrain.run.train", fake)
        patch.setattr("demo.retrain.run.teach", fake)
        patch.setattr("demo.retrain.run.RECORD_INTERVAL", 0)
        patch.setattr(mnist, "training_and_validation", lambda: (few_digits, few_digits))
        patch.setattr(mnist, "final_test", lambda: few_digits)
        yield fake


@pytest.fixture(scope="module")
def url(steps) -> Iterator[str]:
    with page_in_process() as address:
        yield address


def start(url: str, options: dict) -> HTTPConnection:
    connection = HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE)
    connection.request("POST", "/lenet/progress/train", json.dumps(options))
    return connection


@pytest.mark.slow
def test_each_record_reaches_the_page_while_the_run_goes_on(url, steps):
    steps.ended.clear()
    connection = start(url, {"recipe": {}})
    lines = connection.getresponse()
    for step in range(1, 20):
        steps.allow(1)
        record = {"state": "waiting"}
        while record["state"] == "waiting":
            record = json.loads(lines.readline())
        assert (record["state"], record["step"]) == ("training", step)
        assert not steps.ended.is_set()
    steps.allow(1)
    states = [json.loads(line)["state"] for line in lines]
    assert states == ["training", "comparing", "choice"]
    connection.close()


@pytest.mark.slow
def test_each_record_reaches_an_agent_while_the_run_goes_on(url, steps):
    steps.ended.clear()
    job = iter(Client(url, verbose=False).submit(epochs=1, api_name="/retrain"))
    for step in range(1, 20):
        steps.allow(1)
        record = {"epoch": None}
        while record["epoch"] is None:
            record = next(job)
        assert record["epoch"] == pytest.approx(step / 20)
        assert not steps.ended.is_set()
    steps.allow(1)
    assert [record["weights"] is None for record in job] == [False]


@pytest.mark.slow
def test_a_run_whose_reader_leaves_ends(url, steps):
    steps.ended.clear()
    connection = start(url, {"recipe": {}})
    lines = connection.getresponse()
    assert json.loads(lines.readline())["state"] == "waiting"
    lines.close()
    connection.close()
    for _ in range(19):  # it takes twenty steps to end by itself
        steps.allow(1)
        if steps.ended.wait(PATIENCE / 20):
            break
    assert steps.ended.is_set()


@pytest.mark.slow
def test_invalid_json_is_refused(url):
    connection = HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE)
    connection.request("POST", "/lenet/progress/train", "{")
    assert connection.getresponse().status == 400
    connection.close()


def test_the_last_value_has_the_network_with_its_file_and_the_comparison(steps):
    steps.allow()
    options = {"recipe": {"epochs": 2}, "drawing": a_drawing(a_stroke())}
    *_, training, comparing, choice = progress.follow(a_trainer(), options)
    assert (training["state"], comparing["state"], choice["state"]) == ("training", "comparing", "choice")
    assert choice["words"] == "Trained for 0.0 s. Keep the new weights?"
    assert choice["network"]["label"] == "Retrained"
    assert choice["network"]["accuracy"] == choice["comparison"]["accuracy"]
    assert json.dumps(choice)


def a_trainer() -> Trainer:
    return Trainer(Visitors(untrained(3).eval()), torch.device("cpu"))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "Not taught: There are no examples yet: draw a digit and say what it is."),
        ({"recipe": {"epochs": 1_000}}, "Not trained: epochs must be from 1 to 20 here, not 1,000."),
        ({"recipe": {"seed": "x"}}, "Not trained: seed must be a whole number from 0 to 2147483647, not 'x'."),
        ({"examples": "mine"}, "Not taught: Examples must be a list of drawings and the digits that they are."),
    ],
)
def test_an_impossible_request_is_refused_in_a_sentence(steps, options, words):
    assert list(progress.follow(a_trainer(), options)) == [{"state": "failed", "words": words}]


def test_an_unexpected_fault_is_logged_and_shown_without_its_details(steps, monkeypatch, capsys):
    def fail(*_, **__):
        raise KeyError("nobody's business")

    monkeypatch.setattr("demo.retrain.run.train", fail)
    *_, last = progress.follow(a_trainer(), {"recipe": {}})
    assert last["words"].startswith("Not trained: something broke on the server.")
    log = capsys.readouterr().err
    assert '"fault": "KeyError"' in log
    assert "business" not in log


def test_missing_data_are_reported(steps, monkeypatch):
    def missing():
        raise InputError("train-images-idx3-ubyte.gz is missing.")

    monkeypatch.setattr(mnist, "training_and_validation", missing)
    *_, last = progress.follow(a_trainer(), {"recipe": {}})
    assert last == {"state": "failed", "words": "Not trained: train-images-idx3-ubyte.gz is missing."}
