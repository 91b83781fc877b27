"""The curves of a run: loss and validation accuracy, and both on a logarithmic scale."""

import math

import gradio as gr
import pandas as pd

from lenet.training.loop import Progress

# An accuracy of 100 % has no logarithm of its error; it is drawn as this error in percent.
LEAST_ERROR = 0.01


class Curves:
    """Four charts on two tabs, to be laid out inside a gr.Blocks."""

    def __init__(self):
        with gr.Tabs():
            with gr.Tab("Linear"), gr.Row():
                loss = _chart("loss", "Loss")
                accuracy = _chart("accuracy", "Validation accuracy (%)")
            with gr.Tab("Logarithmic"), gr.Row():
                log_loss = _chart("log10 of the loss", "Loss, log₁₀")
                log_error = _chart("log10 of the error", "Validation error (%), log₁₀")
        self.charts = [loss, log_loss, accuracy, log_error]

    def update(self, history: list[Progress]) -> dict:
        """What the charts show of the records so far."""
        last = history[-1]
        epochs = round(last.steps * last.epoch / last.step)
        measured = [record for record in history if record.accuracy is not None]
        columns = {
            "loss": [(record.epoch, record.loss) for record in history],
            "log10 of the loss": [(record.epoch, math.log10(max(record.loss, 1e-9))) for record in history],
            "accuracy": [(record.epoch, 100 * record.accuracy) for record in measured],
            "log10 of the error": [(record.epoch, _log_error(record.accuracy)) for record in measured],
        }
        return {
            chart: gr.LinePlot(pd.DataFrame(points, columns=["epoch", name]), x_lim=[0, epochs])
            for chart, (name, points) in zip(self.charts, columns.items(), strict=True)
        }


def _log_error(accuracy: float) -> float:
    return math.log10(max(100 * (1 - accuracy), LEAST_ERROR))


def _chart(column: str, title: str) -> gr.LinePlot:
    return gr.LinePlot(x="epoch", y=column, title=title, height=220)
