"""Limits of Gradio's sessions and calls by address."""

import pytest

from demo.serving.refused import Refused
from demo.serving.sessions import Sessions


@pytest.fixture
def dropped() -> list[str]:
    return []


def test_an_address_that_opens_many_sessions_loses_its_own(dropped):
    sessions = Sessions(10, dropped.append)
    sessions.open("mine", "a")
    for number in range(2011):
        sessions.open(f"theirs{number}", "b")
    assert "mine" not in dropped
    assert len(dropped) == 2011 + 1 - 10


def test_the_least_recently_used_session_is_dropped(dropped):
    sessions = Sessions(2, dropped.append)
    for session in ("first", "second", "first", "third"):
        sessions.open(session, "a")
    assert dropped == ["second"]


def test_a_session_in_use_is_never_dropped(dropped):
    sessions = Sessions(2, dropped.append)
    sessions.open("run", "a")
    with sessions.in_use("run"):
        for number in range(5):
            sessions.open(f"other{number}", "a")
        assert "run" not in dropped
    sessions.open("last", "a")
    assert "run" in dropped


def test_a_new_session_is_refused_if_all_are_in_use(dropped):
    sessions = Sessions(1, dropped.append)
    sessions.open("run", "a")
    with sessions.in_use("run"), pytest.raises(Refused, match="Too many people are on this page"):
        sessions.open("new", "b")
    assert not dropped
    sessions.open("new", "b")
    assert dropped == ["run"]
