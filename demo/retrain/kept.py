"""The weights that a visitor can answer with: the shipped ones, and the last few that were kept."""

from typing import NamedTuple

# The shipped weights' value in the list; no id is like it.
SHIPPED = "shipped"
MOST = 4


class Kept(NamedTuple):
    """Trained weights that were kept, or loaded."""

    name: str
    weights: str  # their id
    facts: dict[str, str]


def named(made: str, accuracy: float, weights: str, facts: dict[str, str]) -> Kept:
    """Weights with a name that says how they came to be and how well they read the test digits."""
    return Kept(f"{made} · {accuracy:.2%}", weights, facts)


def add(kept: list[Kept], new: Kept) -> list[Kept]:
    """The list with one more; the oldest goes where there are too many."""
    return [*kept, new][-MOST:]


def facts_of(choice: str, kept: list[Kept], shipped: dict[str, str]) -> dict[str, str]:
    """The facts of the chosen weights."""
    return next((each.facts for each in kept if each.weights == choice), shipped)


def weights_id(choice: str) -> str:
    """The id to answer with, "" for the shipped weights."""
    return "" if choice == SHIPPED else choice


def choices(kept: list[Kept], shipped: dict[str, str], chosen: str) -> dict:
    """What the list is made of, as a gr.Radio takes it."""
    accuracy = f" · {float(shipped['test_accuracy']):.2%}" if "test_accuracy" in shipped else ""
    listed = [(f"Shipped{accuracy}", SHIPPED), *((each.name, each.weights) for each in kept)]
    return {"choices": listed, "value": chosen}
