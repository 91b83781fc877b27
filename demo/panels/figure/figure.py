"""The network's figure, laid out as in the paper: what each stage is, and the maps and units it holds."""

from demo.panels.panel import Panel
from lenet.network.lenet5 import INPUT_SIDE, STAGES, LeNet, Stage

# How the units of the full connections are laid out: columns and rows.
UNITS = {"C5": (8, 15), "F6": (7, 12), "output": (1, 10)}

# What facts know of accuracy, and what is said of it.
MEASURED = {"test_accuracy": "MNIST", "drawings_accuracy": "people’s drawings"}


class FigurePanel(Panel):
    """`facts` are those of the training of the network's shipped weights."""

    def __init__(self, model: LeNet, facts: dict[str, str]):
        stages = [_input(), *(_stage(stage, model) for stage in STAGES)]
        reads = [f"{float(facts[name]):.2%} of {what}" for name, what in MEASURED.items() if name in facts]
        told = ", ".join([f"{model.parameter_count():,} parameters", *reads])
        super().__init__("figure", network=model.name, title=model.title, stages=stages, told=told)


def _input() -> dict:
    return {
        "name": "input",
        "shape": f"1@{INPUT_SIDE}×{INPUT_SIDE}",
        "operation": "the prepared digit",
        "parameters": "",
        "width": INPUT_SIDE,
        "height": INPUT_SIDE,
        "pictures": [{"caption": f"The input, {INPUT_SIDE}×{INPUT_SIDE} pixels."}],
    }


def _stage(stage: Stage, model: LeNet) -> dict:
    parameters = model.parameter_count(stage.name)
    width, height = UNITS.get(stage.name, (stage.side, stage.side))
    return {
        "name": stage.name,
        "shape": stage.shape,
        "operation": model.operations[stage.name].words,
        "parameters": f"{parameters:,} parameters" if parameters else "no parameters",
        "width": width,
        "height": height,
        "units": stage.name in UNITS,
        "pictures": _units(stage) if stage.name in UNITS else _maps(stage),
    }


def _maps(stage: Stage) -> list[dict]:
    captions = [f"{stage.name}, map {i} of {stage.maps}, {stage.side}×{stage.side}." for i in range(1, stage.maps + 1)]
    if stage.name != "C1":
        return [{"caption": caption} for caption in captions]
    filters = [f"The 5×5 filter of C1's map {i}: blue is below zero, orange above." for i in range(1, stage.maps + 1)]
    return [{"caption": caption, "filter": text} for caption, text in zip(captions, filters, strict=True)]


def _units(stage: Stage) -> list[dict]:
    labels = list(range(stage.maps)) if stage.name == "output" else []
    return [{"caption": f"{stage.name}, {stage.maps} units.", "labels": labels}]
