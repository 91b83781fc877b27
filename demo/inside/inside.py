"""The row of buttons under the network's figure: each opens one explanation and closes the one before."""

from demo.panel import Panel

# The explanations' names and what their buttons say, in the order in which they lead into the network.
EXPLANATIONS = {
    "tour": "Guided tour",
    "unit": "One unit’s sum",
    "trace": "Trace the decision",
    "switches": "Switch parts off",
    "mind": "Change its mind",
    "alike": "Digits like yours",
    "filters": "All filters",
}


class Inside(Panel):
    def __init__(self):
        super().__init__(
            "inside", explanations=[{"name": name, "label": label} for name, label in EXPLANATIONS.items()]
        )
