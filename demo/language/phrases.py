"""Format numbers, probabilities, units and digits for explanations."""

from lenet.explain.unit_sum import Unit
from lenet.network.lenet5 import STAGE

ALMOST_CERTAIN = 0.9995  # rounds to 100.0 %


def number(value: float, sign: bool = False, places: int = 3) -> str:
    """Format a number with a real minus sign, and on request with a plus sign."""
    text = f"{abs(value):.{places}f}"
    if not text.strip("0."):
        return "+" + text if sign else text
    return ("−" if value < 0 else "+" if sign else "") + text


def place(unit: Unit, whole: bool = False) -> str:
    """Return a unit's name, counted from 1: "C3, map 5, row 3, column 8"; `whole` leaves the pixel out."""
    if unit.stage == "output":
        return f"output {unit.index}"
    if STAGE[unit.stage].side == 1:
        return f"{unit.stage}, unit {unit.index + 1}"
    pixel = "" if whole else f", row {unit.row + 1}, column {unit.column + 1}"
    return f"{unit.stage}, map {unit.index + 1}{pixel}"


def percent(probability: float) -> str:
    """Format a probability with enough decimal places to distinguish it from 0 and 100 %."""
    for places in (0, 1, 2):
        text = f"{100 * probability:.{places}f}"
        if float(text) not in (0, 100):
            return f"{text} %"
    return "over 99.99 %" if probability > 0.5 else "under 0.01 %"


def sure(probability: float) -> str:
    """Format a network's confidence with one decimal place, as the bars show it."""
    return "almost certain" if probability >= ALMOST_CERTAIN else f"{100 * probability:.1f} % sure"


def a_digit(digit: int) -> str:
    return f"an {digit}" if digit == 8 else f"a {digit}"
