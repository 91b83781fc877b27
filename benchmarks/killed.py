"""A process that trains and saves until it is killed; used by tests/test_kills.py and benchmarks/kills.py."""

import multiprocessing
import os
import random
import signal
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import torch

from lenet import mnist
from lenet.mnist import Digits
from lenet.train import main

# A fork server, so that Python and torch need not start again after each kill.
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["benchmarks.killed", "torch._dynamo"])  # an optimiser loads the latter
FEW = 64


def train_for_ever(path: Path) -> None:
    """Run the command on so few digits that most of its time goes into writing the file."""
    few = Digits(torch.randint(256, (FEW, 28, 28), dtype=torch.uint8), torch.arange(FEW) % 10)
    mnist.training_and_validation = lambda: (few, few)
    mnist.final_test = lambda: few
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        while True:
            main(["--epochs", "1", "--batch-size", "64", "--device", "cpu", "--output", str(path)])


def kill_at_random(path: Path, seed: int) -> None:
    """Start the process, and kill it at a random moment after it has first written the file."""
    before = path.stat().st_mtime_ns
    process = CONTEXT.Process(target=train_for_ever, args=(path,), daemon=True)
    process.start()
    while process.is_alive() and path.stat().st_mtime_ns == before:
        time.sleep(0.01)
    time.sleep(random.Random(seed).uniform(0.0, 0.3))
    process.kill()
    process.join()
    if process.exitcode != -signal.SIGKILL:
        raise RuntimeError("The run ended by itself.")
