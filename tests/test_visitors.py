"""The store of visitors' own weights."""

from demo.visitors import Visitors
from lenet.model import LeNet5


def test_without_an_id_the_shipped_weights_answer():
    shipped = LeNet5()
    visitors = Visitors(shipped)
    assert visitors.model("") == (shipped, True)
    assert visitors.model(None) == (shipped, True)


def test_an_id_gives_its_own_weights_and_nobody_elses():
    visitors = Visitors(LeNet5())
    mine, yours = LeNet5(), LeNet5()
    my_id, your_id = visitors.keep(mine), visitors.keep(yours)
    assert my_id != your_id
    assert visitors.model(my_id) == (mine, True)
    assert visitors.model(your_id) == (yours, True)


def test_an_unknown_id_falls_back_to_the_shipped_weights_and_says_so():
    shipped = LeNet5()
    for unknown in ("guessed", 7, ["x"], {"a": 1}):
        assert Visitors(shipped).model(unknown) == (shipped, False)


def test_ids_are_too_long_to_be_guessed():
    visitors = Visitors(LeNet5())
    ids = {visitors.keep(visitors.shipped) for _ in range(50)}
    assert len(ids) == 50
    assert all(len(each) >= 20 for each in ids)


def test_a_full_store_forgets_the_weights_that_were_unused_for_longest():
    visitors = Visitors(LeNet5(), capacity=2)
    first, second = visitors.keep(LeNet5()), visitors.keep(LeNet5())
    visitors.model(first)
    third = visitors.keep(LeNet5())
    assert [visitors.model(each)[1] for each in (first, second, third)] == [True, False, True]
