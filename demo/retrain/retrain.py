"""The retrain panel: a recipe, a button, and curves that grow while the network learns."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import gradio as gr
import pandas as pd

from demo.retrain.run import MAX_EPOCHS, Moment, Trainer
from lenet.device import device_name
from lenet.mnist import MnistError
from lenet.train import Progress, Recipe, RecipeError

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
    def run(origin, epochs, batch_size, learning_rate, seed, weights, request: gr.Request) -> Iterator[list]:
        try:
            recipe = Recipe(int(epochs), int(batch_size), learning_rate, int(seed))
            yield from _frames(trainer.run(recipe, weights, origin == SCRATCH, request.session_hash))
        except (RecipeError, MnistError, TypeError) as fault:
            yield _frame(f"Not trained: {fault}", busy=False)

    def stop(request: gr.Request) -> None:
        trainer.stop(request.session_hash)

    quiet = {"show_progress": "hidden", "api_visibility": "private"}
    running = controls.start.click(run, [*recipe, controls.weights], controls.all(), concurrency_limit=None, **quiet)
    running.then(None, controls.weights, None, js=USE_WEIGHTS, **quiet)
    controls.stop.click(stop, None, None, queue=False, **quiet)
    controls.back.click(
        lambda: ["", _status("The shipped weights answer again."), gr.Button(interactive=False)],
        None,
        [controls.weights, controls.status, controls.back],
        js=USE_SHIPPED,
        queue=False,
        **quiet,
    )


def _frames(moments: Iterator[Moment]) -> Iterator[list]:
    """What the components show at each moment of a run."""
    losses, accuracies = [], []
    moment = Moment()
    for moment in moments:
        progress = moment.progress
        if progress is None:
            yield _frame(_waiting(moment), busy=True)
            continue
        losses.append((progress.epoch, progress.loss))
        if progress.accuracy is not None:
            accuracies.append((progress.epoch, 100 * progress.accuracy))
        epochs = round(progress.steps * progress.epoch / progress.step)
        curves = [_curve(losses, "loss", epochs), _curve(accuracies, "accuracy", epochs)]
        if moment.weights:
            yield _frame(_result(progress), busy=False, curves=curves, weights=moment.weights)
        else:
            yield _frame(_state(progress, epochs), busy=True, done=progress.step / progress.steps, curves=curves)
    if not moment.weights:
        yield _frame("Stopped. The weights are as they were before.", busy=False)


def _frame(text: str, busy: bool, done: float = 0.0, curves: list | None = None, weights: str | None = None) -> list:
    """One value for each of the Controls, in their order; what is not given stays as it is."""
    return [
        _status(text, busy, done),
        *(curves or [gr.skip(), gr.skip()]),
        weights or gr.skip(),
        gr.Button(interactive=not busy),
        gr.Button(interactive=busy),
        gr.Button(interactive=True) if weights else gr.skip(),
    ]


def _status(text: str = "", busy: bool = False, done: float = 0.0) -> dict:
    return {"text": text, "busy": busy, "done": done}


def _waiting(moment: Moment) -> str:
    if not moment.ahead:
        return "Getting MNIST ready …"
    runs = "Another visitor's run is" if moment.ahead == 1 else f"{moment.ahead} other visitors' runs are"
    left = f" The one that is training needs {moment.seconds_ahead:.0f} s more." if moment.seconds_ahead else ""
    return f"{runs} before yours, which starts by itself.{left} The page stays live."


def _state(progress: Progress, epochs: int) -> str:
    epoch = min(int(progress.epoch) + 1, epochs)
    return f"Epoch {epoch} of {epochs}, loss {progress.loss:.3f}, {progress.seconds_left:.0f} s left"


def _result(progress: Progress) -> str:
    return (
        f"Your own weights answer now: {progress.accuracy:.2%} of the validation digits read right, "
        f"after {progress.seconds:.1f} s of training. Nobody else is affected."
    )


def _curve(points: list[tuple[float, float]], name: str, epochs: float) -> gr.LinePlot:
    return gr.LinePlot(pd.DataFrame(points, columns=["epoch", name]), x_lim=[0, round(epochs)], visible=bool(points))
