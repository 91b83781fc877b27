"""All benchmarks in turn: each is there, ends in time, and spoils none of the others."""

from importlib.util import find_spec

import pytest

from benchmarks.__main__ import LIMIT, NAMES, _run


@pytest.mark.parametrize("name", NAMES)
def test_every_benchmark_that_is_run_is_there(name):
    assert find_spec(f"benchmarks.{name}")


@pytest.mark.parametrize(
    ("name", "limit", "told"), [("report", LIMIT, "well"), ("none", LIMIT, "with a fault"), ("report", 0, "too late")]
)
def test_how_a_benchmark_ended_is_told_and_does_not_end_the_rest(name, limit, told):
    minutes, ended = _run(name, limit)
    assert ended == told
    assert float(minutes) < LIMIT
