"""Process-wide settings, made only by the command."""

import gc
import sys

import torch

from lenet.network.device import keep_freed_memory


def set_up_process() -> None:
    """Make the settings, after all imports and before a second thread starts."""
    # Training runs use half of the cores, so that the workers can answer on the others. On 2 cores, 95 % of the answers
    # during a run then take at most 10 ms instead of 31, and the run takes 10 s instead of 12.
    torch.set_num_threads(max(1, torch.get_num_threads() // 2))
    # Switch threads after 0.5 ms instead of Python's 5: 95 % of the answers during a run within 10 ms instead of 43.
    sys.setswitchinterval(0.0005)
    # Keep the memory of a training step for the next one.
    keep_freed_memory()
    # Gradio imports matplotlib, if installed, at its first event, which blocks all answers for 0.7 s. No plot needs it.
    sys.modules["matplotlib"] = None  # ty: ignore[invalid-assignment]
    # Existing objects stay until the end, so the garbage collector, off since the start, can skip them.
    gc.freeze()
    gc.enable()
