"""The public endpoints, /classify, /read_number, /explain and /retrain, with their types as the schema."""

from collections.abc import Iterator

import gradio as gr
from typing_extensions import Required, TypedDict

from demo.explain.api_values import ExplanationValue, UnitValue, explanation_of
from demo.explain.explanation import read
from demo.retrain.run import BusyError, DeviceError, Moment, Trainer
from demo.serving.log import log
from demo.visitors import Visitors
from lenet.errors import InputError
from lenet.network.lenet5 import LeNet
from lenet.reading import number
from lenet.reading.answer import answer, prepare_drawing
from lenet.training.recipe import Recipe


# Gradio's schema knows no single key that may be left out, so it names none of these as required.
class StrokeValue(TypedDict, total=False):
    points: Required[list[list[float]]]
    width: Required[float]
    erase: bool


class DrawingValue(TypedDict, total=False):
    width: Required[float]
    height: Required[float]
    strokes: Required[list[StrokeValue]]
    picture: str | None


class Classification(TypedDict):
    digit: int | None
    probabilities: list[float] | None
    reason: str | None


class DigitOfNumber(TypedDict):
    digit: int
    probabilities: list[float]
    reason: str | None
    box: list[float]


class NumberRead(TypedDict):
    number: str | None
    confidence: float | None
    reason: str | None
    digits: list[DigitOfNumber]


class TrainingProgress(TypedDict):
    ahead: int
    epoch: float | None
    loss: float | None
    accuracy: float | None
    seconds: float | None
    seconds_left: float | None
    weights: str | None


def add_api(visitors: Visitors, trainer: Trainer) -> None:
    """Add the endpoints to the page, inside a gr.Blocks."""

    def known_model(weights: str) -> LeNet:
        model, known = visitors.model(weights)
        if not known:
            sentence = f"There are no weights with the id {str(weights)[:40]!r} here; retrain, or leave it out."
            raise _refusal("unknown weights", sentence)
        return model

    def classify(drawing: DrawingValue, weights: str = "") -> Classification:
        """Read a digit that was drawn. `digit` is null where it is none, or not to be told from another: see `reason`.

        Args:
            drawing: pen strokes in pixels of a sheet, y down; a picture such as "mnist-test/42" may lie under them
            weights: the id that /retrain gave; empty for the weights that everybody has, "1998" for the network of 1998
        """
        model = known_model(weights)
        try:
            result = answer(model, [prepare_drawing(drawing, visitors.picture)])[0]
        except InputError as fault:
            raise _refusal(type(fault).__name__, str(fault)) from fault
        return {"digit": result.digit, "probabilities": result.probabilities, "reason": result.reason}

    def read_number(drawing: DrawingValue, weights: str = "") -> NumberRead:
        """Read a number of several digits. `number` is their text, or null where there is none: see `reason`.

        Args:
            drawing: pen strokes in pixels of a sheet, y down, without a picture
            weights: as for /classify
        """
        model = known_model(weights)
        try:
            read = number.read_number(model, drawing)
        except InputError as fault:
            raise _refusal(type(fault).__name__, str(fault)) from fault
        digits = [{name: getattr(one, name) for name in DigitOfNumber.__annotations__} for one in read.digits]
        return {"number": read.text, "confidence": read.confidence, "reason": read.reason, "digits": digits}

    def explain(
        drawing: DrawingValue,
        weights: str = "",
        digit: int | None = None,
        against: int | None = None,
        unit: UnitValue | None = None,
        off: list[tuple[str, int]] | None = None,
        change_to: int | None = None,
    ) -> ExplanationValue:
        """Why a drawing is read as it is: what speaks for it, what would change it, and which digits are like it.

        Args:
            drawing: as for /classify
            weights: as for /classify
            digit: the digit to explain; the one that is read where it is left out
            against: a digit to compare it with: why this one and not that one
            unit: a stage (C1, S2, C3, S4, C5, F6, output), a map or unit of it and a pixel, to see its whole sum
            off: stages and maps or units to switch off, to see the answer without them
            change_to: a digit to look for the smallest change to; the likeliest other one where it is left out
        """
        known_model(weights)
        try:
            return explanation_of(read(visitors, drawing, weights), digit, against, unit, off, change_to)
        except InputError as fault:
            raise _refusal(type(fault).__name__, str(fault)) from fault

    def retrain(
        epochs: int = Recipe.epochs,
        batch_size: int = Recipe.batch_size,
        learning_rate: float = Recipe.learning_rate,
        seed: int = Recipe.seed,
        from_scratch: bool = True,
        weights: str = "",
    ) -> Iterator[TrainingProgress]:
        """Train a network of your own, in some seconds; the last record's `weights` is its id, for the other calls.

        Args:
            epochs: passes over the 55,000 training digits
            batch_size: digits a step
            learning_rate: the highest of the cycle
            seed: the same seed, the same weights
            from_scratch: whether to start from random weights, of the same network as `weights`, or from these
            weights: the id of the weights to go on from, as for /classify
        """
        try:
            recipe = Recipe(epochs, batch_size, learning_rate, seed)
            for moment in trainer.run(recipe, weights, from_scratch):
                yield _record(moment)
        except (InputError, DeviceError, BusyError) as fault:
            raise _refusal(type(fault).__name__, str(fault)) from fault

    gr.api(classify, api_name="classify", queue=False)
    gr.api(read_number, api_name="read_number", queue=False)
    gr.api(explain, api_name="explain")
    gr.api(retrain, api_name="retrain", concurrency_limit=None)


def _refusal(kind: str, sentence: str) -> gr.Error:
    """What to raise where a call can't be answered; the log gets its kind only, for a sentence may quote the call."""
    log("refused", reason=kind)
    return gr.Error(sentence, print_exception=False)


def _record(moment: Moment) -> TrainingProgress:
    progress = moment.progress
    return {
        "ahead": moment.ahead,
        "epoch": progress and progress.epoch,
        "loss": progress and progress.loss,
        "accuracy": progress and progress.accuracy,
        "seconds": progress and progress.seconds,
        "seconds_left": progress and progress.seconds_left,
        "weights": moment.weights,
    }
