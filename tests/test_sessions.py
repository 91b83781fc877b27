"""Gradio's sessions and calls, bounded by address."""

import pytest

from demo.serving.refused import Refused
from demo.serving.sessions import Sessions


@pytest.fixture
def lost() -> list[str]:
    return []


def test_one_who_opens_sessions_without_end_loses_their_own(lost):
    sessions = Sessions(10, lost.append)
    sessions.open("mine", "a")
    for number in range(2011):
        sessions.open(f"theirs{number}", "b")
    assert "mine" not in lost
    assert len(lost) == 2011 + 1 - 10


def test_the_one_that_was_unused_for_longest_is_lost(lost):
    sessions = Sessions(2, lost.append)
    for session in ("first", "second", "first", "third"):
        sessions.open(session, "a")
    assert lost == ["second"]


def test_one_whose_answers_are_being_read_is_never_lost(lost):
    sessions = Sessions(2, lost.append)
    sessions.open("run", "a")
    with sessions.in_use("run"):
        for number in range(5):
            sessions.open(f"other{number}", "a")
        assert "run" not in lost
    sessions.open("last", "a")
    assert "run" in lost


def test_where_all_are_in_use_a_new_one_is_refused(lost):
    sessions = Sessions(1, lost.append)
    sessions.open("run", "a")
    with sessions.in_use("run"), pytest.raises(Refused, match="Too many people are on this page"):
        sessions.open("new", "b")
    assert not lost
    sessions.open("new", "b")
    assert lost == ["run"]
