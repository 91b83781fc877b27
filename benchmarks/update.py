"""Measure the parts of an update: `python -m benchmarks.update`, a minute.

The drawings are a 2 as it is drawn, 120 moves. In the browser, preparation, network and panels are timed separately;
then strokes are drawn, and the time from a move to its painted answer is measured. On the server, the parts of a
confirmation are timed in this process, on one thread, and then whole requests to the running app over one connection.
"""

import http.client
import json
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import orjson
import torch
from playwright.sync_api import Page

from benchmarks.page import chromium
from benchmarks.report import spread, write_section
from benchmarks.serving import READ, Server, serving
from benchmarks.stroke import MOVES, draw, open_recording_page, path
from demo.live.live import confirmation
from demo.visitors import Visitors
from lenet.network.checkpoint import load_checkpoint
from lenet.reading import drawing as drawings
from lenet.reading.answer import answer
from lenet.reading.drawing import PAGE_SIDE
from lenet.reading.preparation import prepare

ROUNDS, WARM_UP = 5, 3
# Returns the milliseconds of each part of every drawing's answer in the fastest round.
IN_BROWSER = """async ([drawings, rounds]) => {
  const network = lenetEvaluator.open(await lenet.fetchWeights(""));
  let lastAnswer = null;
  document.addEventListener("lenet:answer", ({ detail }) => (lastAnswer = detail));
  lenet.publish("drawing", { strokes: drawings.at(-1).strokes, picture: null });
  await new Promise((done) => document.addEventListener("lenet:answer", done, { once: true }));
  const timed = (act) => {
    const started = performance.now();
    const result = act();
    return [result, performance.now() - started];
  };
  const best = { prepare: [], network: [], panels: [] };
  for (let round = 0; round < rounds; round++) {
    drawings.forEach((drawing, i) => {
      const [prepared, preparing] = timed(() => lenetPreparation.prepare(drawing));
      const [answer, reading] = timed(() => network.read(prepared.centred.pixels));
      const [, painting] = timed(() => lenet.publish("answer", { ...lastAnswer, ...answer }));
      for (const [name, time] of Object.entries({ prepare: preparing, network: reading, panels: painting })) {
        best[name][i] = Math.min(best[name][i] ?? Infinity, time);
      }
    });
  }
  return best;
}"""


def main() -> None:
    torch.set_num_threads(1)
    requests = [_request(count) for count in range(1, MOVES + 1)]
    parts, direct = _our_work(requests)
    with serving() as server, chromium() as browser:
        by_request = _request_times(server, requests)
        page = open_recording_page(browser, server.url)
        strokes = [draw(page) for _ in range(WARM_UP + ROUNDS)][WARM_UP:]
        in_browser = _in_browser(page, requests)
    rows = [("part", "ms, median (lowest–highest)")]
    rows += [(f"in the browser: {name}", spread(times, 2)) for name, times in in_browser.items()]
    rows.append(("pen moved to the answer painted", spread([stroke.move_delay for stroke in strokes], 2)))
    rows += [(f"on the server, to confirm: {name}", spread(times, 2)) for name, times in parts.items()]
    rows += [("a whole confirmation", spread(direct, 2)), ("the same as a request to the app", spread(by_request, 2))]
    write_section("Where the time of an update goes", "benchmarks.update", rows)


def _request(count: int) -> dict:
    """Return the page's request after this many moves."""
    stroke = {"points": path()[:count], "width": 18, "erase": False}
    return {"drawing": {"width": PAGE_SIDE, "height": PAGE_SIDE, "strokes": [stroke]}, "weights": "", "off": []}


def _in_browser(page: Page, requests: list[dict]) -> dict[str, list[float]]:
    return page.evaluate(IN_BROWSER, [[request["drawing"] for request in requests], ROUNDS])


def _our_work(requests: list[dict]) -> tuple[dict[str, list[float]], list[float]]:
    """Return the milliseconds of each part of the server's work on each request, and of all from JSON to JSON."""
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
    """Return the milliseconds for each input in the fastest round."""
    rounds = [[_milliseconds(work, each) for each in inputs] for _ in range(ROUNDS)]
    return [min(times) for times in zip(*rounds, strict=True)]


def _milliseconds(work: Callable, *inputs) -> float:
    started = time.perf_counter()
    work(*inputs)
    return 1000 * (time.perf_counter() - started)


def _request_times(server: Server, requests: list[dict]) -> list[float]:
    """Return the milliseconds of each of these requests to the app in the fastest round."""
    server.wait_until_calm()
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc)
    bodies = [json.dumps(request) for request in requests]

    def post(body: str) -> None:
        connection.request("POST", READ, body, {"content-type": "application/json"})
        connection.getresponse().read()

    return _times(post, bodies)


if __name__ == "__main__":
    main()
