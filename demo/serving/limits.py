"""All limits of the server, as settings with defaults for a free Space.

`LENET_EPOCHS=5 python app.py` sets one. The limits of a single drawing, picture or list of examples are in
lenet/reading/drawing.py, lenet/reading/picture.py and lenet/training/teaching.py.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields

PREFIX = "LENET_"


@dataclass(frozen=True)
class Limits:
    """Whole numbers from 1 up. A visitor is an address: one IPv4 address, or the /64 network of an IPv6 one."""

    # A request. The page's largest are pictures of 1,024 x 1,024 pixels and weights files, some hundred kilobytes; a
    # drawing of 20,000 points has 60,000 values.
    body_bytes: int = 2_000_000
    request_values: int = 150_000
    request_seconds: int = 30  # for a request to arrive, and until an idle connection is closed
    # The requests of a visitor. A call through Gradio counts as four, each 20,000 bytes as one more, ten files as one.
    # A classroom behind one address sends some 60 a second.
    requests_per_second: int = 200
    requests_at_once: int = 600
    # A visitor's open requests and streams (two for each open page), and their bytes.
    open_requests_each: int = 200
    open_bytes_each: int = 8_000_000
    waiting_calls_each: int = 40
    # All visitors together.
    connections: int = 2_500
    new_connections_each: int = 100  # per second, of an address that is not a trusted proxy
    open_bytes: int = 40_000_000
    waiting_calls: int = 200
    waiting_quick_calls: int = 1_000  # as many may arrive while a busy machine stalls for seconds
    waiting_events: int = 100
    sessions: int = 300
    # The time limit of a worker for a quick answer, such as reading a digit or a number, and for any other.
    quick_seconds: int = 10
    call_seconds: int = 60
    # Objects kept for visitors. Weights are 250 kB, a picture's ink at most 400 kB and a film at most 10 MB, so they
    # take at most 330 MB. Objects unused for `unused_seconds` are evicted.
    weights: int = 200
    pictures: int = 200
    films: int = 20
    unused_seconds: int = 2 * 3600
    trim_seconds: int = 10  # how often freed memory is returned to the system, which takes 0.1 to 2.5 ms
    # A training run, and the number of runs that may wait.
    epochs: int = 20
    run_seconds: int = 300
    waiting_runs: int = 20
    # The runs of one address, including waiting ones: by a recipe, and short ones that teach examples.
    runs_per_address: int = 2
    short_runs_per_address: int = 6
    unheard_seconds: int = 5  # after which a run without a listener ends


def read_limits(environment: Mapping[str, str]) -> Limits:
    """Return the limits with the environment's settings; exit with a sentence if one is not a number."""
    names = {field.name: PREFIX + field.name.upper() for field in fields(Limits)}
    set_here = {name: environment[variable] for name, variable in names.items() if variable in environment}
    for name, value in set_here.items():
        if not (value.isdecimal() and int(value) > 0):
            raise SystemExit(f"{names[name]} must be a whole number from 1 up, not {value!r}.")
    return Limits(**{name: int(value) for name, value in set_here.items()})


LIMITS = read_limits(os.environ)
