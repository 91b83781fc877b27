"""The visitors' objects on the server."""

import pickle

import numpy as np
import pytest

from demo.retrain.film import Film
from demo.serving.limits import Limits
from demo.visitors import Visitors
from lenet import mnist
from lenet.errors import InputError
from lenet.network.lenet5 import LeNet5


def test_without_an_id_the_shipped_weights_answer():
    shipped = LeNet5()
    visitors = Visitors(shipped)
    assert visitors.model("") == (shipped, True)
    assert visitors.model(None) == (shipped, True)


def test_an_id_gives_its_own_weights_and_nobody_elses():
    visitors = Visitors(LeNet5())
    mine, yours = LeNet5(), LeNet5()
    my_id, your_id = visitors.keep(mine), visitors.keep(yours)
    assert visitors.model(my_id) == (mine, True)
    assert visitors.model(your_id) == (yours, True)


def test_an_unknown_id_falls_back_to_the_shipped_weights_and_says_so():
    shipped = LeNet5()
    for unknown in ("guessed", 7, ["x"], {"a": 1}):
        assert Visitors(shipped).model(unknown) == (shipped, False)


def test_unknown_weights_are_refused_where_the_shipped_ones_must_not_replace_them():
    visitors = Visitors(LeNet5())
    assert visitors.known("") is visitors.shipped
    with pytest.raises(InputError, match=r"^The server does not have these weights, or no longer"):
        visitors.known("guessed")


def test_an_uploaded_picture_is_found_under_its_name():
    visitors = Visitors(LeNet5())
    ink = np.ones((3, 4), np.uint8)
    name = visitors.keep_picture(ink)
    assert name.startswith("upload/")
    assert visitors.picture(name) is ink


def test_mnists_digits_are_pictures_too():
    assert np.array_equal(Visitors(LeNet5()).picture("mnist-test/3"), mnist.final_test().images[3].numpy())


def test_a_picture_that_was_evicted_is_reported():
    visitors = Visitors(LeNet5(), Limits(pictures=1))
    first = visitors.keep_picture(np.ones((3, 4), np.uint8))
    visitors.keep_picture(np.ones((3, 4), np.uint8))
    with pytest.raises(InputError, match=r"^The picture under the strokes is gone from this server"):
        visitors.picture(first)


def test_the_objects_that_a_request_names_are_lent_to_its_worker():
    visitors, worker = Visitors(LeNet5()), Visitors(LeNet5())
    film = Film(LeNet5())
    names = [visitors.keep(LeNet5()), f"{visitors.keep_film(film)}/3"]
    picture = visitors.keep_picture(np.ones((3, 4), np.uint8))
    drawing = {"strokes": [[["not", "looked"] * 9]], "picture": picture}
    for request in ({"weights": names[0], "beside": names[1], "examples": [{"drawing": drawing}]}, [*names, picture]):
        worker.borrow(visitors.lend(request))
        assert all(worker.model(name)[1] for name in names)
        assert worker.picture(picture).all()
    worker.borrow(visitors.lend(None))
    assert not any(worker.model(name)[1] for name in names)  # the worker forgets what the server has evicted
    with pytest.raises(InputError):
        worker.picture(picture)


def test_a_worker_reuses_a_lent_network():
    visitors, worker = Visitors(LeNet5()), Visitors(LeNet5())
    mine = visitors.keep(LeNet5())
    worker.borrow(pickle.loads(pickle.dumps(visitors.lend(mine))))
    before, _ = worker.model(mine)
    worker.borrow(pickle.loads(pickle.dumps(visitors.lend(mine))))
    assert worker.model(mine) == (before, True)


def test_a_visitor_who_uploads_many_pictures_evicts_only_their_own():
    visitors = Visitors(LeNet5(), Limits(pictures=5))
    ink = np.ones((3, 4), np.uint8)
    mine = visitors.keep_picture(ink, "a")
    for _ in range(200):
        visitors.keep_picture(ink, "b")
    assert visitors.picture(mine) is ink
