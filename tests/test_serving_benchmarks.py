"""Short runs of the server's benchmarks, with limits on their results."""

import asyncio
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from benchmarks.hostile import LONGEST_HELD, SLOW, attack
from benchmarks.load import measure
from benchmarks.soak import RunningApp, app_with_limits, visit

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def app() -> Iterator[RunningApp]:
    """The app with shorter timeouts."""
    with app_with_limits(REQUEST_SECONDS=1) as app:
        app.server.wait_until_calm()
        yield app


def test_all_strokes_of_drawing_visitors_are_confirmed(app):
    with ThreadPoolExecutor(1) as thread:  # the main one has Playwright's event loop
        load = thread.submit(measure, app.server, count=30, seconds=8).result()
    assert load["visitors"] == 30
    assert load["least"] >= 1
    assert load["failed"] == 0
    assert load["total"] >= 30


def test_hostile_requests_and_slow_senders_harm_nobody(app):
    with ThreadPoolExecutor(1) as thread:
        outcome = thread.submit(asyncio.run, attack(app.server, 300)).result()
    assert outcome.outcomes.total() == 300
    assert not outcome.outcomes["traceback"]
    assert not outcome.outcomes["hang"]
    assert len(outcome.waits) > 10
    assert len(outcome.held) == SLOW
    assert max(outcome.held) < LONGEST_HELD  # the server closed each connection
    assert outcome.growth < 50
    assert outcome.answers


def test_visitors_who_train_and_close_their_tabs_leave_nothing(app, browser):
    rng = random.Random(1)
    visit(app, browser, rng, trains=True, stops=False, loads=True)  # the first run loads data that later ones share
    before = app.measure_idle(2)
    seconds_to_end = visit(app, browser, rng, trains=True, stops=False, loads=False)
    assert seconds_to_end is not None  # the tab was closed during the run
    megabytes, _, files = app.measure_idle(2)
    assert files == 0
    assert megabytes < 1.15 * before[0]
