"""The recipe's form: read by name, and written as a command."""

from dataclasses import asdict

import pytest

from demo.retrain.recipe import BATCH_SIZES, FRACTIONS, OPTIMISERS, read_recipe
from lenet.errors import InputError
from lenet.network import NETWORKS
from lenet.training.recipe import Recipe


def test_settings_are_read_by_name_in_any_order():
    backwards = dict(reversed(asdict(Recipe(hardest=0.5, augmentation=0.4)).items()))
    assert read_recipe(backwards) == Recipe(hardest=0.5, augmentation=0.4)
    assert read_recipe({}) == Recipe()


@pytest.mark.parametrize("value", [None, [], "x", {"epoch": 1}, {"epochs": 1, "__class__": 2}])
def test_an_invalid_recipe_is_refused_in_a_sentence(value):
    with pytest.raises(InputError, match=r"^A recipe is an object with some of the settings augmentation, .*seed"):
        read_recipe(value)


@pytest.mark.parametrize("name", ["epochs", "batch_size", "seed"])
@pytest.mark.parametrize("value", [None, "", 2.5, "x", float("inf"), True])
def test_a_setting_that_is_not_a_whole_number_is_refused_in_a_sentence(name, value):
    with pytest.raises(InputError, match=f"^{name.replace('_', ' ')} must be a whole number from"):
        read_recipe({name: value})


def test_every_choice_of_the_form_is_within_bounds():
    for fraction in FRACTIONS.values():
        Recipe(fraction=fraction)
    for size in BATCH_SIZES:
        Recipe(batch_size=size)
    for network in NETWORKS.values():
        assert set(network.learning_rates) == set(OPTIMISERS.values())
        for optimiser, rate in network.learning_rates.items():
            Recipe(optimiser=optimiser, learning_rate=rate)
