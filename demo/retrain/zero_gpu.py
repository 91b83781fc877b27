"""ZeroGPU: on such a Space a run gets a GPU for some seconds, in a separate process.

The package `spaces` requests the GPU. It looks in Gradio's context for the visitor, whose quota is used, checks there
whether the visitor is still waiting, and puts its notices there, such as "Waiting for a GPU".
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
# Seconds on an H200, estimated from measurements of parts: starting CUDA, capture and first step in a new process; and
# each later step (0.65 ms in batches of 512, plus its share of the validations).
START_SECONDS = 3.0
STEP_SECONDS = 0.001


def is_lent(device: torch.device) -> bool:
    """Whether each run on this device gets its own GPU, so that runs need not wait for each other."""
    return ON_ZERO_GPU and device.type == "cuda"


def seconds_to_request(steps: int) -> int:
    """Return the seconds to request: twice the estimate for a run of this many steps."""
    return math.ceil(2 * (START_SECONDS + STEP_SECONDS * steps))


def lend(work: Callable[[], Iterator[Progress]], run: Any) -> Iterator[Progress]:
    """Yield from `work`; on ZeroGPU, wait for a GPU first, unless the run is stopped."""
    if not ON_ZERO_GPU:
        yield from work()
        return
    _set_context(run)
    for record in _in_gpu_process(pickle.dumps(work), seconds_to_request(run.steps)):
        yield pickle.loads(record)


def _in_gpu_process(work: bytes, seconds: int) -> Iterator[bytes]:
    # Pickled, because torch would pass each tensor as an open file of shared memory, some 300 per run.
    for record in pickle.loads(work)():
        yield pickle.dumps(record)


def _set_context(run: Any) -> None:
    """Put a replacement of Gradio's queue into the context; its one event is alive until the run is stopped."""

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
