"""Runs on ZeroGPU: the real package `spaces` with a fake of its service, in separate processes.

Only CUDA's start in the worker and the training device are replaced.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from demo.retrain import zero_gpu
from tests.conftest import ROOT
from tests.fake_zero_gpu import FakeService

pytestmark = pytest.mark.slow  # each starts a program

# The scenarios on the "Space": each prints one line of JSON, which the test reads.
PRELUDE = """
import gc, json, multiprocessing, os, sys, threading, time
import spaces
import spaces.zero.torch
spaces.zero.torch.init = spaces.zero.torch.move = lambda *_, **__: None  # there is no CUDA to start
import torch
from demo.retrain import run as runs, zero_gpu
from demo.retrain.run import DeviceError, Trainer
from demo.serving.limits import Limits
from demo.visitors import Visitors
from lenet import mnist
from lenet.mnist import Digits
from lenet.network.device import give_back_memory
from lenet.training.loop import Progress, untrained
from lenet.training.recipe import Recipe

CUDA = torch.device("cuda")
digits, _ = mnist.training_and_validation()
few = Digits(digits.images[:256], digits.labels[:256])
mnist.training_and_validation = lambda: (few, few)

def fake_train(model, training, validation, recipe, device):  # in the worker
    now = untrained(2)
    for step in range(1, 11):
        model = now if step == 10 else None
        yield Progress(step, 10, step / 10, 1 / step, None, 0.0, 0.0, now, model, phase=str(os.getpid()))

runs.train = fake_train
runs.RECORD_INTERVAL = 0
trainer = Trainer(Visitors(untrained(1).eval(), Limits(weights=2, films=2)), CUDA)
RECIPE = Recipe(epochs=1, batch_size=128)

def send(**report):
    print("REPORT", json.dumps(report), flush=True)

def whole_run():
    moments = [moment for moment in trainer.run(RECIPE) if moment.progress]
    return moments[-1].weights, moments[-1].progress.phase, [moment.progress.step for moment in moments]
"""

# Ends the workers, which would otherwise keep the output open.
END = """
for worker in multiprocessing.active_children(): worker.kill()
os._exit(0)
"""


@pytest.fixture
def service() -> Iterator[FakeService]:
    fake = FakeService()
    yield fake
    fake.shutdown()
    fake.server_close()


def on_a_space(service: FakeService, script: str) -> dict:
    """Run the script as on a Space; return its output."""
    settings = {"SPACES_ZERO_GPU": "1", "SPACES_ZERO_DEVICE_API_URL": service.url, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", PRELUDE + script + END]
    environment = os.environ | settings | {"PYTHONPATH": str(ROOT)}
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600)
    report = [line for line in result.stdout.splitlines() if line.startswith("REPORT ")]
    assert report, result.stdout + result.stderr
    return json.loads(report[-1].removeprefix("REPORT "))


def test_without_zero_gpu_the_work_just_runs():
    assert "spaces" not in sys.modules
    assert list(zero_gpu.lend(lambda: iter([1, 2]), None)) == [1, 2]


def test_twice_the_estimated_seconds_are_requested_and_suffice_for_many_runs_a_day():
    steps = 537  # a GPU's default recipe
    requested = zero_gpu.seconds_to_request(steps)
    assert requested == 8  # twice 3 s of starting and 1 ms a step
    assert 120 // (requested * 1.5) >= 10  # 120 s a day, and today's hardware counts half as much again


def test_runs_train_in_a_worker_that_is_used_again_and_leak_neither_files_nor_memory(service):
    report = on_a_space(
        service,
        """
def resources():
    gc.collect()
    give_back_memory()  # the memory that the allocator keeps varies
    memory = int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1_000_000
    tensors = sum(isinstance(each, torch.Tensor) for each in gc.get_objects())
    return len(os.listdir("/proc/self/fd")), tensors, memory

first = whole_run()
for _ in range(9): whole_run()  # these load what later runs need too
before, workers, ids = resources(), {first[1]}, set()
for _ in range(20):
    weights, worker, steps = whole_run()
    workers.add(worker), ids.add(weights)
send(before=before, after=resources(), workers=len(workers), ids=len(ids), steps=steps, own=str(os.getpid()) in workers,
     known=trainer.visitors.model(weights)[1])
""",
    )
    assert (report["workers"], report["ids"], report["own"], report["known"]) == (1, 20, False, True)
    assert report["steps"] == list(range(1, 11))
    files, tensors, memory = (after - before for after, before in zip(report["after"], report["before"], strict=True))
    assert files <= 2
    assert tensors <= 0  # a run that leaked its weights would leave two thousand
    assert memory < 60
    assert service.released == len(service.queries) == 30
    assert {each["durationSeconds"] for each in service.queries} == {str(zero_gpu.seconds_to_request(2))}


@pytest.mark.parametrize(
    ("mode", "sentence"),
    [
        ("quota", "ZeroGPU quota exceeded. "),
        ("illegal", "ZeroGPU illegal duration. The requested GPU duration (7s) is larger than the maximum allowed"),
        ("none", "ZeroGPU client error. No GPU was available"),
        ("failing_queue", "ZeroGPU quota exceeded. No GPU was available after 60s"),
    ],
)
def test_a_visitor_without_a_gpu_gets_the_reason_and_can_train_on_the_cpu(service, mode, sentence):
    service.mode = mode
    report = on_a_space(
        service,
        """
try:
    list(trainer.run(RECIPE))
except DeviceError as fault:
    refused = str(fault)
*_, last = trainer.run(RECIPE, device=torch.device("cpu"))
send(refused=refused, weights=last.weights)
""",
    )
    assert report["refused"].startswith(sentence)
    assert report["weights"]


def test_a_run_waiting_for_a_gpu_does_not_delay_others_and_can_be_stopped(service):
    service.mode = "queue"
    report = on_a_space(
        service,
        """
waiting = trainer.run(RECIPE)
moment = next(moment for moment in waiting if moment.notice)
other = next(trainer.run(RECIPE))
*_, cpu = trainer.run(RECIPE, device=torch.device("cpu"))
trainer.stop(moment.run)
rest = [each.weights for each in waiting]
deadline = time.monotonic() + 60
while any(run.id == moment.run for run in trainer._runs) and time.monotonic() < deadline: time.sleep(0.05)
send(notice=moment.notice, ahead=other.ahead, weights=cpu.weights, rest=rest,
     removed=all(run.id != moment.run for run in trainer._runs))
""",
    )
    assert report["notice"] == "Waiting for a GPU to become available"
    assert report["ahead"] == 0
    assert report["weights"]
    assert not any(report["rest"])
    assert report["removed"]


def test_an_error_in_the_worker_becomes_a_sentence(service):
    report = on_a_space(
        service,
        """
def failing(*_, **__):
    raise KeyError("nobody's business")
    yield

runs.train = failing
try:
    list(trainer.run(RECIPE))
except DeviceError as fault:
    send(refused=str(fault))
""",
    )
    assert report["refused"] == "ZeroGPU worker error. KeyError"
