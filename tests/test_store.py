"""The bounded store."""

from types import SimpleNamespace

import pytest

from demo.store import Store

HOUR = 3600.0


@pytest.fixture
def wait(monkeypatch):
    """Advance the clock by this many seconds."""
    now = [0.0]
    monkeypatch.setattr("demo.store.time", SimpleNamespace(monotonic=lambda: now[0]))
    return lambda seconds: now.__setitem__(0, now[0] + seconds)


def test_a_thing_is_only_found_by_its_id():
    store = Store(5, HOUR)
    mine, yours = store.keep("mine"), store.keep("yours")
    assert (store.get(mine), store.get(yours)) == ("mine", "yours")


def test_an_invalid_id_finds_nothing():
    store = Store(5, HOUR)
    store.keep("mine")
    for unknown in ("guessed", "", None, 7, ["x"], {"a": 1}):
        assert store.get(unknown) is None


def test_ids_are_unguessable_and_unique():
    store = Store(5, HOUR)
    ids = {store.keep("same") for _ in range(50)}
    assert len(ids) == 50
    assert all(len(each) >= 20 for each in ids)


def test_a_full_store_evicts_the_least_recently_used_thing():
    store = Store(2, HOUR)
    first, second = store.keep(1), store.keep(2)
    store.get(first)
    third = store.keep(3)
    assert [store.get(each) for each in (first, second, third)] == [1, None, 3]


def test_a_full_store_evicts_from_the_owner_with_most():
    store = Store(4, HOUR)
    mine = store.keep("mine", "a")
    theirs = [store.keep(number, "b") for number in range(20)]
    assert store.get(mine) == "mine"
    assert [store.get(each) for each in theirs[-3:]] == [17, 18, 19]
    assert all(store.get(each) is None for each in theirs[:-3])


def test_a_thing_can_be_put_under_another_stores_id():
    one, other = Store(5, HOUR), Store(5, HOUR)
    key = one.keep("thing")
    assert one.take_all() == {key: "thing"}
    assert one.get(key) is None
    other.put(key, "thing", "a")
    assert other.get(key) == "thing"


def test_unused_things_expire_and_used_ones_do_not(wait):
    store = Store(5, HOUR)
    idle, used = store.keep("idle"), store.keep("used")
    wait(0.6 * HOUR)
    assert store.get(used) == "used"
    wait(0.6 * HOUR)
    assert store.get(idle) is None
    assert store.get(used) == "used"


def test_evicted_things_are_freed(wait):
    store = Store(5, HOUR)
    store.keep("idle")
    wait(2 * HOUR)
    store.keep("new")
    assert len(store._things) == 1
