"""The list of all explanations, from which the page, its menu and /explain are made."""

from importlib import import_module
from typing import Any, get_type_hints

from typing_extensions import TypedDict

from demo.explain.explanation import FOLDER, Explanation, ExplanationPanel, Reading
from demo.panels.panel import Panel
from demo.visitors import Visitors

# In the order of the menu.
NAMES = ("tour", "unit_sum", "trace", "ablation", "counterfactual", "neighbours", "filters")
EXPLANATIONS: list[Explanation] = [import_module(f"demo.explain.{name}.{name}").EXPLANATION for name in NAMES]
PUBLIC = {function.__name__: function for explanation in EXPLANATIONS for function in explanation.public}
# The type of /explain's answer, which becomes its schema.
ExplanationValues = TypedDict(
    "ExplanationValues", {name: get_type_hints(function)["return"] for name, function in PUBLIC.items()}
)


def add_explanations(visitors: Visitors) -> None:
    """Add the menu and all panels to the page, inside a gr.Blocks."""
    titles = [{"name": each.name, "title": each.title} for each in EXPLANATIONS]
    Panel("menu", folder=FOLDER / "menu", explanations=titles)
    for explanation in EXPLANATIONS:
        ExplanationPanel(explanation, visitors)


def explain_all(reading: Reading, request: dict) -> dict[str, Any]:
    """Return every public explanation of a reading, as ExplanationValues. Raises InputError."""
    return {name: function(reading, request) for name, function in PUBLIC.items()}
