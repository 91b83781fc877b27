"""A process that trains and saves until it is killed, for tests/test_kills.py and benchmarks/kills.py."""

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

# Ready to be copied in a moment, so that a kill costs no second start of Python and torch.
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["benchmarks.killed", "torch._dynamo"])  # the latter is what an optimiser loads first
FEW = 64


def train_for_ever(path: Path) -> None:
    """The command, on so few digits, and random ones, that most of its time goes into writing the file."""
    few = Digits(torch.randint(256, (FEW, 28, 28), dtype=torch.uint8), torch.arange(FEW) % 10)
    mnist.training_and_validation = lambda: (few, few)
    mnist.final_test = lambda: few
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        while True:
            main(["--epochs", "1", "--batch-size", "64", "--device", "cpu", "--output", str(path)])


def kill_at_random(path: Path, seed: int) -> None:
    """Start it, and once it has written for the first time end it with SIGKILL at a random moment."""
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
