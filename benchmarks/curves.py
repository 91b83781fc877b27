"""Draw the curves of RESULTS.md."""

from pathlib import Path
from typing import NamedTuple

import matplotlib as mpl
from matplotlib.figure import Figure

# Text is not converted to paths, and the same curves give the same file.
SETTINGS = {"svg.fonttype": "none", "svg.hashsalt": "lenet", "font.size": 9, "axes.spines.top": False}
SETTINGS |= {
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "lines.marker": "o",
    "lines.markersize": 4,
}
SETTINGS |= {"axes.prop_cycle": mpl.cycler(color=["#4f46e5", "#e11d48"]), "figure.constrained_layout.use": True}


class Plot(NamedTuple):
    """One or more curves on the same axes."""

    x_label: str
    y_label: str
    curves: dict[str, list[tuple[float, float]]]  # by name; "" for a single one
    log: str = ""  # the logarithmic axes, "x" or "xy"
    goal: float | None = None  # the height of a dotted line
    from_zero: bool = False


def save(plots: list[Plot], picture: Path) -> None:
    """Draw the plots side by side into a file; its ending determines the format."""
    with mpl.rc_context(SETTINGS):
        figure = Figure(figsize=(3.2 * len(plots), 3), dpi=120)
        for axes, plot in zip(figure.subplots(1, len(plots)), plots, strict=True):
            for name, curve in plot.curves.items():
                axes.plot(*zip(*curve, strict=True), label=name)
            axes.set(xlabel=plot.x_label, ylabel=plot.y_label)
            for axis in plot.log:
                axes.set(**{f"{axis}scale": "log"})
            if plot.from_zero:
                axes.set_ylim(0)
            if plot.goal:
                axes.axhline(plot.goal, linestyle=":", color="grey", marker="")
            if len(plot.curves) > 1:
                axes.legend()
        figure.savefig(picture, metadata={"Date": None})
