"""Attacks from a single address that once froze the server for everybody, and their effect on other visitors now.

During an attack, three visitors with other addresses request /health, draw a digit, and write a number.
"""

import asyncio
import base64
import io
import json
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from PIL import Image

from benchmarks.serving import READ, Server, Visitor

SECONDS = 8  # of an attack
CALM = 12  # seconds until memory is measured again; freed memory is returned every 10
ATTACKER, OTHERS = 66, 67  # 127.66.x.y and 127.67.x.y
SIDE = 280
SEVEN = {"width": SIDE, "height": SIDE, "strokes": [{"points": [[60, 60], [200, 60], [120, 230]], "width": 18}]}
READ_NUMBER = "/lenet/pad/read_number"


@dataclass(frozen=True)
class Attack:
    """Requests that are sent repeatedly by many senders at once."""

    name: str
    requests: list[bytes]
    at_once: int
    leaves_after: float | None = None  # seconds after which a sender disconnects; None waits for the answer


@dataclass
class Impact:
    """The result of an attack: the other visitors' longest waits in seconds, and the server's memory in megabytes."""

    health: float = 0
    draw: float = 0
    number: float = 0
    computed: float = 0  # the most CPU seconds of the server's own process during one wait
    memory: list[float] = field(default_factory=list)  # before, at most, and after


def attacks() -> Iterator[Attack]:
    """Yield the attacks, with the numbers of the list of weaknesses in which they were found."""
    nested = b'{"data": ' + b'{"path":' * 900 + b"1" + b"}" * 901
    deep = b'{"path":' * 45_000 + b"1" + b"}" * 45_000
    crowded = b'{"data": [' + b"[]," * 630_000 + b"[]]}"
    yield Attack("0 nobody, to compare", [], 0)
    yield Attack("1 nested bodies", [post("/gradio_api/run/predict", each) for each in (nested, deep, crowded)], 8)
    yield Attack("2 one-byte chunks", [chunks()], 8)
    eraser = {"points": [[i % SIDE, i * 7 % SIDE] for i in range(950)], "width": 4096, "erase": True}
    erased = {**SEVEN, "strokes": [*SEVEN["strokes"], eraser]}
    yield Attack("3 small and slow: wide erasers", [request(READ, erased)], 150, 0.05)
    zigzag = {"points": [[i % SIDE, i * 137 % SIDE] for i in range(20_000)], "width": 18}
    far = [{"points": [[(-9 + i * 0.07) * SIDE, 0], [i * SIDE / 26, 9 * SIDE]], "width": 18} for i in range(256)]
    slow = [
        request(READ_NUMBER, {**SEVEN, "strokes": [zigzag]}),
        request(READ_NUMBER, {**SEVEN, "strokes": far}),
        request(READ_NUMBER, {**SEVEN, "width": 4096, "strokes": far}),
        request("/lenet/counterfactual/explain", SEVEN, digit=9),
    ]
    yield Attack("4 slow calls", slow, 60)
    bulk = json.dumps({"examples": [[0.123456789] * 150_000], "weights": "x" * 100_000}).encode()
    yield Attack("5 waiting bodies", [post("/lenet/examples/read_examples", bulk)], 40, 0.5)
    long = {
        **SEVEN,
        "strokes": [{"points": [[i % SIDE + 0.5, i * 7 % SIDE + 0.5] for i in range(11_000)], "width": 18}],
    }
    yield Attack(
        "6 direct runs", [post("/gradio_api/run/classify", json.dumps({"data": [long, ""]}).encode())], 120, 0.2
    )
    yield Attack("7 idle streams", [get(f"/gradio_api/heartbeat/{i}") for i in range(1000)], 1000, SECONDS)
    yield Attack("10 explanations", [request("/gradio_api/call/v2/explain", SEVEN)], 120)
    file = {"name": "scans.jpg", "content": scans()}
    yield Attack("15 JPEG of many scans", [post("/lenet/pictures/take_file", json.dumps(file).encode())], 8)


def request(path: str, drawing: dict, **more: object) -> bytes:
    return post(path, json.dumps({"drawing": drawing, "weights": ""} | more).encode())


def post(path: str, body: bytes) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def chunks() -> bytes:
    head = b"POST /gradio_api/run/predict HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"1\r\nx\r\n" * 200_000


def scans() -> str:
    file = io.BytesIO()
    Image.new("L", (3000, 3000), 255).save(file, "JPEG", progressive=True)
    content = file.getvalue()
    start = content.rindex(b"\xff\xda")
    return base64.b64encode(content[:start] + content[start:-2] * 500 + content[-2:]).decode()


async def measure_impact(server: Server, attack: Attack) -> Impact:
    """Run an attack and return its result."""
    impact = Impact(memory=[server.memory])
    until = time.perf_counter() + SECONDS
    others = [
        _time("health", server, impact, until, Visitor(server, 1, network=OTHERS), lambda v: v.send(get("/health"))),
        _time("draw", server, impact, until, Visitor(server, 2, network=OTHERS), lambda v: v.draw(30)),
        _time("number", server, impact, until, Visitor(server, 3, READ_NUMBER, OTHERS), lambda v: v.draw(20)),
        _record_memory(server, impact, until),
    ]
    attackers = multiprocessing.get_context("fork").Process(target=_attack, args=(server.url, attack), daemon=True)
    attackers.start()
    await asyncio.gather(*others)
    attackers.kill()
    await asyncio.sleep(CALM)
    impact.memory += [max(impact.memory), server.memory]
    return impact


async def _time(name: str, server: Server, impact: Impact, until: float, visitor: Visitor, act: Callable) -> None:
    while (started := time.perf_counter()) < until:
        before = server.own_cpu_seconds
        await act(visitor)
        impact.computed = max(impact.computed, server.own_cpu_seconds - before)
        setattr(impact, name, max(getattr(impact, name), time.perf_counter() - started))
        await asyncio.sleep(0.05)
    visitor.leave()


async def _record_memory(server: Server, impact: Impact, until: float) -> None:
    while time.perf_counter() < until:
        impact.memory.append(await asyncio.to_thread(lambda: server.memory))
        await asyncio.sleep(0.5)


def _attack(url: str, attack: Attack) -> None:
    """Send an attack's requests, in a process of low priority, because real attackers have their own machines."""

    async def send() -> None:
        await asyncio.gather(*(_send(url, attack, number) for number in range(attack.at_once)))

    os.nice(10)
    asyncio.run(send())


async def _send(address: str, attack: Attack, number: int) -> None:
    url = urlsplit(address)
    local = (f"127.{ATTACKER}.0.1", 0)
    patience = SECONDS if attack.leaves_after is None else attack.leaves_after
    while True:
        with suppress(OSError, asyncio.TimeoutError):
            reader, writer = await asyncio.open_connection(url.hostname, url.port, local_addr=local)
            try:
                writer.write(attack.requests[number % len(attack.requests)])
                await asyncio.wait_for(reader.read(1000), patience)
            finally:
                writer.close()
        await asyncio.sleep(0.005)
