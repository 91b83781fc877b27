"""The row of buttons under the network's figure: each opens one explanation and closes the one before."""

from demo.panels.panel import Panel

# The explanations' names and what their buttons say, in the order in which they lead into the network.
EXPLANATIONS = {
    "tour": "Guided tour",
    "unit_sum": "One unit’s sum",
    "trace": "Trace the decision",
    "ablation": "Switch parts off",
    "counterfactual": "Change its mind",
    "neighbours": "Digits like yours",
    "filters": "All filters",
}


class MenuPanel(Panel):
    def __init__(self):
        super().__init__("menu", explanations=[{"name": name, "label": label} for name, label in EXPLANATIONS.items()])
