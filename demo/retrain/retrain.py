"""The retrain panel: teach it your digits or train it by a recipe, watch it learn, compare, and keep it or not."""

import base64
import math
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
import torch

from demo.panels.examples.examples import ExamplesPanel
from demo.panels.network_switch.network_switch import NetworkSwitchPanel
from demo.retrain import kept
from demo.retrain import messages as words
from demo.retrain.comparison.comparison import comparison, comparison_table
from demo.retrain.curves import Curves
from demo.retrain.kept import Kept
from demo.retrain.recipe import RecipeForm
from demo.retrain.run import BusyError, DeviceError, Moment, Trainer
from demo.serving.limits import LIMITS
from demo.serving.log import log_fault
from demo.visitors import Visitors
from lenet import mnist
from lenet.errors import InputError
from lenet.network import checkpoint
from lenet.network.device import device_name
from lenet.network.lenet5 import LeNet
from lenet.network.onnx_export import onnx_file
from lenet.train import checkpoint_metadata
from lenet.training.evaluation import evaluate
from lenet.training.teaching import RECIPE
from lenet.training.teaching import examples as teachable

FOLDER = Path(__file__).parent
CPU = torch.device("cpu")
QUIET = {"show_progress": "hidden", "api_visibility": "private"}
# What a run can be refused or end with; each message is one sentence for the visitor.
RUN_ERRORS = (InputError, DeviceError, BusyError)
OUR_FAULT = "something broke on the server. Everything is as it was before; try once more."
# The browser's panels answer with the weights whose id this is from now on.
# A file has to fit into a request, where each three bytes are four letters.
LARGEST_FILE = LIMITS.body_bytes // 2
CHOOSE_FILE = f"async (_, kept) => [await lenet.chooseFile('.safetensors', {LARGEST_FILE}), kept]"
SAVE_FILE = "(file) => lenet.download(file.name, new Blob([lenet.bytes(file.content)]))"
ANSWER_WITH = "(weights) => lenet.publish('weights', weights)"
CHOOSE = f"(choice) => (choice === '{kept.SHIPPED}' ? '' : choice)"
SWITCHED = f"() => [lenet.chosen || '{kept.SHIPPED}', lenet.chosen]"
# Handlers get the drawing on the sheet as their last input.
WITH_DRAWING = "(...inputs) => [...inputs.slice(0, -1), lenet.drawing]"


class RetrainPanel:
    """The panel's components from top to bottom, and what happens between them; inside a gr.Blocks."""

    def __init__(
        self,
        trainer: Trainer,
        visitors: Visitors,
        networks: list[tuple[LeNet, dict[str, str]]],
        switch: NetworkSwitchPanel,
    ):
        self.trainer, self.visitors, self.switch = trainer, visitors, switch
        self.shipped = kept.shipped(networks)
        with gr.Column(elem_id="retrain"):
            gr.HTML("<h2>Teach it, train it <small>for you alone</small></h2>", apply_default_css=False)
            with gr.Row(elem_id="ways"):
                with gr.Column():
                    self.strip = ExamplesPanel(visitors)
                    self.learn = gr.Button("Learn from my examples", variant="primary", elem_id="learn")
                with gr.Column():
                    self.recipe = RecipeForm()
                    self.start = gr.Button(
                        f"Retrain on {device_name(trainer.device)}", variant="primary", elem_id="start"
                    )
            with gr.Row(elem_id="running"):
                self.status = gr.HTML(
                    _status(),
                    html_template=(FOLDER / "status.html").read_text("utf-8"),
                    css_template=(FOLDER / "status.css").read_text("utf-8"),
                    apply_default_css=False,
                )
                # Where the device refuses or fails, one of these offers the same on the CPU.
                self.start_on_cpu = gr.Button(
                    "Retrain on this CPU", visible=False, elem_id="start-on-cpu", scale=0, min_width=240
                )
                self.learn_on_cpu = gr.Button(
                    "Learn on this CPU", visible=False, elem_id="learn-on-cpu", scale=0, min_width=240
                )
                self.stop = gr.Button("Stop", interactive=False, elem_id="stop", scale=0)
            with gr.Column(visible=False, elem_id="decision") as self.decision:
                self.table = comparison_table()
                with gr.Row():
                    self.keep = gr.Button("Keep the new weights", elem_id="keep")
                    self.discard = gr.Button("Discard them", elem_id="discard")
            with gr.Column(visible=False, elem_id="film") as self.watch:
                self.moment = gr.Slider(
                    0, 1, 0, step=1, label="The run, step by step: drag to see the network then", visible=False
                )
                self.curves = Curves()
            with gr.Row(elem_id="weights"):
                self.versions = gr.Radio(
                    **kept.choices(self.shipped, kept.SHIPPED), label="Weights that answer", scale=4
                )
                self.download = gr.Button("Download", size="sm")
                self.export = gr.Button("As ONNX", size="sm")
                self.load = gr.Button("Load a file", size="sm", elem_id="load")
            self.file = gr.JSON(visible="hidden")
            self.shown = gr.Textbox(visible="hidden")  # the id of the weights that the panels show at the moment
            self.film = gr.Textbox(visible="hidden")
            self.drawing = gr.JSON(visible="hidden")
        self.stored = gr.BrowserState([], storage_key="lenet-examples", secret="lenet")
        self.kept = gr.State([])
        self.candidate = gr.State(None)
        self._wire()

    def _wire(self) -> None:
        shown = [self.versions, self.drawing]
        outputs = [self.status, self.start, self.learn, self.start_on_cpu, self.learn_on_cpu, self.stop]
        outputs += [self.decision, self.table, self.keep, self.discard, self.watch, self.moment]
        outputs += [*self.curves.charts, self.shown, self.film, self.candidate]
        running = {"outputs": outputs, "js": WITH_DRAWING, "concurrency_limit": None, **QUIET}
        for start, learn, device in (
            (self.start, self.learn, gr.State(self.trainer.device)),
            (self.start_on_cpu, self.learn_on_cpu, gr.State(CPU)),
        ):
            start.click(self._train, [device, *self.recipe.inputs, self.stored, *shown], **running)
            learn.click(self._teach, [device, self.stored, *shown], **running)
        self.recipe.follow(self.versions, self._network_of)
        self.stop.click(self._stop, None, None, queue=False, **QUIET)
        deciding = [self.decision, self.status, self.shown, self.candidate]
        self.keep.click(
            self._keep, [self.candidate, self.kept], [*deciding, self.kept, self.versions], queue=False, **QUIET
        )
        self.discard.click(self._discard, self.versions, deciding, queue=False, **QUIET)
        self.versions.input(None, self.versions, self.shown, js=CHOOSE, **QUIET)
        self.switch.input(None, None, [self.versions, self.shown], js=SWITCHED, **QUIET)
        chosen = [self.versions, self.kept]
        for button, content in ((self.download, checkpoint.as_bytes), (self.export, onnx_file)):
            made = button.click(partial(self._file, content), chosen, self.file, queue=False, **QUIET)
            made.then(None, self.file, None, js=SAVE_FILE, **QUIET)
        self.load.click(
            self._load, [self.file, self.kept], [self.status, self.shown, *chosen], js=CHOOSE_FILE, queue=False, **QUIET
        )
        self.shown.change(None, self.shown, None, js=ANSWER_WITH, **QUIET)
        self.moment.input(None, [self.film, self.moment], self.shown, js="(film, step) => `${film}/${step}`", **QUIET)
        self.strip.input(None, None, self.stored, js="() => [lenet.examples]", **QUIET)

    def restore(self, page: gr.Blocks) -> None:
        """Show the examples that the browser kept, once the page is there."""
        page.load(None, self.stored, None, js="(stored) => lenet.publish('examples', stored)", **QUIET)

    def _train(
        self,
        device: torch.device,
        origin: Any,
        epochs: Any,
        batch_size: Any,
        learning_rate: Any,
        seed: Any,
        augmentation: Any,
        optimiser: Any,
        fraction: Any,
        hardest: Any,
        stored: Any,
        chosen: str,
        drawing: Any,
        request: gr.Request,
    ) -> Iterator[dict]:
        weights = kept.weights_id(chosen)
        wishes = (origin, epochs, batch_size, learning_rate, seed, augmentation, optimiser, fraction, hardest)
        try:
            scratch, recipe = self.recipe.read(*wishes)
            network = self._network_of(chosen)
            command = recipe.command("" if scratch else "current.safetensors", network.name)
            moments = self.trainer.run(recipe, weights, scratch, request.session_hash, device)
            made = partial(checkpoint_metadata, recipe, command=command)
            yield from self._follow(moments, "Retrained", made, stored, weights, drawing)
        except Exception as fault:
            yield self._failed("Not trained", fault, weights, device, self.start_on_cpu)

    def _teach(
        self, device: torch.device, stored: Any, chosen: str, drawing: Any, request: gr.Request
    ) -> Iterator[dict]:
        weights = kept.weights_id(chosen)
        try:
            digits = teachable(stored, self.visitors.picture)
            if not len(digits.labels):
                yield self._ended("There are no examples yet: draw a digit and say what it is.", weights)
                return
            moments = self.trainer.teach(digits, weights, 1, request.session_hash, device)
            examples = f"{len(digits.labels)} example{'s' * (len(digits.labels) > 1)}"
            made = partial(checkpoint_metadata, RECIPE, command=f"taught {examples} on the page")
            yield from self._follow(moments, f"Taught {examples}", made, stored, weights, drawing)
        except Exception as fault:
            yield self._failed("Not taught", fault, weights, device, self.learn_on_cpu)

    def _network_of(self, chosen: str) -> type[LeNet]:
        return type(self.visitors.model(kept.weights_id(chosen))[0])

    def _stop(self, request: gr.Request) -> None:
        self.trainer.stop(request.session_hash)

    def _follow(
        self, moments: Iterator[Moment], name: str, made: Callable, stored: Any, weights: str, drawing: Any
    ) -> Iterator[dict]:
        """What the components show at each moment of a run that starts from `weights`, and the choice at its end.

        `name` and `made` say how the new weights came to be, in a word and as the facts that go with them.
        """
        yield self._started()
        history = []
        moment = Moment()
        for moment in moments:
            if moment.progress is None:
                yield {self.status: _status(words.waiting(moment), busy=True)}
                continue
            history.append(moment.progress)
            yield self._running(moment, history)
        if moment.weights is None:
            yield self._ended("Stopped. The weights are as they were before.", weights)
            return
        before, after = (self.visitors.model(each)[0] for each in (weights, moment.weights))
        examples = teachable(stored, self.visitors.picture)
        yield {self.status: _status("Comparing …", busy=True, done=1.0)}
        table = comparison(before, after, examples, drawing, self.visitors)
        validation = max((each.accuracy for each in history if each.accuracy is not None), default=math.nan)
        told = made(threshold=after.threshold, validation_accuracy=validation, test_accuracy=table["accuracy"])
        yield {
            **self._ended(words.result(moment), weights),
            self.decision: gr.Column(visible=True),
            self.table: table,
            self.keep: gr.Button(variant="secondary" if table["loses"] else "primary"),
            self.discard: gr.Button(variant="primary" if table["loses"] else "secondary"),
            self.moment: gr.Slider(0, moment.progress.step, moment.progress.step, step=1, visible=True),
            self.candidate: kept.named(name, table["accuracy"], moment.weights, told),
        }

    def _started(self) -> dict:
        return {
            self.status: _status("Getting ready …", busy=True),
            self.start: gr.Button(interactive=False),
            self.learn: gr.Button(interactive=False),
            self.start_on_cpu: gr.Button(visible=False),
            self.learn_on_cpu: gr.Button(visible=False),
            self.stop: gr.Button(interactive=True),
            self.decision: gr.Column(visible=False),
            self.moment: gr.Slider(visible=False),
            self.candidate: None,
        }

    def _running(self, moment: Moment, history: list) -> dict:
        progress = moment.progress
        return {
            self.status: _status(words.state(progress), busy=True, done=progress.step / progress.steps),
            self.watch: gr.Column(visible=True),
            self.film: moment.film,
            self.shown: f"{moment.film}/{progress.step}",
            **self.curves.update(history),
        }

    def _ended(self, text: str, weights: str) -> dict:
        return {
            self.status: _status(text),
            self.start: gr.Button(interactive=True),
            self.learn: gr.Button(interactive=True),
            self.stop: gr.Button(interactive=False),
            self.shown: weights,
        }

    def _failed(self, what: str, fault: Exception, weights: str, device: torch.device, on_cpu: gr.Button) -> dict:
        """What the components show of a run that ended with a fault: where the device is to blame, the way round it.

        A fault that nobody foresaw goes to the log; the visitor is told that it happened, and can go on.
        """
        foreseen = isinstance(fault, RUN_ERRORS)
        if not foreseen:
            log_fault(fault)
        offered = isinstance(fault, DeviceError) and device.type != "cpu"
        return {
            **self._ended(f"{what}: {fault if foreseen else OUR_FAULT}", weights),
            on_cpu: gr.Button(visible=offered),
        }

    def _keep(self, candidate: Kept, all_kept: list[Kept]) -> dict:
        all_kept = kept.add(all_kept, candidate)
        return {
            **self._decided("Your own weights answer now. Nobody else is affected.", candidate.weights),
            self.kept: all_kept,
            self.versions: gr.Radio(**kept.choices([*self.shipped, *all_kept], candidate.weights)),
        }

    def _discard(self, chosen: str) -> dict:
        return self._decided("Discarded. The weights before still answer.", kept.weights_id(chosen))

    def _file(self, content: Callable[[LeNet, dict], bytes], chosen: str, all_kept: list[Kept]) -> dict:
        """A file of the weights that answer, for the browser to save."""
        model, _ = self.visitors.model(kept.weights_id(chosen))
        kind = "safetensors" if content is checkpoint.as_bytes else "onnx"
        whole = content(model, kept.find(chosen, [*self.shipped, *all_kept]).facts)
        return {"name": f"{checkpoint.SHIPPED_OF[model.name].stem}.{kind}", "content": base64.b64encode(whole).decode()}

    def _load(self, file: Any, all_kept: list[Kept]) -> dict:
        if file is None:  # the visitor thought better of it
            return {}
        try:
            name, content = _name_and_content(file)
            model, told = checkpoint.from_bytes(content, name)
            accuracy = evaluate(model, mnist.final_test()).accuracy
        except InputError as fault:
            return {self.status: _status(f"Not loaded: {fault}")}
        loaded = kept.named(Path(name).stem[:24], accuracy, self.visitors.keep(model), told)
        all_kept = kept.add(all_kept, loaded)
        return {
            self.status: _status("The weights of the file answer now, for you alone."),
            self.shown: loaded.weights,
            self.kept: all_kept,
            self.versions: gr.Radio(**kept.choices([*self.shipped, *all_kept], loaded.weights)),
        }

    def _decided(self, text: str, weights: str) -> dict:
        return {
            self.decision: gr.Column(visible=False),
            self.status: _status(text),
            self.shown: weights,
            self.candidate: None,
        }


def _status(text: str = "", busy: bool = False, done: float = 0.0) -> dict:
    return {"text": text, "busy": busy, "done": done}


def _name_and_content(file: Any) -> tuple[str, bytes]:
    """Of a file as `lenet.chooseFile` gives it: {"name", "content": base64, or None where it is too large}.

    Raises checkpoint.CheckpointError.
    """
    try:
        name, encoded = str(file["name"]), file["content"]
        content = None if encoded is None else base64.b64decode(encoded, validate=True)
    except (TypeError, KeyError, ValueError) as fault:
        raise checkpoint.CheckpointError("A file must come as its name and its content in base64.") from fault
    if content is None:
        raise checkpoint.CheckpointError(f"{name} has more than {LARGEST_FILE:,} bytes, too many for LeNet-5.")
    return name, content
