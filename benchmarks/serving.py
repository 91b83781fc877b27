"""A server under test: started as a process of its own, watched from outside, and asked by light-weight visitors."""

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
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
APP = ("app.py", "--host", "127.0.0.1")
SECONDS_TO_START = 120
LINE = "\r\n"


@dataclass(frozen=True)
class Server:
    """A running server's address, and its process."""

    url: str
    process: subprocess.Popen

    @property
    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def memory(self) -> float:
        """Resident megabytes."""
        return self._status("VmRSS") / 1000

    @property
    def threads(self) -> int:
        return self._status("Threads")

    def wait_until_calm(self) -> None:
        """Until it computes nothing any more: after a start it still loads what its visitors will need."""
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
def serving(*command: str, log: Path = Path(os.devnull), **environment: str) -> Iterator[Server]:
    """A Python program that serves and says where, on a free port, for as long as the block lasts.

    Ends this program where that one ends instead, or takes too long.
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
    late = threading.Timer(SECONDS_TO_START, process.kill)  # which ends what it prints
    late.start()
    try:
        found = (re.search(r"http://\S+", line) for line in process.stdout)
        address = next(filter(None, found), None)
    finally:
        late.cancel()
    if not address:
        raise SystemExit(f"{' '.join(process.args)} has ended, or does not serve within {SECONDS_TO_START} seconds.")
    return address.group()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Visitor:
    """Somebody who draws: one connection, one request at a time, as the page does it.

    Proxies say who asks; so does each visitor here, for all of them sit on one machine.
    """

    def __init__(self, server: Server, number: int, sheet: int):
        self._url = urlsplit(server.url)
        self._number, self._sheet = number, sheet
        self._reader, self._writer = None, None

    async def draw(self, moves: int) -> dict:
        """The answer to a spiral of so many moves of the pen."""
        angles = [i / 9 for i in range(5 + moves % 60)]
        points = [[round(140 + 9 * a * math.cos(a), 1), round(140 + 9 * a * math.sin(a), 1)] for a in angles]
        drawing = {"width": 280, "height": 280, "strokes": [{"points": points, "width": 18, "erase": False}]}
        call = {"data": {"drawing": drawing, "weights": "", "off": []}, "component_id": self._sheet}
        call |= {"fn_name": "read", "session_hash": f"visitor{self._number}"}
        status, body = await self.post("/gradio_api/component_server/", json.dumps(call).encode())
        if status != 200:
            raise RuntimeError(f"{status}: {body[:200].decode(errors='replace')}")
        return json.loads(body)

    async def post(self, path: str, body: bytes) -> tuple[int, bytes]:
        """Status and body of the answer."""
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(self._url.hostname, self._url.port)
        network, host = divmod(self._number, 250)
        head = [f"POST {path} HTTP/1.1", f"Host: {self._url.netloc}", "Content-Type: application/json"]
        head += [f"Content-Length: {len(body)}", f"X-Forwarded-For: 10.1.{network}.{host + 1}", "", ""]
        self._writer.write(LINE.join(head).encode() + body)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = int(re.search(r"content-length: (\d+)", answer).group(1))
        return int(answer.split()[1]), await self._reader.readexactly(length)

    def leave(self) -> None:
        if self._writer:
            self._writer.close()


def sheet_of(server: Server) -> int:
    """The id of the component that reads drawings."""
    with urllib.request.urlopen(f"{server.url}/config") as answer:
        components = json.load(answer)["components"]
    return next(each["id"] for each in components if "read" in (each["props"].get("server_fns") or []))


async def drawing_visitors(server: Server, count: int, seconds: float, rate: float) -> list[list[float]]:
    """For each of so many visitors the seconds that each of their updates took.

    A visitor asks `rate` times a second, or as soon as the answer before is there. Raises RuntimeError where one
    request fails.
    """
    sheet = sheet_of(server)
    visitors = [Visitor(server, number, sheet) for number in range(count)]
    await asyncio.gather(*(visitor.draw(0) for visitor in visitors))  # they open their tabs
    end = time.perf_counter() + seconds

    async def draw(visitor: Visitor) -> list[float]:
        taken = []
        due = time.perf_counter()
        while (begun := time.perf_counter()) < end:
            await visitor.draw(len(taken))
            taken.append(time.perf_counter() - begun)
            due = max(due + 1 / rate, time.perf_counter())
            await asyncio.sleep(due - time.perf_counter())
        return taken

    try:
        return await asyncio.gather(*(draw(visitor) for visitor in visitors))
    finally:
        for visitor in visitors:
            visitor.leave()
