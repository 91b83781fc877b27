"""A device is found by its name, and a wrong name is refused in a sentence."""

import pytest
import torch

from lenet.device import device_name, pick_device


@pytest.mark.parametrize(
    ("cuda", "mps", "picked"),
    [(True, True, "cuda"), (True, False, "cuda"), (False, True, "mps"), (False, False, "cpu")],
)
def test_the_fastest_device_that_is_there_is_picked(monkeypatch, cuda, mps, picked):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert pick_device().type == picked


def test_the_cpu_is_always_there():
    assert pick_device("cpu") == torch.device("cpu")


def test_a_device_that_is_not_there_is_refused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match=r"^This machine has no cuda device; use auto or cpu\.$"):
        pick_device("cuda")


def test_an_unknown_device_is_refused():
    with pytest.raises(ValueError, match=r"^The device must be auto, cuda, mps or cpu, not 'abacus'\.$"):
        pick_device("abacus")


def test_a_device_has_a_name_for_people():
    assert device_name(torch.device("cpu")) == "this CPU"
    assert device_name(torch.device("mps")) == "this Mac's GPU"
