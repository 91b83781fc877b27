"""ZeroGPU: on such a Space a run borrows a GPU for a few seconds, in a process of its own.

The package `spaces` talks to the service that lends GPUs. It finds the visitor (whose quota it is) in Gradio's context,
and there it looks whether the visitor is still waiting and leaves its notices, such as "Waiting for a GPU".
"""

import math
import os
import pickle
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import torch
from gradio.context import LocalContext

from lenet.training.loop import Progress

ON_ZERO_GPU = bool(os.environ.get("SPACES_ZERO_GPU"))
# Seconds of an H200, estimated from measurements of parts: CUDA, the capture and the first step in a new process; and
# each step after it (0.65 ms in batches of 512, and its share of the accuracies).
START_SECONDS = 3.0
STEP_SECONDS = 0.001


def is_lent(device: torch.device) -> bool:
    """Whether this device is borrowed for each run, so that runs need not wait for each other here."""
    return ON_ZERO_GPU and device.type == "cuda"


def seconds_asked(steps: int) -> int:
    """Seconds of a GPU to ask for: twice what a run of this many steps is estimated to take."""
    return math.ceil(2 * (START_SECONDS + STEP_SECONDS * steps))


def lend(work: Callable[[], Iterator[Progress]], run: Any) -> Iterator[Progress]:
    """Everything that `work` yields; on ZeroGPU with a GPU, for which the run waits until it is stopped."""
    if not ON_ZERO_GPU:
        yield from work()
        return
    _tell_spaces_about(run)
    for record in _in_gpu_process(pickle.dumps(work), seconds_asked(run.steps)):
        yield pickle.loads(record)


def _in_gpu_process(work: bytes, seconds: int) -> Iterator[bytes]:
    # Bytes, because torch would hand over each tensor as an open file of shared memory, some 300 of them a run.
    for record in pickle.loads(work)():
        yield pickle.dumps(record)


def _tell_spaces_about(run: Any) -> None:
    """Put a stand-in for Gradio's queue into the context, whose one event is alive until the run is stopped."""

    class Event:
        _id = run.id

        @property
        def alive(self) -> bool:
            return not run.stopped.is_set()

    def take_notice(log: str = "", **_: Any) -> None:
        run.notice = log

    page = LocalContext.blocks.get(None)
    queue = SimpleNamespace(active_jobs=[[Event()]], log_message=take_notice, set_progress=lambda **_: None)
    LocalContext.blocks.set(SimpleNamespace(_queue=queue, server=getattr(page, "server", None)))
    LocalContext.event_id.set(run.id)


if ON_ZERO_GPU:
    import spaces

    _in_gpu_process = spaces.GPU(duration=lambda work, seconds: seconds)(_in_gpu_process)  # ty: ignore[invalid-assignment]
