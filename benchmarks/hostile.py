"""Ten thousand hostile requests while a visitor draws: `python -m benchmarks.hostile`, some minutes.

Generated from a seed, on this machine alone: wrong types, NaN, huge numbers, deep nesting, large and broken bodies,
decompression bombs, path tricks, foreign origins and slow senders, on every route that is open and some that are not.
"""

import argparse
import asyncio
import base64
import collections
import io
import json
import random
import re
import statistics
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from PIL import Image

from benchmarks import attacks
from benchmarks.report import write_section
from benchmarks.serving import Server, Visitor, serving

REQUESTS, AT_ONCE, SEED = 10_000, 8, 6
WARM_UP = 0.1  # the share of requests after which memory is first measured
PATIENCE = 20  # seconds after which a request counts as one that hangs
REST = 10  # seconds of measuring memory after the last request
LARGE = 50_000_000
# How many senders send a byte now and then, and after how many seconds they stop.
SLOW, LONGEST_HELD = 50, 120
PARTIAL_HEAD = b"GET / HTTP/1.1\r\nHost: x\r\nX: "
PARTIAL_BODY = b"POST /gradio_api/run/classify HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"
SEVEN = {"width": 280, "height": 280, "strokes": [{"points": [[60, 60], [200, 60], [120, 230]], "width": 18}]}
TRICKS = (
    *("/gradio_api/file=/etc/passwd", "/gradio_api/file=../../../etc/passwd", "/static/../../../../etc/passwd"),
    *("/assets/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "/static/%00", "/gradio_api/proxy=http://169.254.169.254/"),
    *(
        "/gradio_api/stream/1/2/3/playlist.m3u8",
        "/monitoring",
        "/docs",
        "/openapi.json",
        "/gradio_api/runs",
        "//",
        "/%ff",
    ),
    *("/gradio_api/heartbeat/x", "/gradio_api/queue/data?session_hash=nobody", "/gradio_api/call/classify/nobody"),
    *(
        "/gradio_api/upload_progress?upload_id=x",
        "/config",
        "/gradio_api/info",
        "/custom_component/../x",
        "/svelte/../x",
    ),
)
POSTS = (
    "queue/join",
    "run/predict",
    "run/classify",
    "run/retrain",
    "call/explain",
    "call/v2/classify",
    "cancel",
    "reset",
)
# Functions of the panels.
FUNCTIONS = (
    *("pad/read", "pad/read_number", "pictures/examples", "pictures/take_file", "examples/read_examples"),
    *("share/open_picture", "share/picture", "share/whole_network"),
    *(f"{name}/explain" for name in ("tour", "unit_sum", "trace", "ablation", "counterfactual", "filters")),
    *("neighbours/explain", "pad/unknown"),
)


class Generator:
    """Makes random hostile requests as raw bytes, the same for the same seed."""

    def __init__(self, server: Server):
        self._random = random.Random(SEED)
        self._host = urlsplit(server.url).netloc
        with urllib.request.urlopen(f"{server.url}/config") as answer:
            config = json.load(answer)
        self._events = [each["id"] for each in config["dependencies"]]
        bomb = io.BytesIO()
        Image.new("1", (13_000, 13_000)).save(bomb, "PNG")
        self._bomb = base64.b64encode(bomb.getvalue()).decode()

    def next(self) -> bytes:
        kinds = (self._call, self._event, self._api, self._path, self._upload, self._broken, self._other_method)
        (kind,) = self._random.choices(kinds, weights=(30, 25, 25, 8, 5, 6, 1))
        return kind()

    def _call(self) -> bytes:
        data = self._random.choice((self._wild, self._request, lambda: [self._request()]))()
        return self._wire("POST", f"/lenet/{self._random.choice(FUNCTIONS)}", json.dumps(data).encode())

    def _event(self) -> bytes:
        event = {"fn_index": self._random.choice(self._events), "session_hash": self._session()}
        event["data"] = [self._wild() for _ in range(self._random.randrange(14))]
        return self._post(self._random.choice(("queue/join", "run/predict", "cancel")), self._spoilt(event))

    def _api(self) -> bytes:
        value = {"data": [self._request()["drawing"], self._wild(), self._wild()]}
        return self._post(self._random.choice(POSTS), self._spoilt(value))

    def _path(self) -> bytes:
        path = self._random.choice(TRICKS)
        return self._wire("GET", path if path.startswith("/") else quote(path))

    def _upload(self) -> bytes:
        """Return a truncated multipart body with names that leave their folder."""
        part = 'x\r\nContent-Disposition: form-data; name="files"; filename="../../../tmp/evil.safetensors"\r\n\r\n'
        body = f"--{part}{'A' * self._random.randrange(5000)}".encode()
        end = self._random.choice((b"\r\n--x--\r\n", b"", b"\r\n--"))
        return self._wire("POST", "/gradio_api/upload", body + end, "multipart/form-data; boundary=x")

    def _broken(self) -> bytes:
        body = self._random.choice((b"{", b"[" * 100_000, b'{"a":' * 50_000, b"\xff\xfe", b"NaN", b"9" * 100_000, b""))
        return self._wire("POST", f"/gradio_api/{self._random.choice((*POSTS, 'queue/join'))}", body)

    def _other_method(self) -> bytes:
        method = self._random.choice(("PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "HEAD"))
        if self._random.random() < 0.5:
            return self._wire(method, "/")
        return self._wire("POST", "/gradio_api/run/classify", length=LARGE)  # _send sends this many bytes

    def _request(self) -> dict:
        """Return a panel's request with one part replaced by a random value."""
        request = {"drawing": json.loads(json.dumps(SEVEN)), "weights": "", "off": []}
        place: Any = request
        key: Any = self._random.choice(list(request))
        while isinstance(place[key], dict | list) and place[key] and self._random.random() < 0.8:
            place = place[key]
            key = self._random.choice(list(place) if isinstance(place, dict) else range(len(place)))
        place[key] = self._wild()
        return request

    def _wild(self) -> Any:
        deep: Any = 0
        for _ in range(self._random.choice((3, 200, 900))):
            deep = [deep]
        points = [[self._random.uniform(-9, 300), self._random.uniform(-9, 300)] for _ in range(3000)]
        return self._random.choice(
            (
                *(None, True, -1, 10**400, 1e308, float("nan"), float("inf"), "", "\0", "é" * 1000, "A" * 100_000),
                *([], {}, [[]], {"__class__": "x"}, deep, [None] * 10_000, "../../etc/passwd", "upload/../x"),
                *({"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}, self._bomb, SEVEN, points),
                {"path": "http://127.0.0.1:1/x", "url": "http://127.0.0.1:1/x", "meta": {"_type": "gradio.FileData"}},
            )
        )

    def _spoilt(self, value: dict) -> dict:
        """Sometimes remove a key or replace its value by a random one."""
        if self._random.random() < 0.2:
            key = self._random.choice(list(value))
            value = (
                {**value, key: self._wild()}
                if self._random.random() < 0.7
                else {k: value[k] for k in value if k != key}
            )
        return value

    def _session(self) -> str:
        return f"hostile{self._random.randrange(100_000)}"

    def _post(self, path: str, value: dict) -> bytes:
        return self._wire("POST", f"/gradio_api/{path}", json.dumps(value).encode())

    def _wire(
        self, method: str, path: str, body: bytes = b"", kind: str = "application/json", length: int | None = None
    ) -> bytes:
        origin = self._random.choice(("", "", "", "Origin: https://evil.example\r\n", "Origin: null\r\n"))
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: {self._host}\r\nConnection: close\r\nContent-Type: {kind}\r\n{origin}"
        )
        head += f"Content-Length: {len(body) if length is None else length}\r\n\r\n"
        return head.encode() + body


@dataclass
class Outcome:
    """The result of the hostile requests."""

    outcomes: collections.Counter[str]  # the number of each status, and of "traceback", "hang" and "closed"
    waits: list[float]  # seconds of each answer to the visitor who draws
    held: list[float]  # seconds of each slow sender's connection
    growth: float  # of the server's memory, in megabytes, from the first tenth to the end
    answers: bool  # whether the server still reads a drawing


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hostile")
    parser.add_argument("--requests", type=int, default=REQUESTS)
    parser.add_argument("--attack", help="only those attacks whose name begins so, and no generated requests")
    options = parser.parse_args()
    count = options.requests
    attacked = asyncio.run(_attacks(options.attack or ""))
    write_section("Attacks from one address", "benchmarks.hostile", attacked)
    if options.attack:
        return
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.txt"
        with serving(log=log) as server:
            server.wait_until_calm()
            outcome = asyncio.run(attack(server, count))
        tracebacks = log.read_text().count("Traceback (most recent call last)")
    statuses = ", ".join(f"{status}: {number:,}" for status, number in sorted(outcome.outcomes.items()))
    rows = [
        ("what", "measured"),
        ("answers by status", statuses),
        ("5xx with a traceback", str(outcome.outcomes["traceback"])),
        (f"requests without an answer within {PATIENCE} s", str(outcome.outcomes["hang"])),
        (f"longest wait of the visitor who drew, ms, of {len(outcome.waits):,}", f"{1000 * max(outcome.waits):.0f}"),
        ("median wait of the visitor who drew, ms", f"{1000 * statistics.median(outcome.waits):.1f}"),
        (f"longest connection of one of {SLOW} slow senders, s", f"{max(outcome.held):.0f}"),
        ("growth of memory from the first tenth to the end, MB", f"{outcome.growth:.0f}"),
        ("the app still answers", "yes" if outcome.answers else "no"),
        ("tracebacks in the server's log", str(tracebacks)),
    ]
    write_section(f"{count:,} hostile requests", "benchmarks.hostile", rows)


async def _attacks(name: str) -> list[tuple[str, ...]]:
    """Return a row for each attack: the longest waits of the other visitors, and the server's memory."""
    rows = [
        (
            "attack",
            "/health, s",
            "drawing, s",
            "a number, s",
            "of any wait the server computed, s",
            "memory at most, MB more",
            "afterwards, MB more",
        )
    ]
    for each in attacks.attacks():
        if each.name.startswith(name):
            with serving() as server:
                server.wait_until_calm()
                await Visitor(server, 1).draw(20)
                impact = await attacks.measure_impact(server, each)
            before, most, after = impact.memory[0], *impact.memory[-2:]
            waits = [f"{wait:.2f}" for wait in (impact.health, impact.draw, impact.number, impact.computed)]
            rows.append((each.name, *waits, f"{most - before:.0f}", f"{after - before:.0f}"))
            print(rows[-1], flush=True)
    return rows


async def attack(server: Server, count: int) -> Outcome:
    """Send this many hostile requests while slow senders hold connections and a visitor draws."""
    generator = Generator(server)
    outcomes: collections.Counter[str] = collections.Counter()
    waits: list[float] = []
    numbers = iter(range(count))
    memory = []

    async def send_requests() -> None:
        for number in numbers:
            if number == round(count * WARM_UP):
                memory.append(server.memory)
            outcomes[await _send(server, generator.next())] += 1

    visitor = Visitor(server, 1)
    # Where matplotlib is installed, for benchmarks as here, Gradio imports it at its first event.
    await visitor.post("/gradio_api/run/classify", json.dumps({"data": [SEVEN, ""]}).encode())
    drawing = asyncio.create_task(_keep_drawing(visitor, waits))
    slow = asyncio.gather(*(_drip(server, (PARTIAL_HEAD, PARTIAL_BODY)[number % 2]) for number in range(SLOW)))
    await asyncio.gather(*(send_requests() for _ in range(AT_ONCE)))
    held = await slow
    drawing.cancel()
    visitor.leave()
    growth = await _memory_at_rest(server) - memory[0]
    another = Visitor(server, 2)
    answer = await another.draw(0)
    another.leave()
    return Outcome(outcomes, waits, held, growth, bool(answer["probabilities"]))


async def _memory_at_rest(server: Server) -> float:
    """Return the least memory during REST, in megabytes: spare workers end some seconds after their last call."""
    memory = []
    for _ in range(REST):
        memory.append(server.memory)
        await asyncio.sleep(1)
    return min(memory)


async def _keep_drawing(visitor: Visitor, waits: list[float]) -> None:
    while True:
        started = time.perf_counter()
        await visitor.draw(len(waits))
        waits.append(time.perf_counter() - started)
        await asyncio.sleep(0.05)


async def _send(server: Server, request: bytes) -> str:
    """Return the answer's status, "traceback" if it contains one, "hang" or "closed" if there is no answer."""
    url = urlsplit(server.url)
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    try:
        writer.write(request)
        if re.search(rb"Content-Length: %d\r" % LARGE, request):
            await _pour(writer)
        head = await asyncio.wait_for(reader.read(100_000), PATIENCE)
        if not head:
            return "closed"
        body = b"" if b"event-stream" in head else await asyncio.wait_for(reader.read(), PATIENCE)
        return "traceback" if b"Traceback" in head + body else head.split()[1].decode()
    except ConnectionError:
        return "closed"
    except asyncio.TimeoutError:
        return "hang"
    finally:
        writer.close()


async def _drip(server: Server, partial: bytes) -> float:
    """Return the seconds until the server closes a connection whose request arrives byte by byte."""
    url = urlsplit(server.url)
    started = time.perf_counter()
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    closed = asyncio.create_task(reader.read())
    writer.write(partial)
    while not closed.done() and time.perf_counter() - started < LONGEST_HELD:
        writer.write(b"x")
        await asyncio.wait({closed}, timeout=0.5)
    closed.cancel()
    writer.close()
    return time.perf_counter() - started


async def _pour(writer: asyncio.StreamWriter) -> None:
    """Send as much as was declared, until the server closes the connection."""
    for _ in range(LARGE // 1_000_000):
        writer.write(bytes(1_000_000))
        await asyncio.wait_for(writer.drain(), PATIENCE)


if __name__ == "__main__":
    main()
