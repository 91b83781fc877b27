"""The progress of a run: start it, report its records, stop it, and compare the result with the network before."""

import base64
import math
from collections.abc import Generator
from typing import Any

import torch
from starlette.requests import Request

from demo.panels.panel import Panel
from demo.retrain import messages
from demo.retrain.comparison import comparison
from demo.retrain.recipe import read_recipe
from demo.retrain.run import BusyError, DeviceError, Moment, Trainer
from demo.serving.address import visitor_of
from demo.serving.log import log_fault
from lenet.errors import InputError
from lenet.network import checkpoint
from lenet.train import checkpoint_metadata
from lenet.training.teaching import RECIPE, examples

Values = Generator[dict, None, None]
SEED = 1  # for teaching


class ProgressPanel(Panel):
    """The line that shows the progress of the run. `streams` are functions whose values are streamed to the browser."""

    def __init__(self, trainer: Trainer):
        def stop(run: Any, _: Request) -> Values:
            trainer.stop(str(run))
            yield {}

        def train(options: Any, request: Request) -> Values:
            return follow(trainer, options if isinstance(options, dict) else {}, visitor_of(request))

        super().__init__("progress")
        self.streams = [train, stop]


def follow(trainer: Trainer, options: dict, address: str = "") -> Values:
    """Yield the records of a run for the page, as JSON values with a "state"; the last is choice, ended or failed.

    `options` has the visitor's "examples", the "drawing" on the sheet and the id of the "weights" in use; to train by a
    recipe also the "recipe" and whether to start from "scratch"; to train on the CPU, "device": "cpu".
    """
    device = torch.device("cpu") if options.get("device") == "cpu" else trainer.device
    failed = "Not trained" if "recipe" in options else "Not taught"
    try:
        yield from _follow(trainer, options, {"address": address, "device": device})
    except (InputError, BusyError) as fault:
        yield {"state": "failed", "words": f"{failed}: {fault}"}
    except DeviceError as fault:
        yield {"state": "failed", "words": f"{failed}: {fault}", "offer_cpu": device.type != "cpu"}
    except Exception as fault:  # unexpected: log it, and tell the visitor
        log_fault(fault)
        yield {"state": "failed", "words": f"{failed}: {messages.UNFORESEEN}"}


def _follow(trainer: Trainer, options: dict, caller: dict) -> Values:
    weights, visitors = options.get("weights", ""), trainer.visitors
    digits = examples(options.get("examples", []), visitors.picture)
    before = visitors.known(weights)
    if "recipe" in options:
        recipe, scratch = read_recipe(options["recipe"]), bool(options.get("scratch", True))
        moments = trainer.run(recipe, weights, scratch, **caller)
        name, command = "Retrained", recipe.command("" if scratch else "current.safetensors", before.name)
    else:
        if not len(digits.labels):
            raise InputError("There are no examples yet: draw a digit and say what it is.")
        recipe, moments = RECIPE, trainer.teach(digits, weights, SEED, **caller)
        name = messages.taught(len(digits.labels))
        command = f"{name.lower()} on the page"
    moment, accuracy, seconds = Moment(""), math.nan, 0.0
    for moment in moments:
        yield _record(moment)
        if progress := moment.progress:
            seconds = progress.seconds
            accuracy = accuracy if progress.accuracy is None else progress.accuracy
    if moment.weights is None:
        yield {"state": "ended", "words": "Stopped. Nothing has changed."}
        return
    yield {"state": "comparing", "words": "Comparing …"}
    after, _ = visitors.model(moment.weights)
    table = comparison(before, after, digits, options.get("drawing"), visitors)
    metadata = checkpoint_metadata(recipe, after.threshold, command, accuracy, table["accuracy"])
    yield {
        "state": "choice",
        "words": messages.result(moment.early, seconds),
        "comparison": table,
        "network": {
            "id": moment.weights,
            "label": name,
            "accuracy": table["accuracy"],
            "network": after.name,
            "content": base64.b64encode(checkpoint.as_bytes(after, metadata)).decode(),
        },
    }


def _record(moment: Moment) -> dict:
    progress = moment.progress
    if progress is None:
        return {"state": "waiting", "run": moment.run, "words": messages.waiting(moment)}
    return {
        "state": "training",
        "run": moment.run,
        "words": messages.state(progress),
        "film": moment.film,
        "epochs": messages.epochs(progress),
        **{name: getattr(progress, name) for name in ("phase", "step", "steps", "epoch", "loss", "accuracy")},
    }
