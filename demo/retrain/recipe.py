"""The recipe as a form: each wish with its bounds and what it does, in a line."""

from collections.abc import Callable
from typing import Any

import gradio as gr

from demo.serving.limits import LIMITS
from lenet.network import NETWORKS
from lenet.network.lenet5 import LeNet
from lenet.training.recipe import BOUNDS, Recipe, RecipeError

SCRATCH, CURRENT = "From scratch", "From the current weights"
BATCH_SIZES = [32, 64, 128, 256, 512]
OPTIMISERS = [("AdamW", "adamw"), ("SGD with momentum, as in 1998", "sgd")]
FRACTIONS = [
    ("100", 100 / 55_000),
    ("1,000", 1_000 / 55_000),
    ("10,000", 10_000 / 55_000),
    ("55,000", 1.0),
]


class RecipeForm:
    """The form's components, to be laid out inside a gr.Blocks."""

    def __init__(self):
        gr.HTML("<h3>Train it by a recipe</h3>", apply_default_css=False)
        origin = gr.Radio([SCRATCH, CURRENT], value=SCRATCH, show_label=False)
        epochs = gr.Slider(1, LIMITS.epochs, Recipe.epochs, step=1, label="Epochs", info="Passes over the digits.")
        with gr.Accordion("More of the recipe", open=False):
            fraction = gr.Dropdown(FRACTIONS, value=1.0, label="Digits to train on", info="See what a hundred can do.")
            self.optimiser = gr.Radio(OPTIMISERS, value=Recipe.optimiser, label="Optimiser")
            with gr.Row():
                self.learning_rate = gr.Number(
                    Recipe.learning_rate, label="Learning rate", info="The highest of the cycle.", step=0.001
                )
                batch_size = gr.Dropdown(
                    BATCH_SIZES, value=Recipe.batch_size, label="Batch size", info="Digits a step."
                )
            with gr.Row():
                augmentation = gr.Slider(
                    0.0,
                    BOUNDS["augmentation"][1],
                    Recipe.augmentation,
                    step=0.1,
                    label="Augmentation",
                    info="Strength of other hands' distortions; 0 for none.",
                )
                hardest = gr.Slider(
                    0.05,
                    1.0,
                    Recipe.hardest,
                    step=0.05,
                    label="Hardest digits",
                    info="The share that later epochs show; 1 for all.",
                )
                seed = gr.Number(Recipe.seed, label="Seed", info="The same seed, the same weights.", precision=0)
            self.shell = gr.Textbox(
                Recipe().command(), label="The same in a shell", buttons=["copy"], interactive=False, elem_id="command"
            )
        self.inputs = [origin, epochs, batch_size, self.learning_rate, seed, augmentation, self.optimiser, fraction]
        self.inputs.append(hardest)

    def follow(self, weights: gr.Radio, network_of: Callable[[str], type[LeNet]]) -> None:
        """Keep the learning rate and the command right for the network of the weights that are chosen."""
        quiet = {"show_progress": "hidden", "api_visibility": "private", "queue": False}

        def rate(optimiser: str, chosen: str) -> float:
            return network_of(chosen).learning_rates[optimiser]

        def rate_if_usual(optimiser: str, chosen: str, now: float) -> float:
            usual = [network.learning_rates[optimiser] for network in NETWORKS.values()]
            return rate(optimiser, chosen) if now in usual else now

        def command(chosen: str, *inputs: Any) -> str:
            return self.command(network_of(chosen), *inputs)

        chosen = [self.optimiser, weights]
        self.optimiser.input(rate, chosen, self.learning_rate, **quiet)
        weights.change(rate_if_usual, [*chosen, self.learning_rate], self.learning_rate, **quiet)
        changes = [each.change for each in (weights, *self.inputs)]
        gr.on(changes, command, [weights, *self.inputs], self.shell, **quiet)

    @staticmethod
    def read(
        origin: Any, epochs: Any, batch_size: Any, learning_rate: Any, seed: Any, *more: Any
    ) -> tuple[bool, Recipe]:
        """Whether to start from scratch, and the recipe. Raises RecipeError."""
        whole = {"epochs": epochs, "batch size": batch_size, "seed": seed}
        for name, value in whole.items():
            if type(value) not in (int, float) or value % 1 != 0:
                raise RecipeError(f"{name} must be a whole number, not {value!r}.")
        return origin == SCRATCH, Recipe(int(epochs), int(batch_size), learning_rate, int(seed), *more)

    @classmethod
    def command(cls, network: type[LeNet], *inputs: Any) -> str:
        """What does the same in a shell; what is wrong with the recipe where it can't be done."""
        try:
            scratch, recipe = cls.read(*inputs)
        except RecipeError as fault:
            return str(fault)
        return recipe.command("" if scratch else "current.safetensors", network.name)
