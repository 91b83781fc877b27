"""Worker processes, tested in separate programs, because they are forked from a process with one thread."""

import subprocess
import sys

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.slow  # each starts a program

PROGRAM = """
import asyncio, os, sys, time
from demo.serving.workers import TooLong, WorkerLost, Workers
from lenet.network.device import keep_freed_memory

keep_freed_memory()

prepared = []

def work(content):
    if content == b"slow":
        time.sleep(60)
    if content == b"die":
        os._exit(1)
    if content == b"grow":
        return str(len(bytearray(b"x" * 200_000_000))).encode()
    if content == b"use":
        [bytearray(b"x" * 10_000_000) for _ in range(6)]
    return content + b"".join(prepared)

def megabytes(process):
    return int(open(f"/proc/{process}/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

async def main():
    workers = Workers(work, lambda: prepared.append(b" prepared"))
    {scenario}

asyncio.run(main())
"""


def run(scenario: str) -> str:
    """Run a program with workers; return its output."""
    program = PROGRAM.replace("{scenario}", "\n    ".join(scenario.strip().splitlines()))
    result = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_a_worker_answers_one_call_after_another():
    assert (
        run("""
worker = workers.fork()
print(await worker.call(b"one", 30), await worker.call(b"x" * 1_000_000, 30) == b"x" * 1_000_000, worker.ended)
""")
        == "b'one' True False\n"
    )


@pytest.mark.parametrize(("content", "fault"), [("slow", "TooLong"), ("die", "WorkerLost")])
def test_a_worker_that_takes_too_long_or_dies_is_ended_and_another_one_answers(content, fault):
    seconds = 0.2 if content == "slow" else 30
    assert (
        run(f"""
worker = workers.fork()
await worker.call(b"one", 30)
try:
    await worker.call(b"{content}", {seconds})
except {fault} as fault:
    print(type(fault).__name__, worker.ended)
print(await workers.fork().call(b"two", 30))
""")
        == f"{fault} True\nb'two'\n"
    )


def test_a_worker_that_needed_much_memory_answers_and_is_replaced():
    assert (
        run("""
worker = workers.fork()
print(await worker.call(b"grow", 30), worker.ended)
""")
        == "b'200000000' True\n"
    )


def test_an_idle_worker_returns_freed_memory():
    assert (
        run("""
worker = workers.fork()
await worker.call(b"one", 30)
before = megabytes(worker._process)
await worker.call(b"use", 30)
while megabytes(worker._process) > before + 20:
    await asyncio.sleep(0.1)
print(worker.ended)
""")
        == "False\n"
    )


def test_later_workers_share_what_the_template_prepared():
    assert (
        run("""
early = workers.fork()
print(await early.call(b"early", 30))
workers.prepare()
print(await workers.fork().call(b"late", 30))
""")
        == "b'early'\nb'late prepared'\n"
    )


def test_workers_end_with_the_server():
    children = run("""
worker = workers.fork()
await worker.call(b"one", 30)
template = int(open(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read())
print(template, open(f"/proc/{template}/task/{template}/children").read(), flush=True)
os._exit(0)
""").split()
    assert len(children) == 2
    for process in children:
        subprocess.run(["tail", f"--pid={process}", "-f", "/dev/null"], timeout=30, check=True)
