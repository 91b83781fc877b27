"""The bounded store."""

from demo.store import Store


def test_a_thing_is_found_under_its_id_alone():
    store = Store(5)
    mine, yours = store.keep("mine"), store.keep("yours")
    assert (store.get(mine), store.get(yours)) == ("mine", "yours")


def test_what_is_no_id_finds_nothing():
    store = Store(5)
    store.keep("mine")
    for unknown in ("guessed", "", None, 7, ["x"], {"a": 1}):
        assert store.get(unknown) is None


def test_ids_are_too_long_to_be_guessed_and_never_the_same():
    store = Store(5)
    ids = {store.keep("same") for _ in range(50)}
    assert len(ids) == 50
    assert all(len(each) >= 20 for each in ids)


def test_a_full_store_forgets_what_was_unused_for_longest():
    store = Store(2)
    first, second = store.keep(1), store.keep(2)
    store.get(first)
    third = store.keep(3)
    assert [store.get(each) for each in (first, second, third)] == [1, None, 3]
