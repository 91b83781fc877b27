"""The recipe as a form: each setting with its bounds and a short explanation."""

from collections.abc import Generator
from dataclasses import asdict, fields
from typing import Any

import torch
from starlette.requests import Request

from demo.panels.panel import Panel
from demo.retrain import zero_gpu
from demo.retrain.run import Trainer
from demo.serving.limits import LIMITS
from lenet import mnist
from lenet.errors import InputError
from lenet.network import NETWORKS
from lenet.network.device import device_name
from lenet.training.batches import MnistBatches
from lenet.training.recipe import BOUNDS, Recipe, default_recipe, thorough_recipe

# A thorough run is offered if it takes less than this many seconds.
THOROUGH_SECONDS = 120
NAMES = {field.name for field in fields(Recipe)}
BATCH_SIZES = [32, 64, 128, 256, 512, 1024]
OPTIMISERS = {"AdamW": "adamw", "SGD with momentum, as in 1998": "sgd"}
FRACTIONS = {"100": 100 / 55_000, "1,000": 1_000 / 55_000, "10,000": 10_000 / 55_000, "55,000": 1.0}


class RecipePanel(Panel):
    def __init__(self, trainer: Trainer):
        defaults = default_recipe(trainer.device)
        thorough = thorough_recipe(trainer.device)

        def command(options: Any) -> dict:
            """Return the shell command for {"recipe", "scratch", "network"}."""
            start = "" if options["scratch"] else "current.safetensors"
            return {"command": read_recipe(options["recipe"]).command(start, NETWORKS[options["network"]].name)}

        def thoroughly(_: Any, __: Request) -> Generator[dict, None, None]:
            """Yield the recipe of a thorough run and its estimated seconds, if it is offered."""
            seconds = trainer.thorough_seconds
            offered = thorough is not None and seconds is not None and seconds < THOROUGH_SECONDS
            yield {"recipe": asdict(thorough), "seconds": round(seconds)} if offered else {}

        super().__init__(
            "recipe",
            functions={"command": command},
            epochs=_field("epochs", "Epochs", "Passes over the digits.", defaults, most=LIMITS.epochs),
            settings=_settings(defaults),
            rates={name: dict(network.learning_rates) for name, network in NETWORKS.items()},
            first=trainer.visitors.shipped.name,
            device=device_name(trainer.device),
            quota=_quota(trainer, defaults),
        )
        self.streams = [thoroughly]


def _settings(recipe: Recipe) -> list[dict]:
    """Return the form's further fields, in order."""
    return [
        _field("fraction", "Digits to train on", "See what a hundred can do.", recipe, FRACTIONS),
        _field("optimiser", "Optimiser", "How a step follows from its errors.", recipe, OPTIMISERS),
        _field("learning_rate", "Highest learning rate", "It rises to this and falls again.", recipe, step=0.001),
        _field("batch_size", "Batch size", "Digits a step.", recipe, {f"{size:,}": size for size in BATCH_SIZES}),
        _field("augmentation", "Augmentation", "How strongly to distort the digits.", recipe, step=0.1),
        _field("hardest", "Hardest digits", "The share that later epochs show; 1 for all.", recipe, step=0.05),
        _field("seed", "Seed", "The same seed, the same weights.", recipe, step=1),
    ]


def _field(name: str, label: str, note: str, recipe: Recipe, options: dict | None = None, step=1, most=None) -> dict:
    value = getattr(recipe, name)
    choices = [{"label": each, "value": v, "selected": v == value} for each, v in (options or {}).items()]
    least, highest = BOUNDS.get(name, (0, 0))
    bounds = {"min": least, "max": most or highest, "step": step}
    return {"name": name, "label": label, "note": note, "value": value, "options": choices, **bounds}


def _quota(trainer: Trainer, recipe: Recipe) -> str:
    """Return a sentence on the GPU time that a run costs the visitor on ZeroGPU."""
    if not zero_gpu.is_lent(trainer.device):
        return ""
    steps = len(MnistBatches(mnist.training_and_validation()[0], recipe, torch.device("cpu")))
    seconds = zero_gpu.seconds_to_request(steps)
    return f"Such a run asks for {seconds} s of your daily GPU time on Hugging Face."


def read_recipe(value: Any) -> Recipe:
    """Parse a recipe from JSON, in which settings may be left out. Raises InputError."""
    if not isinstance(value, dict) or not set(value) <= NAMES:
        raise InputError(f"A recipe is an object with some of the settings {', '.join(sorted(NAMES))}.")
    return Recipe(**value)
