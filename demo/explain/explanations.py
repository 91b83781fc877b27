"""All explanations: the one list that the page, its menu and /explain are made from.

To add one, make a folder with its four files and put its name here.
"""

from importlib import import_module
from pathlib import Path
from typing import Any, get_type_hints

from typing_extensions import TypedDict

from demo.explain.explanation import Explanation, ExplanationPanel, Reading
from demo.explain.menu.menu import MenuPanel
from demo.visitors import Visitors

# In the order in which they lead into the network.
EXPLANATIONS: tuple[Explanation, ...] = tuple(
    import_module(f"demo.explain.{name}.{name}").EXPLANATION
    for name in (
        "tour",
        "unit_sum",
        "trace",
        "ablation",
        "counterfactual",
        "neighbours",
        "filters",
    )
)
# What all their scripts share, for the page's head.
HEAD = f"<script>{Path(__file__).with_name('explanation.js').read_text('utf-8')}</script>"
PUBLIC = [explanation.explain for explanation in EXPLANATIONS if explanation.explain]
# What /explain answers with, as its schema.
ExplanationValues = TypedDict(
    "ExplanationValues",
    {key: kind for explain in PUBLIC for key, kind in get_type_hints(get_type_hints(explain)["return"]).items()},
)


def add_explanations(visitors: Visitors) -> None:
    """Add the menu and all panels to the page, inside a gr.Blocks."""
    MenuPanel(EXPLANATIONS)
    for explanation in EXPLANATIONS:
        ExplanationPanel(explanation, visitors)


def explain_all(reading: Reading, request: dict) -> dict[str, Any]:
    """Every public explanation of one reading, as in ExplanationValues. Raises InputError."""
    return {key: value for explain in PUBLIC for key, value in explain(reading, request).items()}
