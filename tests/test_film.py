"""The film of a run has bounded memory and includes the first and the last step."""

from itertools import pairwise

from demo.retrain.film import FRAMES, Film
from demo.visitors import Visitors
from lenet.network.lenet5 import LeNet5


def test_a_step_gives_the_weights_at_that_time():
    models = {step: LeNet5() for step in (0, 10, 20)}
    film = Film(models[0])
    film.add(10, models[10])
    film.add(20, models[20])
    assert [film.at(step) for step in (0, 9, 10, 19, 20, 99)] == [models[step] for step in (0, 0, 10, 10, 20, 20)]


def test_the_film_of_a_long_run_stays_small_and_keeps_first_and_last():
    first, film_models = LeNet5(), []
    film = Film(first)
    for step in range(1, 1_001):
        film_models.append(LeNet5() if step == 1_000 else first)
        film.add(step, film_models[-1])
        assert len(film._frames) <= FRAMES
    steps = sorted(film._frames)
    assert steps[0] == 0
    assert film.at(1_000) is film_models[-1]
    assert max(b - a for a, b in pairwise(steps)) <= 1_000 / (FRAMES / 4)


def test_a_films_id_and_a_step_name_weights():
    visitors = Visitors(LeNet5())
    first = LeNet5()
    film = visitors.keep_film(Film(first))
    assert visitors.model(f"{film}/7") == (first, True)
    for unknown in (f"{film}/x", f"{film}/-1", f"{film}/", "guessed/0", "/", 3, {"/": 0}, f"{film}/{'9' * 5_000}"):
        assert visitors.model(unknown) == (visitors.shipped, False)
