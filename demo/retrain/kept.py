"""The weights that a visitor can answer with: the shipped ones, and the last few that were kept."""

from typing import NamedTuple

import gradio as gr

# The shipped weights' value in the list; no id is like it.
SHIPPED = "shipped"
MOST = 4


class Kept(NamedTuple):
    """Trained weights that were kept, or loaded."""

    name: str
    weights: str  # their id
    facts: dict[str, str]


def add(kept: list[Kept], new: Kept) -> list[Kept]:
    """The list with one more; the oldest goes where there are too many."""
    return [*kept, new][-MOST:]


def weights_id(choice: str) -> str:
    """The id to answer with, "" for the shipped weights."""
    return "" if choice == SHIPPED else choice


def choices(kept: list[Kept], chosen: str) -> gr.Radio:
    """The list as it is shown."""
    return gr.Radio([("Shipped", SHIPPED), *((each.name, each.weights) for each in kept)], value=chosen)
