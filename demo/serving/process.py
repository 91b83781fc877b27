"""What the command sets for its whole process; nothing else does."""

import gc
import sys

import torch

from lenet.network.device import keep_freed_memory


def set_up_process() -> None:
    """Once everything is imported, before there is a second thread."""
    # Runs train in this process, on half of the cores; the others are left to the workers, which answer. While a run
    # trains on 2 cores, 95 of 100 confirmations come within 10 ms instead of 31, and it takes 10 s instead of 12.
    torch.set_num_threads(max(1, torch.get_num_threads() // 2))
    # A run that computes lets the others go first after 0.5 ms instead of Python's 5: 95 of 100 within 10 ms, not 43.
    sys.setswitchinterval(0.0005)
    # The memory of a training step is kept for the next one.
    keep_freed_memory()
    # Gradio imports matplotlib, if it is there, at its first event, and answers nobody for 0.7 s. Our page has no plot.
    sys.modules["matplotlib"] = None  # ty: ignore[invalid-assignment]
    # Objects that exist by now stay for good, so the collector, off since the start, skips them.
    gc.freeze()
    gc.enable()
