"""The public endpoints, /classify, /explain and /retrain, with their types as the schema."""

from collections.abc import Iterator

import gradio as gr
from typing_extensions import NotRequired, TypedDict

from demo.explain import ExplanationValue, UnitValue, explanation_of
from demo.explanation import NothingToExplain, read
from demo.live import INPUT_ERRORS
from demo.retrain.run import BusyError, DeviceError, Moment, Trainer
from demo.visitors import Visitors
from lenet.answer import answer, prepare_drawing
from lenet.mnist import MnistError
from lenet.model import LeNet5
from lenet.train import Recipe, RecipeError


class StrokeValue(TypedDict):
    points: list[list[float]]
    width: float
    erase: NotRequired[bool]


class DrawingValue(TypedDict):
    width: float
    height: float
    strokes: list[StrokeValue]
    picture: NotRequired[str | None]


class Classification(TypedDict):
    digit: int | None
    probabilities: list[float] | None
    reason: str | None


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

    def known_model(weights: str) -> LeNet5:
        model, known = visitors.model(weights)
        if not known:
            raise gr.Error(f"There are no weights with the id {str(weights)[:40]!r} here; retrain, or leave it out.")
        return model

    def classify(drawing: DrawingValue, weights: str = "") -> Classification:
        """Read a drawing with the shipped weights, or with those of a run whose id is given."""
        model = known_model(weights)
        try:
            result = answer(model, [prepare_drawing(drawing, visitors.picture)])[0]
        except INPUT_ERRORS as fault:
            raise gr.Error(str(fault)) from fault
        return {"digit": result.digit, "probabilities": result.probabilities, "reason": result.reason}

    def explain(
        drawing: DrawingValue,
        weights: str = "",
        digit: int | None = None,
        against: int | None = None,
        unit: UnitValue | None = None,
        off: list[tuple[str, int]] | None = None,
        change_to: int | None = None,
    ) -> ExplanationValue:
        """Why a drawing is read as it is, or why as `digit`, and why not `against`; the sum behind `unit`; the answer
        without the maps and units in `off`; what would make it `change_to`; and the training digits most like it."""
        known_model(weights)
        try:
            return explanation_of(read(visitors, drawing, weights), digit, against, unit, off, change_to)
        except (NothingToExplain, *INPUT_ERRORS) as fault:
            raise gr.Error(str(fault)) from fault

    def retrain(
        epochs: int = Recipe.epochs,
        batch_size: int = Recipe.batch_size,
        learning_rate: float = Recipe.learning_rate,
        seed: int = Recipe.seed,
        from_scratch: bool = True,
        weights: str = "",
    ) -> Iterator[TrainingProgress]:
        """Train a network of your own; the last record's `weights` is its id, for /classify and /retrain."""
        try:
            recipe = Recipe(epochs, batch_size, learning_rate, seed)
            for moment in trainer.run(recipe, weights, from_scratch):
                yield _record(moment)
        except (RecipeError, MnistError, DeviceError, BusyError) as fault:
            raise gr.Error(str(fault)) from fault

    gr.api(classify, api_name="classify", queue=False)
    gr.api(explain, api_name="explain")
    gr.api(retrain, api_name="retrain", concurrency_limit=None)


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
