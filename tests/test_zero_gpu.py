"""A GPU is asked for only on a ZeroGPU Space. This has run with a stand-in for the `spaces` package only."""

import importlib
import sys
from types import SimpleNamespace

import pytest

from demo.retrain import zero_gpu


@pytest.fixture
def on_a_space(monkeypatch):
    """The module as it is on a Space, and the seconds that were asked for there."""
    asked = []

    def gpu(duration):
        def decorate(function):
            def lent(work, seconds):
                asked.append(duration(work, seconds))
                return function(work, seconds)

            return lent

        return decorate

    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "spaces", SimpleNamespace(GPU=gpu))
        patch.setenv("SPACES_ZERO_GPU", "true")
        yield importlib.reload(zero_gpu), asked
    importlib.reload(zero_gpu)


def test_elsewhere_the_work_just_runs():
    assert "spaces" not in sys.modules
    assert list(zero_gpu.lend(lambda: iter([1, 2]), 10)) == [1, 2]


def test_on_a_space_the_gpu_is_asked_for_whole_seconds(on_a_space):
    module, asked = on_a_space
    assert list(module.lend(lambda: iter([1, 2]), 40.2)) == [1, 2]
    assert asked == [41]
