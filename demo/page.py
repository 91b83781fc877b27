"""The page's layout from top to bottom."""

import json
from pathlib import Path

import gradio as gr
import torch

from demo.api import add_api
from demo.explain import explanations
from demo.panels.codes.codes import CodesPanel
from demo.panels.figure.figure import FigurePanel
from demo.panels.header.header import TITLE, HeaderPanel
from demo.panels.network_switch.network_switch import NetworkSwitchPanel
from demo.panels.pad.pad import PadPanel
from demo.panels.panel import Panel
from demo.panels.pictures.pictures import PicturesPanel
from demo.panels.pixels import PALETTES
from demo.retrain.retrain import training_section
from demo.retrain.run import Trainer
from demo.serving.calls import Calls
from demo.share.share import SharePanel
from demo.visitors import Visitors
from lenet.network.layers import RadialBasis
from lenet.network.lenet5 import LeNet

FOLDER = Path(__file__).parent
# The scripts that the panels share, in the order in which they need each other.
SCRIPTS = ("storage", "language/language", "live/preparation", "live/evaluator", "live/answerer")
SCRIPTS += ("panels/panel", "explain/explanation", "share/link")
CHINESE: dict[str, str] = json.loads((FOLDER / "language" / "zh.json").read_text("utf-8"))
DATA = {"lenetChinese": CHINESE, "lenetPalettes": PALETTES}
# The style sheet goes into the head, because Gradio rewrites selectors in its own `css` option.
HEAD = f"<style>{(FOLDER / 'page.css').read_text('utf-8')}</style>"
HEAD += "".join(f"<script>window.{key} = {json.dumps(DATA[key], ensure_ascii=False)};</script>" for key in DATA)
HEAD += "".join(f"<script>{(FOLDER / f'{name}.js').read_text('utf-8')}</script>" for name in SCRIPTS)
ICON = FOLDER / "icon.svg"
# System fonts, so that nothing is loaded from other hosts.
THEME = gr.themes.Base(
    primary_hue="indigo",
    neutral_hue="slate",
    font=["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans CJK SC", "PingFang SC", "sans-serif"],
    font_mono=["ui-monospace", "Menlo", "Consolas", "monospace"],
).set(
    body_text_color_subdued="*neutral_500",
    body_text_color_subdued_dark="*neutral_400",
    button_primary_background_fill="*primary_600",
    button_large_radius="10px",
    button_medium_radius="10px",
    button_small_radius="10px",
    block_radius="10px",
    input_radius="10px",
)


def build_page(
    networks: list[tuple[LeNet, dict[str, str]]], visitors: Visitors, device: torch.device
) -> tuple[gr.Blocks, Calls, Trainer]:
    """Build the page for the two networks and their metadata, the one that answers first in front; training runs on
    `device`."""
    trainer = Trainer(visitors, device)
    calls = Calls(visitors)
    with gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True) as page:
        with gr.Column(elem_id="page"):
            with gr.Row(elem_id="top"):
                HeaderPanel()
                NetworkSwitchPanel(networks)
            with gr.Row(elem_id="read"):
                with gr.Column(elem_id="draw"):
                    PadPanel(visitors)
                    Panel("number")
                with gr.Row(elem_id="answers"):
                    for network, _ in networks:
                        Panel("answer", network=network.name, title=network.title)
                with gr.Column(elem_id="more"):
                    Panel("teach")
                    PicturesPanel(visitors)
                    SharePanel(visitors)
            Panel("classroom")
            with gr.Column(elem_id="inside"):
                for network, metadata in networks:
                    FigurePanel(network, metadata)
                    if network.layer("output").kind == RadialBasis.kind:
                        CodesPanel(network)
            with gr.Column(elem_id="look"):
                explanations.add_explanations(visitors)
            training_section(trainer, visitors, networks)
        add_api(visitors, trainer, calls)
    for block in page.blocks.values():
        if isinstance(block, Panel):
            calls.add_panel(block)
    return page, calls, trainer
