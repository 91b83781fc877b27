"""Where the time of one update goes: `python -m benchmarks.update`, a minute.

A two as it grows, 120 drawings. Each part of our own work is timed alone, in this process, on one thread; then the
whole request to the running app over one connection; then strokes in a browser, whose clock says when the pen moved,
when the request was sent, when the answer was there and when it was painted. What is not measured itself is what is
left: encoding of our work, HTTP of the request, the browser's own share of the time it waits for the answer, and
painting of the whole. The floor is a request to stock Gradio's function that does nothing (benchmarks/empty.py).
"""

import http.client
import json
import statistics
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import orjson
import torch

from benchmarks.page import chromium
from benchmarks.report import spread, write_section
from benchmarks.serving import READ, Server, serving
from benchmarks.stroke import MOVES, Stroke, draw, path, watched
from demo.live.live import confirmation
from demo.panels.pad.pad import SHEET
from demo.visitors import Visitors
from lenet.network.checkpoint import load_checkpoint
from lenet.reading import drawing as drawings
from lenet.reading.answer import answer
from lenet.reading.preparation import prepare

ROUNDS, WARM_UP = 5, 3


def main() -> None:
    torch.set_num_threads(1)
    requests = [_request(count) for count in range(1, MOVES + 1)]
    parts, ours = _our_work(requests)
    with serving("-m", "benchmarks.empty") as server:
        floor = _asked(server, requests)
    with serving() as server, chromium() as browser:
        asked = _asked(server, requests)
        page = watched(browser, server.url)
        strokes = [draw(page) for _ in range(WARM_UP + ROUNDS)][WARM_UP:]
    follows, sends, asks = (_median(strokes, name) for name in ("follows", "sends", "asks"))
    middle = {name: statistics.median(times) for name, times in parts.items()}
    whole, request = statistics.median(ours), statistics.median(asked)
    rows = [
        *((name, spread(times, 2), middle[name]) for name, times in parts.items()),
        ("encode: maps, steps and words as bytes and JSON", "", whole - sum(middle.values())),
        ("Gradio's place: HTTP, Starlette, the door", "", request - whole),
        ("browser: a move becomes a request, once a frame", "", sends),
        ("browser: send, receive, parse", "", asks - request),
        ("browser: draw the panels, wait for the frame, paint", "", follows - sends - asks),
    ]
    write_section(
        "Where the time of an update goes",
        "benchmarks.update",
        [
            ("part", "ms, median (lowest–highest)", "share"),
            *((name, cell or f"{ms:.2f}", f"{ms / follows:.1%}") for name, cell, ms in rows),
            ("pen moved to the answer painted", spread([stroke.follows for stroke in strokes], 2), "100%"),
            ("of it our work on the server", spread(ours, 2), f"{whole / follows:.1%}"),
            ("of it the request", spread(asked, 2), f"{request / follows:.1%}"),
            ("the floor: stock Gradio's function that does nothing", spread(floor, 2), ""),
        ],
    )


def _request(count: int) -> dict:
    """What the sketchpad sends after so many moves."""
    stroke = {"points": path()[:count], "width": 18, "erase": False}
    return {"drawing": {"width": SHEET, "height": SHEET, "strokes": [stroke]}, "weights": "", "off": []}


def _our_work(requests: list[dict]) -> tuple[dict[str, list[float]], list[float]]:
    """Milliseconds of each part of our work on each request, and of the whole from JSON to JSON."""
    model, _ = load_checkpoint()
    visitors = Visitors(model)
    bodies = [orjson.dumps(request) for request in requests]
    parsed = [drawings.parse(request["drawing"]) for request in requests]
    inks = [drawings.ink(drawing) for drawing in parsed]
    digits = [prepare(ink, smallest=drawings.INK_SIDE) for ink in inks]
    parts = {
        "parse": _times(lambda body: drawings.parse(orjson.loads(body)["drawing"]), bodies),
        "draw": _times(drawings.ink, parsed),
        "prepare": _times(lambda ink: prepare(ink, smallest=drawings.INK_SIDE), inks),
        "network": _times(lambda digit: answer(model, [digit]), digits),
    }
    return parts, _times(lambda body: orjson.dumps(confirmation(visitors, orjson.loads(body))), bodies)


def _times(work: Callable, inputs: list) -> list[float]:
    """Milliseconds for each input, the best of some rounds."""
    rounds = [[_milliseconds(work, each) for each in inputs] for _ in range(ROUNDS)]
    return [min(times) for times in zip(*rounds, strict=True)]


def _milliseconds(work: Callable, *inputs) -> float:
    started = time.perf_counter()
    work(*inputs)
    return 1000 * (time.perf_counter() - started)


def _asked(server: Server, requests: list[dict]) -> list[float]:
    """Milliseconds of each of these requests to the component that reads drawings, the best of some rounds."""
    server.wait_until_calm()
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc)
    bodies = [json.dumps(request) for request in requests]

    def ask(body: str) -> None:
        connection.request("POST", READ, body, {"content-type": "application/json"})
        connection.getresponse().read()

    return _times(ask, bodies)


def _median(strokes: list[Stroke], name: str) -> float:
    return statistics.median(getattr(stroke, name) for stroke in strokes)


if __name__ == "__main__":
    main()
