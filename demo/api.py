"""The public API: /classify, /read_number, /explain and /retrain, with types that become its schema."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import gradio as gr
import orjson
from typing_extensions import Required, TypedDict

from demo.explain.explanation import read
from demo.explain.explanations import ExplanationValues, explain_all
from demo.retrain.run import BusyError, DeviceError, Moment, Trainer
from demo.serving.address import visitor_of
from demo.serving.calls import Calls, quick
from demo.serving.log import log
from demo.serving.refused import Refused
from demo.serving.sessions import is_read
from demo.serving.uploads import picture_in
from demo.visitors import Visitors
from lenet.errors import InputError
from lenet.reading import number
from lenet.reading.answer import answer, prepare_drawing, prepare_picture
from lenet.training.recipe import Recipe


# Gradio's schema can't mark single keys as optional, so in it all of these are.
class StrokeValue(TypedDict, total=False):
    points: Required[list[list[float]]]
    width: Required[float]
    erase: bool


class DrawingValue(TypedDict, total=False):
    width: Required[float]
    height: Required[float]
    strokes: Required[list[StrokeValue]]
    picture: str | None


class UnitValue(TypedDict, total=False):
    stage: Required[str]
    index: Required[int]
    row: int
    column: int


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


def add_api(visitors: Visitors, trainer: Trainer, calls: Calls) -> None:
    """Add the endpoints to the page, inside a gr.Blocks. `calls` computes all except /retrain."""
    calls.add("classify", quick(partial(_classify, visitors)))
    calls.add("read_number", quick(partial(_read_number, visitors)))
    calls.add("explain", partial(_explain, visitors))

    async def classify(drawing: DrawingValue, weights: str = "", request: gr.Request | None = None) -> Classification:
        """Read a drawn digit. `digit` is null if the drawing is not a digit or ambiguous; `reason` says which.

        Args:
            drawing: pen strokes in pixels of a sheet, y down; a picture such as "mnist-test/42" may lie under them.
                Or a picture: a file from gradio_client's handle_file, or a data URL
            weights: an id from /retrain; empty for the shipped weights, "1998" for the network of 1998
        """
        return await _answer(calls, "classify", request, drawing=drawing, weights=weights)

    async def read_number(drawing: DrawingValue, weights: str = "", request: gr.Request | None = None) -> NumberRead:
        """Read a number of several digits. `number` is their text, or null if there is none; `reason` says why.

        Args:
            drawing: as for /classify
            weights: as for /classify
        """
        return await _answer(calls, "read_number", request, drawing=drawing, weights=weights)

    async def explain(
        drawing: DrawingValue,
        weights: str = "",
        digit: int | None = None,
        against: int | None = None,
        unit: UnitValue | None = None,
        off: list[tuple[str, int]] | None = None,
        change_to: int | None = None,
        request: gr.Request | None = None,
    ) -> ExplanationValues:
        """Explain an answer: what supports it, what would change it, and which training digits are similar.

        Args:
            drawing: as for /classify
            weights: as for /classify
            digit: the digit to explain; by default the one that is read
            against: a digit to compare it with: why this one and not that one
            unit: a stage (C1, S2, C3, S4, C5, F6, output), the index of a map or unit, and a pixel, to get its sum
            off: pairs of a stage and the index of a map or unit to switch off, to get the answer without them
            change_to: the digit that a small change should make of it; by default the second most likely one
        """
        options = {"digit": digit, "against": against, "unit": unit, "off": off, "change_to": change_to}
        return await _answer(calls, "explain", request, drawing=drawing, weights=weights, **options)

    def retrain(
        epochs: int = Recipe.epochs,
        batch_size: int = Recipe.batch_size,
        learning_rate: float = Recipe.learning_rate,
        seed: int = Recipe.seed,
        from_scratch: bool = True,
        weights: str = "",
        request: gr.Request | None = None,
    ) -> Iterator[TrainingProgress]:
        """Train a network of your own in some seconds; the last record's `weights` is its id for the other calls.

        Args:
            epochs: passes over the 55,000 training digits
            batch_size: digits per step
            learning_rate: the highest of the cycle
            seed: the same seed gives the same weights
            from_scratch: whether to start from random weights (of the same network) instead of `weights`
            weights: the id of the weights to start from, as for /classify
        """
        try:
            recipe = Recipe(epochs, batch_size, learning_rate, seed)
            heard = partial(is_read, request.session_hash if request else None)
            for moment in trainer.run(recipe, weights, from_scratch, address=visitor_of(request), heard=heard):
                yield _record(moment)
        except (InputError, DeviceError, BusyError) as fault:
            raise _refusal(type(fault).__name__, str(fault)) from fault

    for function in (classify, read_number, explain):
        gr.api(function, api_name=function.__name__, queue=False, concurrency_limit=None)
    gr.api(retrain, api_name="retrain", concurrency_limit=None)


async def _answer(calls: Calls, name: str, request: gr.Request | None, **values: Any) -> Any:
    """Return a worker's answer to these values. Raises gr.Error with a sentence for the caller."""
    direct = request is not None and "/run/" in request.url.path
    try:
        # A queued request's connection is closed already.
        has_left = request.is_disconnected if direct else None
        answer = orjson.loads(await calls.call(name, json.dumps(values).encode(), visitor_of(request), has_left))
    except Refused as refused:
        raise _refusal("busy", str(refused)) from refused
    if "error" in answer:
        raise _refusal("InputError", answer["error"])
    return answer


def _refusal(kind: str, sentence: str) -> gr.Error:
    """Return the exception for a refused call. Only its kind is logged, because the sentence may quote the call."""
    log("refused", reason=kind)
    return gr.Error(sentence, print_exception=False)


def _classify(visitors: Visitors, request: dict) -> Classification:
    ink = picture_in(request["drawing"])
    prepared = prepare_drawing(request["drawing"], visitors.picture) if ink is None else prepare_picture(ink)
    result = answer(visitors.known(request["weights"]), [prepared])[0]
    return _fields(result, *Classification.__annotations__)


def _read_number(visitors: Visitors, request: dict) -> NumberRead:
    model, ink = visitors.known(request["weights"]), picture_in(request["drawing"])
    if ink is None:
        read = number.read_number(model, request["drawing"], find=visitors.picture)
    else:
        read = number.read_number_in_picture(model, ink)
    digits = [_fields(one, *DigitOfNumber.__annotations__) for one in read.digits]
    return {"number": read.text, "confidence": read.confidence, "reason": read.reason, "digits": digits}


def _explain(visitors: Visitors, request: dict) -> dict:
    return explain_all(read(visitors, request["drawing"], request["weights"]), request)


def _record(moment: Moment) -> Any:
    """Return a moment as TrainingProgress."""
    progress = _fields(moment.progress, "epoch", "loss", "accuracy", "seconds", "seconds_left")
    return _fields(moment, "ahead") | progress | _fields(moment, "weights")


def _fields(value: object, *names: str) -> Any:
    """Return the named attributes of a value; all None if the value is None."""
    return {name: value and getattr(value, name) for name in names}
