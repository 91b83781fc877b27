"""The weights that a visitor can answer with: the shipped ones, and the last few that were kept."""

from typing import NamedTuple

from lenet.network.lenet5 import LeNet

# The shipped weights' value in the list; no id is like it.
SHIPPED = "shipped"
MOST = 4


class Kept(NamedTuple):
    """Trained weights that were kept, or loaded."""

    name: str
    weights: str  # their id
    facts: dict[str, str]


def shipped(networks: list[tuple[LeNet, dict[str, str]]]) -> list[Kept]:
    """The weights that are always there: those that answer at first, and the other network's, whose id is its name."""
    (_, facts), (other, other_facts) = networks
    return [
        Kept(_measured("Shipped", facts), SHIPPED, facts),
        Kept(_measured(other.title, other_facts), other.name, other_facts),
    ]


def _measured(name: str, facts: dict[str, str]) -> str:
    return f"{name} · {float(facts['test_accuracy']):.2%}" if "test_accuracy" in facts else name


def named(made: str, accuracy: float, weights: str, facts: dict[str, str]) -> Kept:
    """Weights with a name that says how they came to be and how well they read the test digits."""
    return Kept(f"{made} · {accuracy:.2%}", weights, facts)


def add(kept: list[Kept], new: Kept) -> list[Kept]:
    """The list with one more; the oldest goes where there are too many."""
    return [*kept, new][-MOST:]


def find(choice: str, listed: list[Kept]) -> Kept:
    """The chosen one; the first where it is not there."""
    return next((each for each in listed if each.weights == choice), listed[0])


def weights_id(choice: str) -> str:
    """The id to answer with, "" for the shipped weights."""
    return "" if choice == SHIPPED else choice


def choices(listed: list[Kept], chosen: str) -> dict:
    """What the list is made of, as a gr.Radio takes it."""
    return {"choices": [(each.name, each.weights) for each in listed], "value": chosen}
