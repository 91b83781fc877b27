"""The limits as settings."""

import pytest

from demo.serving.limits import Limits, read_limits


def test_limits_not_set_in_the_environment_have_their_defaults():
    assert read_limits({"PATH": "/bin"}) == Limits()
    assert read_limits({"LENET_EPOCHS": "5"}) == Limits(epochs=5)


@pytest.mark.parametrize("value", ["", "0", "-1", "many", "1.5"])
def test_a_limit_that_is_not_a_number_is_refused_in_a_sentence(value):
    with pytest.raises(SystemExit, match=r"^LENET_EPOCHS must be a whole number from 1 up, not "):
        read_limits({"LENET_EPOCHS": value})
