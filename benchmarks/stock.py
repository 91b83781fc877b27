"""The same network behind Gradio's own sketchpad, to compare with: `python -m benchmarks.stock` starts it.

It has the fastest settings: no queue, no progress indicator, no layers.
"""

from functools import partial

import gradio as gr

from lenet.network.checkpoint import load_checkpoint
from lenet.network.lenet5 import LeNet5
from lenet.reading.answer import answer
from lenet.reading.picture import ink_of
from lenet.reading.preparation import prepare

SHEET, RADIUS = 280, 9  # the brush is as wide as our pen


def main() -> None:
    model, _ = load_checkpoint()
    with gr.Blocks(analytics_enabled=False) as page:
        brush = gr.Brush(default_size=RADIUS)
        pad = gr.Sketchpad(type="pil", canvas_size=(SHEET, SHEET), layers=False, brush=brush)
        label = gr.Label(elem_id="label")
        pad.change(partial(read, model), pad, label, queue=False, show_progress="hidden", trigger_mode="always_last")
    page.launch(server_name="127.0.0.1", run_history=False)


def read(model: LeNet5, value: dict) -> dict[str, float]:
    """Return the probabilities for the label; none if the sketchpad is empty."""
    if value["composite"] is None:
        return {}
    probabilities = answer(model, [prepare(ink_of(value["composite"]))])[0].probabilities
    return {str(digit): share for digit, share in enumerate(probabilities or [])}


if __name__ == "__main__":
    main()
