"""The retrain panel: a recipe, a button, and curves that grow while the network learns."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import gradio as gr
import pandas as pd

from demo.retrain.run import MAX_EPOCHS, Moment, Trainer
from lenet.device import device_name
from lenet.mnist import MnistError
from lenet.train import Recipe, RecipeError

FOLDER = Path(__file__).parent
SCRATCH, CURRENT = "From scratch", "From the current weights"
BATCH_SIZES = [32, 64, 128, 256, 512]
# Tells the browser's panels which weights to answer with from now on.
USE_WEIGHTS = "(weights) => { if (weights) lenet.publish('weights', weights); }"
USE_SHIPPED = "() => lenet.publish('weights', '')"


@dataclass
class Controls:
    """The components that a run writes to."""

    status: gr.HTML
    loss: gr.LinePlot
    accuracy: gr.LinePlot
    weights: gr.Textbox
    start: gr.Button
    stop: gr.Button
    back: gr.Button

    def all(self) -> list:
        return [self.status, self.loss, self.accuracy, self.weights, self.start, self.stop, self.back]


def retrain_panel(trainer: Trainer) -> None:
    """Lay out the panel and wire it, inside a gr.Blocks."""
    with gr.Column(elem_id="retrain"):
        gr.HTML("<h2>Train it again</h2>", apply_default_css=False)
        with gr.Row(equal_height=True):
            origin = gr.Radio([SCRATCH, CURRENT], value=SCRATCH, label="Start")
            epochs = gr.Slider(1, MAX_EPOCHS, Recipe.epochs, step=1, label="Epochs")
            batch_size = gr.Dropdown(BATCH_SIZES, value=Recipe.batch_size, label="Batch size")
            learning_rate = gr.Number(Recipe.learning_rate, label="Learning rate", step=0.001)
            seed = gr.Number(Recipe.seed, label="Seed", precision=0)
        with gr.Row():
            start = gr.Button(f"Retrain on {device_name(trainer.device)}", variant="primary", elem_id="start", scale=2)
            stop = gr.Button("Stop", interactive=False, elem_id="stop")
            back = gr.Button("Back to the shipped weights", interactive=False, elem_id="back")
        status = gr.HTML(
            _status(),
            html_template=(FOLDER / "status.html").read_text("utf-8"),
            css_template=(FOLDER / "status.css").read_text("utf-8"),
            apply_default_css=False,
        )
        with gr.Row():
            loss = gr.LinePlot(x="epoch", y="loss", title="Loss", height=220, visible=False)
            accuracy = gr.LinePlot(x="epoch", y="accuracy", title="Validation accuracy (%)", height=220, visible=False)
        weights = gr.Textbox(visible="hidden", elem_id="weights")
    controls = Controls(status, loss, accuracy, weights, start, stop, back)
    _wire(trainer, controls, [origin, epochs, batch_size, learning_rate, seed])


def _wire(trainer: Trainer, controls: Controls, recipe: list) -> None:
    def run(origin, epochs, batch_size, learning_rate, seed, weights) -> Iterator[list]:
        try:
            recipe = Recipe(int(epochs), int(batch_size), learning_rate, int(seed))
            yield from _frames(trainer.run(recipe, weights, scratch=origin == SCRATCH))
        except (RecipeError, MnistError, TypeError) as fault:
            yield _idle(_status(f"Not started: {fault}"))

    def announce() -> list:
        waits = "Another visitor's run is going on. Yours starts as soon as it ends, and the page stays live."
        text = waits if trainer.running else "Getting MNIST ready …"
        return [_status(text, busy=True), *_buttons(busy=True)]

    quiet = {"show_progress": "hidden", "api_visibility": "private"}
    announced = controls.start.click(
        announce, None, [controls.status, controls.start, controls.stop], queue=False, **quiet
    )
    running = announced.then(
        run, [*recipe, controls.weights], controls.all(), concurrency_id="train", concurrency_limit=1, **quiet
    )
    running.then(None, controls.weights, None, js=USE_WEIGHTS, **quiet)
    controls.stop.click(
        lambda: [_status("Stopped. The weights are as they were before."), *_buttons(busy=False)],
        None,
        [controls.status, controls.start, controls.stop],
        cancels=[running],
        queue=False,
        **quiet,
    )
    controls.back.click(
        lambda: ["", _status("The shipped weights answer again."), gr.Button(interactive=False)],
        None,
        [controls.weights, controls.status, controls.back],
        js=USE_SHIPPED,
        queue=False,
        **quiet,
    )


def _frames(moments: Iterator[Moment]) -> Iterator[list]:
    """What the components show at each moment of a run, in the order of Controls."""
    losses, accuracies = [], []
    for moment in moments:
        progress = moment.progress
        losses.append((progress.epoch, progress.loss))
        if progress.accuracy is not None:
            accuracies.append((progress.epoch, 100 * progress.accuracy))
        epochs = progress.steps * progress.epoch / progress.step
        curves = [_curve(losses, "loss", epochs), _curve(accuracies, "accuracy", epochs)]
        if moment.weights:
            text = f"Your own weights answer now: {progress.accuracy:.2%} of the validation digits, "
            text += f"after {progress.seconds:.1f} s of training. Nobody else is affected."
            yield [_status(text, 1), *curves, moment.weights, *_buttons(busy=False), gr.Button(interactive=True)]
        else:
            text = f"Epoch {min(int(progress.epoch) + 1, progress.steps)}, loss {progress.loss:.3f}, "
            text += f"{progress.seconds_left:.0f} s left"
            yield [_status(text, progress.step / progress.steps), *curves, gr.skip(), *_buttons(busy=True), gr.skip()]


def _curve(points: list[tuple[float, float]], name: str, epochs: float) -> gr.LinePlot:
    return gr.LinePlot(pd.DataFrame(points, columns=["epoch", name]), x_lim=[0, round(epochs)], visible=bool(points))


def _buttons(busy: bool) -> list[gr.Button]:
    return [gr.Button(interactive=not busy), gr.Button(interactive=busy)]


def _idle(status: dict) -> list:
    return [status, gr.skip(), gr.skip(), gr.skip(), *_buttons(busy=False), gr.skip()]


def _status(text: str = "", done: float = 0.0, busy: bool = False) -> dict:
    return {"text": text, "done": done, "busy": busy or 0 < done < 1}
