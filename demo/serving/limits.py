"""How much the server gives to its visitors: every limit as one setting, fit for a free Space unless it is set.

`LENET_EPOCHS=5 python app.py` sets one. What a single drawing, picture or list of examples may hold belongs to what
these are: lenet/reading/drawing.py, lenet/reading/picture.py and lenet/training/teaching.py.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields

PREFIX = "LENET_"


@dataclass(frozen=True)
class Limits:
    """Whole numbers from 1 up."""

    # A request. The page's largest by far are pictures of 1,024 x 1,024 pixels and files of weights, some hundred
    # kilobytes.
    body_bytes: int = 2_000_000
    request_seconds: int = 30  # until it has come whole
    # A visitor, by the address: 60 requests a second while drawing, twice that with an explanation open.
    requests_per_second: int = 200
    requests_at_once: int = 600
    # All visitors together. What Gradio copies for each session takes 170 kB.
    sessions: int = 300
    waiting_events: int = 100
    # What is kept for visitors. Weights are 250 kB, a picture's ink at most 400 kB and a film at most 10 MB, so this
    # is 330 MB at the most. What nobody has used for so many seconds goes too: nobody sits before it any more.
    weights: int = 200
    pictures: int = 200
    films: int = 20
    unused_seconds: int = 2 * 3600
    trim_seconds: int = 60  # so often freed memory that was kept for what comes next goes back to the system
    # A training run, and how many may wait for their turn.
    epochs: int = 20
    run_seconds: int = 300
    waiting_runs: int = 20


def read_limits(environment: Mapping[str, str]) -> Limits:
    """The limits with those that the environment sets; ends the program with one sentence where one is no number."""
    names = {field.name: PREFIX + field.name.upper() for field in fields(Limits)}
    set_here = {name: environment[variable] for name, variable in names.items() if variable in environment}
    for name, value in set_here.items():
        if not (value.isdecimal() and int(value) > 0):
            raise SystemExit(f"{names[name]} must be a whole number from 1 up, not {value!r}.")
    return Limits(**{name: int(value) for name, value in set_here.items()})


LIMITS = read_limits(os.environ)
