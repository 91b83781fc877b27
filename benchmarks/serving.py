"""A server under test in a separate process, its CPU and memory use, and light-weight visitors."""

import asyncio
import json
import math
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
APP = ("app.py", "--host", "127.0.0.1")
SECONDS_TO_START = 120
LINE = "\r\n"
READ = "/lenet/pad/confirm"  # the path at which the page confirms an answer


@dataclass(frozen=True)
class Server:
    """A running server."""

    url: str
    process: subprocess.Popen

    @property
    def processes(self) -> list[int]:
        """The ids of the server's process and of its workers."""
        found = [self.process.pid]
        for process in found:
            for children in Path(f"/proc/{process}/task").glob("*/children"):
                with suppress(OSError):  # the process has ended
                    found += map(int, children.read_text().split())
        return found

    @property
    def cpu_seconds(self) -> float:
        """CPU seconds of all current processes."""
        ticks = 0
        for process in self.processes:
            with suppress(OSError):
                fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
                ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    @property
    def own_cpu_seconds(self) -> float:
        """CPU seconds of the server's process without its workers; unlike waiting times, not affected by a busy
        machine."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def memory(self) -> float:
        """Resident megabytes of all processes; shared memory counts once."""
        kilobytes = 0
        for process in self.processes:
            with suppress(OSError):
                text = Path(f"/proc/{process}/smaps_rollup").read_text()
                kilobytes += int(re.search(r"Pss:\s+(\d+)", text).group(1))
        return kilobytes / 1000

    @property
    def threads(self) -> int:
        return self._status("Threads")

    def wait_until_calm(self) -> None:
        """Wait until the server is idle: after the start it still loads data in the background."""
        for _ in range(SECONDS_TO_START):
            before = self.cpu_seconds
            time.sleep(1)
            if self.cpu_seconds - before <= 0.1:
                return
        raise SystemExit(f"{' '.join(self.process.args)} still computes after {SECONDS_TO_START} seconds.")

    def _status(self, name: str) -> int:
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{name}:\s+(\d+)", text).group(1))


@contextmanager
def serving(*command: str, log: Path = Path(os.devnull), **environment: str) -> Generator[Server]:
    """Run a Python program that serves on a free port and prints its address, for the duration of the block.

    Exits if the program ends early or takes too long to start.
    """
    settings = {"GRADIO_ANALYTICS_ENABLED": "False", "PYTHONUNBUFFERED": "1", "GRADIO_SERVER_PORT": str(_free_port())}
    with (
        log.open("w") as errors,
        subprocess.Popen(
            [sys.executable, *(command or APP)],
            cwd=ROOT,
            env=os.environ | settings | environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        try:
            yield Server(_address(process), process)
        finally:
            process.kill()


def _address(process: subprocess.Popen) -> str:
    timer = threading.Timer(SECONDS_TO_START, process.kill)  # which ends its output
    timer.start()
    try:
        found = (re.search(r"http://\S+", line) for line in process.stdout)
        address = next(filter(None, found), None)
    finally:
        timer.cancel()
    if not address:
        raise SystemExit(f"{' '.join(process.args)} has ended, or does not serve within {SECONDS_TO_START} seconds.")
    return address.group()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Visitor:
    """A visitor who draws: one connection, one request at a time, as the page does.

    Each visitor has a different loopback address, 127.NETWORK.x.y, because limits are counted by address.
    """

    def __init__(self, server: Server, number: int, path: str = READ, network: int = 1, address: str = ""):
        self._url = urlsplit(server.url)
        self._path = path
        self._address = address or f"127.{network}.{number // 250}.{number % 250 + 1}"
        self._reader, self._writer = None, None

    async def draw(self, moves: int) -> dict:
        """Draw a spiral of this many pen moves; return the answer."""
        angles = [i / 9 for i in range(5 + moves % 60)]
        points = [[round(140 + 9 * a * math.cos(a), 1), round(140 + 9 * a * math.sin(a), 1)] for a in angles]
        drawing = {"width": 280, "height": 280, "strokes": [{"points": points, "width": 18, "erase": False}]}
        return await self.call(self._path, {"drawing": drawing, "weights": "", "off": []})

    async def call(self, path: str, value: Any) -> Any:
        """Send a value as JSON; return the answer. Raises RuntimeError if it is refused."""
        value = {"data": [value]} if "/run/" in path else value
        status, body = await self.post(path, json.dumps(value).encode())
        if status != 200:
            raise RuntimeError(f"{status}: {body[:200].decode(errors='replace')}")
        return json.loads(body)

    async def post(self, path: str, body: bytes) -> tuple[int, bytes]:
        """Post a body; return the answer's status and body."""
        head = [f"POST {path} HTTP/1.1", f"Host: {self._url.netloc}", "Content-Type: application/json"]
        head += [f"Content-Length: {len(body)}", "", ""]
        return await self.send(LINE.join(head).encode() + body)

    async def send(self, request: bytes) -> tuple[int, bytes]:
        """Send a raw request; return the answer's status and body."""
        if self._writer and self._reader.at_eof():  # the server has closed an idle connection
            self.leave()
        if self._writer is None:
            local = (self._address, 0)
            self._reader, self._writer = await asyncio.open_connection(
                self._url.hostname, self._url.port, local_addr=local
            )
        self._writer.write(request)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = int(re.search(r"content-length: (\d+)", answer).group(1))
        return int(answer.split()[1]), await self._reader.readexactly(length)

    def leave(self) -> None:
        if self._writer:
            self._writer.close()
            self._writer = None


async def drawing_visitors(server: Server, count: int, seconds: float, stroke: float, rest: float) -> list[list[float]]:
    """Let visitors draw; return the seconds of each visitor's confirmations, infinite for failed ones.

    A visitor draws a stroke, which a browser would answer, requests one confirmation, and rests. They begin one after
    another.
    """
    visitors = [Visitor(server, number) for number in range(count)]
    end = time.perf_counter() + seconds

    async def draw(visitor: Visitor, begin: float) -> list[float]:
        waits = []
        await asyncio.sleep(begin)
        while time.perf_counter() + stroke < end:
            await asyncio.sleep(stroke)
            started = time.perf_counter()
            try:
                await visitor.draw(len(waits))
                waits.append(time.perf_counter() - started)
            except (RuntimeError, OSError, asyncio.IncompleteReadError):
                waits.append(math.inf)
                visitor.leave()
            await asyncio.sleep(rest)
        visitor.leave()
        return waits

    return await asyncio.gather(*(draw(each, (stroke + rest) * i / count) for i, each in enumerate(visitors)))
