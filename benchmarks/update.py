"""Where the time of one update goes: `python -m benchmarks.update`, half a minute.

A spiral as it grows, 120 drawings. Each part of our own work is timed alone, in this process, on one thread; then the
whole request to the running app over one connection, and the request that does nothing (the floor); then a drag in a
browser. What is not measured itself is what is left: HTTP of the request without our work, the browser of the time
from a move to its answer painted without the request.
"""

import http.client
import json
import statistics
import time
from collections.abc import Callable
from urllib.parse import urlparse

import orjson
import torch

from benchmarks.live import MOVES, WATCH, spiral, stroke
from benchmarks.page import chromium, running_app, visit
from benchmarks.report import spread, write_section
from demo.live import live_answer
from demo.sketchpad.sketchpad import SHEET
from demo.visitors import Visitors
from lenet import drawing as drawings
from lenet.answer import answer
from lenet.checkpoint import load_checkpoint
from lenet.prepare import prepare

ROUNDS = 5


def main() -> None:
    torch.set_num_threads(1)
    points = [[round(SHEET * (0.5 + x), 1), round(SHEET * (0.5 + y), 1)] for x, y in spiral()]
    values = [
        {"width": SHEET, "height": SHEET, "strokes": [{"points": points[:count], "width": 18, "erase": False}]}
        for count in range(1, MOVES + 1)
    ]
    parts, ours = _our_work(values)
    with running_app() as url:
        floor, request = _requests(url, values)
        with chromium() as browser:
            page = visit(browser, url, WATCH)
            follows = statistics.median(stroke(page).follows for _ in range(ROUNDS))
    middle = {name: statistics.median(times) for name, times in {**parts, "ours": ours, "request": request}.items()}
    rows = [(name, spread(times, 2), middle[name]) for name, times in parts.items()]
    rows.append(("encode: maps, steps and words as bytes and JSON", "", middle["ours"] - sum(map(middle.get, parts))))
    rows.append(("HTTP, Starlette, the door", "", middle["request"] - middle["ours"]))
    rows.append(("browser: send, receive, paint, wait for the frame", "", follows - middle["request"]))
    write_section(
        "Where the time of an update goes",
        "benchmarks.update",
        [
            ("part", "ms, median (lowest–highest)", "share"),
            *((name, cell or f"{ms:.2f}", f"{ms / follows:.0%}") for name, cell, ms in rows),
            ("pen moved to the answer painted", f"{follows:.2f}", "100%"),
            ("of it our work on the server", spread(ours, 2), f"{middle['ours'] / follows:.0%}"),
            ("the floor: a request that does nothing", spread(floor, 2), f"{statistics.median(floor) / follows:.0%}"),
        ],
    )


def _our_work(values: list[dict]) -> tuple[dict[str, list[float]], list[float]]:
    """Milliseconds of each part of our work on each drawing, and of the whole from JSON to JSON."""
    model, _ = load_checkpoint()
    visitors = Visitors(model)
    bodies = [orjson.dumps({"drawing": value, "weights": "", "off": []}) for value in values]
    parsed = [drawings.parse(value) for value in values]
    inks = [drawings.ink(drawing) for drawing in parsed]
    digits = [prepare(ink, smallest=drawings.INK_SIDE) for ink in inks]
    parts = {
        "parse": _times(lambda body: drawings.parse(orjson.loads(body)["drawing"]), bodies),
        "draw": _times(drawings.ink, parsed),
        "prepare": _times(lambda ink: prepare(ink, smallest=drawings.INK_SIDE), inks),
        "network": _times(lambda digit: answer(model, [digit]), digits),
    }
    return parts, _times(lambda body: orjson.dumps(live_answer(visitors, orjson.loads(body))), bodies)


def _times(work: Callable, inputs: list) -> list[float]:
    """Milliseconds for each input, the best of some rounds."""
    rounds = [[_milliseconds(work, each) for each in inputs] for _ in range(ROUNDS)]
    return [min(times) for times in zip(*rounds, strict=True)]


def _milliseconds(work: Callable, *inputs) -> float:
    started = time.perf_counter()
    work(*inputs)
    return 1000 * (time.perf_counter() - started)


def _requests(url: str, values: list[dict]) -> tuple[list[float], list[float]]:
    """Milliseconds of requests to the app: of the ones that do nothing, and of those for an answer."""
    connection = http.client.HTTPConnection(urlparse(url).netloc)

    def ask(method: str, path: str, body: str | None = None) -> bytes:
        connection.request(method, path, body, {"content-type": "application/json"})
        return connection.getresponse().read()

    components = json.loads(ask("GET", "/config"))["components"]
    sketchpad = next(each["id"] for each in components if each["props"].get("elem_id") == "sketchpad")
    calls = [
        json.dumps({"component_id": sketchpad, "fn_name": "read", "data": {"drawing": value, "weights": "", "off": []}})
        for value in values
    ]
    floor = [_milliseconds(ask, "GET", "/health") for _ in values]
    return floor, [_milliseconds(ask, "POST", "/gradio_api/component_server", call) for call in calls]


if __name__ == "__main__":
    main()
