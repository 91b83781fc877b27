"""The page: its layout from top to bottom, and nothing else."""

from pathlib import Path

import gradio as gr
import torch

from demo import panel
from demo.alike.alike import Alike
from demo.api import add_api
from demo.codes.codes import Codes
from demo.filters.filters import Filters
from demo.inside.inside import Inside
from demo.language import language
from demo.mind.mind import Mind
from demo.network.network import Network
from demo.networks.networks import Networks
from demo.number.number import NumberPanel
from demo.pictures.pictures import Pictures
from demo.prediction.prediction import Prediction
from demo.preparation.preparation import Preparation
from demo.retrain.retrain import RetrainPanel
from demo.retrain.run import Trainer
from demo.share.share import Share
from demo.sketchpad.sketchpad import Sketchpad
from demo.switches.switches import Switches
from demo.teach.teach import Teach
from demo.tour.tour import Tour
from demo.trace.trace import TracePanel
from demo.unit.unit import UnitPanel
from demo.visitors import Visitors
from lenet.model import LeNet
from lenet.original import LeNet5Of1998

TITLE = "LeNet-5, live"
HEADING = f"<h1>{TITLE}</h1><p>Watch a network of 1998 read your digit while the pen moves.</p>"
HEAD = language.HEAD + panel.HEAD
STYLE = Path(__file__).with_suffix(".css")
# System fonts only: the page asks no outside host for anything.
THEME = gr.themes.Base(
    primary_hue="indigo",
    neutral_hue="slate",
    font=["system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"],
    font_mono=["ui-monospace", "Menlo", "Consolas", "monospace"],
).set(body_text_color_subdued="*neutral_500", button_primary_background_fill="*primary_600")


def build_page(networks: list[tuple[LeNet, dict[str, str]]], device: torch.device) -> gr.Blocks:
    """The whole page around today's network and that of 1998, the one that answers first in front, each with the facts
    of its training; runs go to `device`."""
    (shipped, _), (other, _) = networks
    visitors = Visitors(shipped, other=other)
    trainer = Trainer(visitors, device)
    with gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True) as page:
        with gr.Row(elem_id="top"):
            gr.HTML(HEADING, elem_id="heading", apply_default_css=False)
            switch = Networks([network for network, _ in networks])
        with gr.Row(elem_id="read"):
            with gr.Column(elem_id="draw"):
                Sketchpad(visitors)
                NumberPanel()
                Pictures(visitors)
            with gr.Column(elem_id="answer"):
                with gr.Row(elem_id="predictions"):
                    for network, _ in networks:
                        Prediction(network)
                Teach()
                Share(visitors)
            Preparation()
        for network, told in networks:
            Network(network, told)
            if isinstance(network, LeNet5Of1998):
                Codes(network)
        with gr.Column(elem_id="look"):
            Inside()
            Tour(visitors)
            UnitPanel(visitors)
            TracePanel(visitors)
            Switches(visitors)
            Mind(visitors)
            Alike(visitors)
            Filters(visitors)
        RetrainPanel(trainer, visitors, networks, switch).restore(page)
        add_api(visitors, trainer)
    return page
