"""The usual way, to be measured beside the page: the same network behind Gradio's own sketchpad.

`python -m benchmarks.stock` starts it. It is set up as fast as it gets: no queue, no progress shown, no layers.
"""

import gradio as gr

from lenet.answer import answer
from lenet.checkpoint import load_checkpoint
from lenet.picture import ink_of
from lenet.prepare import prepare

SHEET = 280


def main() -> None:
    model, _ = load_checkpoint()

    def read(value: dict) -> dict[str, float]:
        probabilities = answer(model, [prepare(ink_of(value["composite"]))])[0].probabilities
        return {str(digit): share for digit, share in enumerate(probabilities or [])}

    with gr.Blocks(analytics_enabled=False) as page:
        pad = gr.Sketchpad(type="pil", canvas_size=(SHEET, SHEET), layers=False, brush=gr.Brush(default_size=18))
        label = gr.Label(elem_id="answer")
        pad.change(read, pad, label, queue=False, show_progress="hidden", trigger_mode="always_last")
    page.launch(server_name="127.0.0.1", run_history=False)


if __name__ == "__main__":
    main()
