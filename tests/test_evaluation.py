"""Evaluations are correct, and the shipped weights are as accurate as their metadata say."""

import json

import pytest
import torch

from lenet import mnist
from lenet.errors import InputError
from lenet.evaluate import main
from lenet.mnist import Digits
from lenet.network.checkpoint import SHIPPED_OF, load_checkpoint
from lenet.reading.preparation import frame
from lenet.training.evaluation import CALIBRATION_BINS, Evaluation, evaluate


@pytest.fixture
def guesses() -> Evaluation:
    """A thousand answers of different confidences, some of them correct."""
    generator = torch.Generator().manual_seed(1)
    probabilities = (torch.randn(1_000, 10, generator=generator) * 3).softmax(1)
    chance = torch.rand(1_000, generator=generator) < 0.6
    labels = torch.where(chance, probabilities.argmax(1), torch.randint(10, (1_000,), generator=generator))
    return Evaluation(probabilities, labels)


def slow_calibration_error(evaluation: Evaluation) -> float:
    """The oracle: sort the answers into bins by confidence; compare each bin's mean confidence and accuracy."""
    bins = [[] for _ in range(CALIBRATION_BINS)]
    for probabilities, label in zip(evaluation.probabilities.tolist(), evaluation.labels.tolist(), strict=True):
        confidence = max(probabilities)
        right = probabilities.index(confidence) == label
        bins[min(int(confidence * CALIBRATION_BINS), CALIBRATION_BINS - 1)].append((confidence, right))
    error = 0.0
    for members in filter(None, bins):
        mean_confidence = sum(confidence for confidence, _ in members) / len(members)
        accuracy = sum(right for _, right in members) / len(members)
        error += len(members) / len(evaluation.labels) * abs(mean_confidence - accuracy)
    return error


def test_errors_and_accuracy_are_counted(guesses):
    wrong = sum(
        probabilities.index(max(probabilities)) != label
        for probabilities, label in zip(guesses.probabilities.tolist(), guesses.labels.tolist(), strict=True)
    )
    assert guesses.errors == wrong > 0
    assert guesses.accuracy == pytest.approx(1 - wrong / 1_000)


def test_the_calibration_error_equals_a_slow_computation(guesses):
    assert guesses.calibration_error == pytest.approx(slow_calibration_error(guesses))


@pytest.mark.parametrize(("answer", "error"), [(7, 0), (3, 1)])
def test_certainty_is_calibrated_only_where_it_is_right(answer, error):
    certain = torch.nn.functional.one_hot(torch.tensor([answer] * 5), 10).float()
    assert Evaluation(certain, torch.tensor([7] * 5)).calibration_error == error


def test_the_confusion_table_has_the_labels_in_its_rows():
    answers = torch.nn.functional.one_hot(torch.tensor([1, 7, 7]), 10).float()
    confusion = Evaluation(answers, torch.tensor([1, 1, 7])).confusion
    assert (confusion[1, 1], confusion[1, 7], confusion[7, 7]) == (1, 1, 1)
    assert confusion.sum() == 3


def test_batching_makes_no_difference(shipped):
    digits = Digits(mnist.final_test().images[:1_500], mnist.final_test().labels[:1_500])
    at_once = shipped.read(frame(digits.images)).softmax(1)
    torch.testing.assert_close(evaluate(shipped, digits).probabilities, at_once.detach(), rtol=0, atol=1e-5)


def test_the_shipped_weights_are_as_accurate_as_their_metadata_say(capsys):
    assert main(["--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert list(report) == ["parameters", "images", "errors", "accuracy", "calibration_error"]
    assert (report["parameters"], report["images"]) == (61_706, 10_000)
    assert report["accuracy"] >= 0.9950
    assert report["accuracy"] == pytest.approx(1 - report["errors"] / 10_000)
    assert 0 <= report["calibration_error"] < 0.02


def test_without_json_there_is_a_confusion_table(capsys):
    assert main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["parameters", "61,706"]
    header, *rows = lines[-11:]
    assert header.split() == ["label", "\\", "answer", *map(str, range(10))]
    counts = [[int(count.replace("·", "0")) for count in row.split()] for row in rows]
    assert [row[0] for row in counts] == list(range(10))
    assert [sum(row[1:]) for row in counts] == torch.bincount(mnist.final_test().labels).tolist()


def test_a_missing_weights_file_is_reported(tmp_path, capsys):
    assert main(["--weights", str(tmp_path / "none.safetensors")]) == 1
    assert capsys.readouterr().err == f"There is no weights file {tmp_path / 'none.safetensors'}.\n"


def test_damaged_data_are_reported(monkeypatch, capsys):
    def damaged():
        raise InputError("MNIST is damaged.")

    monkeypatch.setattr(mnist, "final_test", damaged)
    assert main([]) == 1
    assert capsys.readouterr().err == "MNIST is damaged.\n"


def test_the_network_of_1998_is_as_accurate_as_its_metadata_say(capsys):
    assert main(["--network", "1998", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["parameters"] == 60_000
    _, metadata = load_checkpoint(SHIPPED_OF["1998"])
    assert report["accuracy"] == pytest.approx(float(metadata["test_accuracy"]), abs=1e-4)
    assert "--network 1998" in metadata["command"]
