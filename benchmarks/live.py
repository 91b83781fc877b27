"""How fast the page follows the pen, in a browser: `python -m benchmarks.live [--strokes N] [--stock]`, two minutes.

A stroke is dragged over the sheet in many small moves, as fast as the browser takes them; while nobody else is there,
and while two other visitors train. Counted are the answers that were painted per second of the drag, the time from the
newest move that an answer knows to the frame that shows it, and the time from lifting the pen to the frame that shows
the answer to the whole stroke. Nothing is sent when the pen goes up, for nothing has changed since its last move, so
that time may be short or even zero. With --stock, in the same browser, Gradio's own sketchpad before the same network
(benchmarks/stock.py): there the time ends with the first answer after the pen went up.
"""

import argparse
import math
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from playwright.sync_api import Browser, Page, Request

from benchmarks.page import chromium, running_app, visit
from benchmarks.report import spread, write_section

STROKES, STOCK_STROKES, WARM_UP = 15, 5, 3
MOVES = 120
STOCK_STEP = 4  # of the moves every so many: Gradio's own takes long for each, and sends nothing before the last
PATIENCE = 120_000  # milliseconds

# Notes of each request for an answer the last pointer event before it, and when the answer was on screen.
WATCH = """
window.moved = window.lifted = 0;
window.asked = [];
window.painted = [];
document.addEventListener("pointermove", (event) => (window.moved = event.timeStamp), true);
document.addEventListener("pointerup", (event) => (window.lifted = event.timeStamp), true);
const send = window.fetch;
window.fetch = (url, options) => {
  if (String(url).includes("component_server") && JSON.parse(options.body).fn_name === "read") asked.push(moved);
  return send(url, options);
};
document.addEventListener("lenet:answer", () => {
  const answer = { moved: asked[painted.length], at: null };
  painted.push(answer);
  requestAnimationFrame(() => setTimeout(() => (answer.at = performance.now())));
});
"""
CLEARED = "() => document.querySelector('#prediction .digit').textContent === ''"
ALL_PAINTED = "() => painted.length && painted.length === asked.length && painted.at(-1).at !== null"
# The same for Gradio's own: when the label first showed anything after the pen went up.
WATCH_STOCK = """
window.lifted = window.shown = null;
document.addEventListener("pointerup", (event) => (window.lifted = event.timeStamp), true);
new MutationObserver(() => {
  if (!lifted || shown || !document.querySelector("#answer")?.textContent.includes("%")) return;
  window.shown = 0;
  requestAnimationFrame(() => setTimeout(() => (window.shown = performance.now())));
}).observe(document, { childList: true, subtree: true, characterData: true });
"""


class Stroke(NamedTuple):
    """What one stroke came to."""

    rate: float  # answers painted a second, while the pen was down
    follows: float  # milliseconds from a move to its answer painted, in the median
    delay: float  # milliseconds from pen up to the whole stroke's answer painted
    requests: int
    kilobytes: float  # both ways, without headers


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live", description=__doc__.splitlines()[0])
    parser.add_argument("--strokes", type=int, default=STROKES)
    parser.add_argument("--stock", action="store_true", help="also Gradio's own sketchpad, which takes minutes")
    options = parser.parse_args()
    with chromium() as browser:
        with running_app() as url:
            page = visit(browser, url, WATCH)
            idle = _strokes(page, options.strokes)
            with _two_train(browser, url):
                training = _strokes(page, options.strokes)
        _write_ours(idle, training)
        if options.stock:
            with running_app("-m", "benchmarks.stock") as url:
                _write_beside([_stock_stroke(browser, url) for _ in range(STOCK_STROKES + 1)][1:], idle)


def _write_ours(idle: list[Stroke], training: list[Stroke]) -> None:
    write_section(
        "Stroke to answer",
        "benchmarks.live",
        [
            ("median (lowest–highest)", "alone", "while two visitors train"),
            ("answers painted a second in a drag", *_cells("rate", idle, training)),
            ("pen moved to the answer painted, ms", *_cells("follows", idle, training)),
            ("pen up to the answer painted, ms", *_cells("delay", idle, training)),
            ("requests a stroke", *_cells("requests", idle, training)),
            ("kilobytes a stroke", *_cells("kilobytes", idle, training)),
            (f"n, strokes of {MOVES} moves", str(len(idle)), str(len(training))),
        ],
    )


def _write_beside(stock: list[Stroke], idle: list[Stroke]) -> None:
    # Where the answer is there before the pen is up, the time from its last move is the one to compare.
    ours = max(statistics.median(each.delay for each in idle), statistics.median(each.follows for each in idle))
    faster = statistics.median(each.delay for each in stock) / ours
    write_section(
        "Gradio's own sketchpad",
        "benchmarks.live --stock",
        [
            ("median (lowest–highest)", "gr.Sketchpad"),
            ("its pen up to the answer painted, ms", *_cells("delay", stock)),
            ("its requests a stroke", *_cells("requests", stock)),
            ("its kilobytes a stroke", *_cells("kilobytes", stock)),
            (f"n, strokes of {MOVES // STOCK_STEP} moves", str(len(stock))),
            ("times faster than it in the same run", f"{faster:.0f}"),
        ],
    )


def _cells(name: str, *phases: list[Stroke]) -> Iterator[str]:
    for strokes in phases:
        yield spread([getattr(stroke, name) for stroke in strokes], 0 if name == "requests" else 1)


@contextmanager
def _two_train(browser: Browser, url: str) -> Iterator[None]:
    """For as long as the block lasts, one visitor's run is under way and another's waits for its end."""
    others = [visit(browser, url) for _ in range(2)]
    for other, status in zip(others, ("s left", "before yours"), strict=True):
        other.locator("#ways input[type=number]").first.fill("20")
        other.keyboard.press("Tab")
        other.locator("#start").click()
        other.locator("#running [role=status]", has_text=status).wait_for(timeout=PATIENCE)
    yield
    for other in others:
        other.close()


def _strokes(page: Page, count: int) -> list[Stroke]:
    return [stroke(page) for _ in range(WARM_UP + count)][WARM_UP:]


def stroke(page: Page) -> Stroke:
    """One stroke on the emptied sheet of a page that WATCH watches."""
    page.locator("[data-do=clear]").click()
    page.wait_for_function(CLEARED)
    page.wait_for_function(ALL_PAINTED)
    page.evaluate("() => { asked = []; painted = []; }")
    with _counted(page) as requests:
        _drag(page, "#sketchpad .sheet > canvas")
        page.wait_for_function(ALL_PAINTED, timeout=PATIENCE)
    answers, lifted = page.evaluate("() => [painted, lifted]")
    during = [answer["at"] for answer in answers if answer["at"] <= lifted]
    return Stroke(
        rate=1000 * (len(during) - 1) / (during[-1] - during[0]) if len(during) > 1 else 0.0,
        follows=statistics.median(answer["at"] - answer["moved"] for answer in answers),
        delay=max(0.0, answers[-1]["at"] - lifted),
        requests=len(requests),
        kilobytes=_kilobytes(requests),
    )


def _stock_stroke(browser: Browser, url: str) -> Stroke:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.add_init_script(WATCH_STOCK)
    page.goto(url)
    page.get_by_label("Brush").first.click(timeout=PATIENCE)
    page.wait_for_timeout(500)  # its canvas comes to rest
    with _counted(page) as requests:
        _drag(page, "canvas", STOCK_STEP)
        page.wait_for_function("() => shown", timeout=PATIENCE)
        page.wait_for_timeout(1_000)  # what it asks for after that
    lifted, shown = page.evaluate("() => [lifted, shown]")
    told = Stroke(0.0, math.nan, shown - lifted, len(requests), _kilobytes(requests))
    page.close()
    return told


def _drag(page: Page, canvas: str, step: int = 1) -> None:
    """Draw a spiral on the first such canvas with the mouse."""
    box = page.locator(canvas).first.bounding_box()
    side = min(box["width"], box["height"])
    for i, (x, y) in enumerate(list(spiral())[::step]):
        page.mouse.move(box["x"] + box["width"] / 2 + side * x, box["y"] + box["height"] / 2 + side * y)
        if i == 0:
            page.mouse.down()
    page.mouse.up()


def spiral() -> Iterator[tuple[float, float]]:
    """The stroke's points around the middle of a sheet of side 1."""
    for i in range(MOVES):
        angle, radius = i / 9, 0.1 + 0.3 * i / MOVES
        yield radius * math.cos(angle), radius * math.sin(angle)


@contextmanager
def _counted(page: Page) -> Iterator[list[Request]]:
    """Gathers the requests that come to their end in the block."""
    requests: list[Request] = []

    def note(request: Request) -> None:
        requests.append(request)

    page.on("requestfinished", note)
    yield requests
    page.remove_listener("requestfinished", note)


def _kilobytes(requests: list[Request]) -> float:
    sizes = [request.sizes() for request in requests]
    return sum(size["requestBodySize"] + size["responseBodySize"] for size in sizes) / 1000


if __name__ == "__main__":
    main()
