"""The recipe's form, read and written as a command."""

import pytest

from demo.retrain.recipe import FRACTIONS, SCRATCH, RecipeForm
from lenet.network import NETWORKS
from lenet.network.lenet5 import LeNet5
from lenet.network.original import LeNet5Of1998
from lenet.training.recipe import Recipe, RecipeError

AS_USUAL = (SCRATCH, 5, 128, 0.005, 1, 0, "adamw", 1.0, 0.2)


def wish(place: int, value) -> list:
    return [value if i == place else usual for i, usual in enumerate(AS_USUAL)]


def test_the_form_as_it_stands_is_the_recipe_as_usual():
    assert RecipeForm.read(*AS_USUAL) == (True, Recipe())
    assert RecipeForm.command(LeNet5, *AS_USUAL) == "python -m lenet.train"


def test_a_run_from_the_current_weights_says_so_in_its_command():
    command = RecipeForm.command(LeNet5, *wish(0, "From the current weights"))
    assert command == "python -m lenet.train --start current.safetensors"


@pytest.mark.parametrize("place", [1, 2, 4])
@pytest.mark.parametrize("value", [None, "", 2.5, "x", float("inf")])
def test_what_is_no_whole_number_is_named_in_a_sentence(place, value):
    with pytest.raises(RecipeError, match="must be a whole number, not"):
        RecipeForm.read(*wish(place, value))
    assert "must be a whole number, not" in RecipeForm.command(LeNet5, *wish(place, value))


def test_every_choice_of_the_form_is_within_bounds():
    for _, fraction in FRACTIONS:
        Recipe(fraction=fraction)
    for network in NETWORKS.values():
        for optimiser, rate in network.learning_rates.items():
            Recipe(optimiser=optimiser, learning_rate=rate)


def test_the_network_of_1998_is_named_where_it_is_trained_from_scratch_only():
    assert RecipeForm.command(LeNet5Of1998, *AS_USUAL) == "python -m lenet.train --network 1998"
    command = RecipeForm.command(LeNet5Of1998, *wish(0, "From the current weights"))
    assert command == "python -m lenet.train --start current.safetensors"
