"""Devices are found by name, and invalid names are refused in a sentence."""

import os
import platform
from pathlib import Path

import pytest
import torch

from lenet.network.device import device_name, give_back_memory, keep_freed_memory, pick_device


@pytest.mark.parametrize(
    ("cuda", "mps", "picked"),
    [(True, True, "cuda"), (True, False, "cuda"), (False, True, "mps"), (False, False, "cpu")],
)
def test_the_fastest_available_device_is_picked(monkeypatch, cuda, mps, picked):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert pick_device().type == picked


def test_the_cpu_is_always_available():
    assert pick_device("cpu") == torch.device("cpu")


def test_an_unavailable_device_is_refused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match=r"^This machine has no cuda device; use auto or cpu\.$"):
        pick_device("cuda")


def test_an_unknown_device_is_refused():
    with pytest.raises(ValueError, match=r"^The device must be auto, cuda, mps or cpu, not 'abacus'\.$"):
        pick_device("abacus")


def test_a_device_has_a_display_name():
    assert device_name(torch.device("cpu")) == "this CPU"
    assert device_name(torch.device("mps")) == "this Mac's GPU"


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has such a setting")
def test_freed_memory_is_kept_until_it_is_returned():
    def resident() -> float:
        """Return the resident megabytes."""
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

    keep_freed_memory()
    give_back_memory()
    before = resident()
    batches = [torch.ones(250_000) for _ in range(101)]
    last = batches.pop()  # stays in use above the freed blocks, so that glibc can't trim them by itself
    batches.clear()
    assert resident() > before + 90
    give_back_memory()
    assert resident() < before + 10
    assert last.sum() == 250_000
