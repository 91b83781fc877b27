"""The training section of the page: examples, recipe, progress, curves, comparison, and the networks."""

from pathlib import Path

import gradio as gr

from demo.panels.examples.examples import ExamplesPanel
from demo.panels.panel import Panel
from demo.retrain.networks import NetworksPanel
from demo.retrain.progress import ProgressPanel
from demo.retrain.recipe import RecipePanel
from demo.retrain.run import Trainer
from demo.visitors import Visitors
from lenet.network.lenet5 import LeNet

FOLDER = Path(__file__).parent


def training_section(trainer: Trainer, visitors: Visitors, networks: list[tuple[LeNet, dict[str, str]]]) -> None:
    """Lay out the section inside a gr.Blocks; its panels communicate by events in the browser."""
    with gr.Column(elem_id="retrain"):
        heading = "<h2>Teach it, train it <small>for you alone</small></h2>"
        gr.HTML(heading, elem_classes="panel", apply_default_css=False)
        with gr.Row(elem_id="ways"):
            ExamplesPanel(visitors)
            RecipePanel(trainer)
            ProgressPanel(trainer)
        for name in ("curves", "comparison"):
            Panel(name, folder=FOLDER)
        NetworksPanel(visitors, networks)
