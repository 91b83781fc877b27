"""Draw a stroke with the mouse in a browser, on our page or on Gradio's sketchpad, and measure the answers."""

import statistics
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
from playwright.sync_api import Browser, Page, Request

from benchmarks.page import PATIENCE, visit, wait_until
from visitor.hand import SHEET, TWO

STEPS = 13  # from each corner of the 2 to the next
MOVES = STEPS * (len(TWO) - 1) + 1
WATCH = Path(__file__).with_name("watch.js").read_text("utf-8")
CLEARED = "() => document.querySelector('#answer .digit').textContent === ''"
LABEL_EMPTY = "() => !document.querySelector('#label').textContent.includes('%')"
ALL_PAINTED = "() => answers.length && answers.at(-1).painted !== null"
QUIET = 1_000  # milliseconds without a request after which a stroke's requests are complete


class Stroke(NamedTuple):
    """The measurements of one stroke; times are medians of its answers in milliseconds, None without any."""

    rate: float  # answers painted per second while the pen was down
    move_delay: float | None  # from a move to its answer painted
    delay: float  # from pen up to the whole stroke's answer painted
    longest: float  # the longest task of the page in the drag, 0 if none took 50 ms
    requests: int
    kilobytes: float  # both ways, without headers


def path() -> list[list[float]]:
    """Return the pen's path: a 2, in MOVES steps, in pixels of our drawings."""
    corners = range(len(TWO))
    positions = np.linspace(0, corners[-1], MOVES)
    return np.stack([np.interp(positions, corners, axis) for axis in np.transpose(TWO)], 1).round(1).tolist()


def open_recording_page(browser: Browser, url: str) -> Page:
    """Open our page for `draw`, with watch.js."""
    return visit(browser, url, WATCH)


def draw(page: Page) -> Stroke:
    """Clear the sheet of our page and draw the stroke."""
    page.locator("[data-do=clear]").click()
    wait_until(page, CLEARED, "The sheet is not empty")
    return _measured_drag(page)


def draw_into(page: Page, drawing: dict, read: str) -> Stroke:
    """Put a drawing on our page's sheet, wait until the number is read, and draw the stroke in its middle."""
    page.evaluate("(drawing) => lenet.publish('drawing', { ...drawing, passing: true })", drawing)
    condition = f"() => document.querySelector('#number .words').textContent.includes('I read {read},')"
    wait_until(page, condition, f"{read} is not read")
    return _measured_drag(page)


def _measured_drag(page: Page) -> Stroke:
    """Draw the stroke and wait for everything that follows: the last answers, and the confirmation."""
    wait_until(page, ALL_PAINTED, "The answer before the stroke is not painted")
    with _collected_requests(page) as requests:
        _drag(page, "#pad .sheet > canvas")
        wait_until(page, ALL_PAINTED, "The answer to the whole stroke is not painted")
        _until_quiet(page, requests)
    return _measurements(page, requests)


def open_recording_stock(browser: Browser, url: str) -> Page:
    """Open the page of benchmarks/stock.py for `draw_on_stock`, with watch.js."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.add_init_script(WATCH)
    page.goto(url)
    page.locator("#label").evaluate("(label) => watchLabel(label)")
    return page


def draw_on_stock(page: Page) -> Stroke:
    """Clear Gradio's sketchpad, choose its brush again, and draw the stroke."""
    with _collected_requests(page) as requests:
        page.get_by_label("Clear canvas").click()
        wait_until(page, LABEL_EMPTY, "Gradio's label is not empty")
        page.get_by_label("Brush", exact=True).click()
        _until_quiet(page, requests)
    with _collected_requests(page) as requests:
        _drag(page, "canvas")
        wait_until(page, ALL_PAINTED, "Gradio's own sketchpad shows no answer")
        _until_quiet(page, requests)
    return _measurements(page, requests)


def _drag(page: Page, canvas: str) -> None:
    """Draw the path with the mouse, centred on the first matching canvas and as large as it fits.

    Each move is sent when the browser has processed the last one. Playwright's own mouse would run scripts in the page
    before and after every move with a button down, to look for a drag, which takes 40 % of a slow processor's time.
    """
    page.evaluate("() => { answers = []; longTasks = []; }")
    box = page.locator(canvas).first.bounding_box()
    scale = min(box["width"], box["height"]) / SHEET
    left, top = box["x"] + (box["width"] - scale * SHEET) / 2, box["y"] + (box["height"] - scale * SHEET) / 2
    points = [(left + scale * x, top + scale * y) for x, y in path()]
    session = page.context.new_cdp_session(page)
    steps = [("mouseMoved", points[0], 0), ("mousePressed", points[0], 1)]
    steps += [("mouseMoved", point, 1) for point in points[1:]] + [("mouseReleased", points[-1], 0)]
    for kind, (x, y), buttons in steps:
        event = {"type": kind, "x": x, "y": y, "button": "left", "buttons": buttons, "clickCount": 1}
        session.send("Input.dispatchMouseEvent", event)
    session.detach()


def _measurements(page: Page, requests: list[Request]) -> Stroke:
    answers, lifted, tasks = page.evaluate("() => [answers, lifted, longTasks]")
    during = [answer["painted"] for answer in answers if answer["painted"] <= lifted]
    started = answers[0]["answered"]
    return Stroke(
        rate=1000 * (len(during) - 1) / (during[-1] - during[0]) if len(during) > 1 else 0.0,
        move_delay=_median_time(answers, "moved", "painted"),
        delay=max(0.0, answers[-1]["painted"] - lifted),
        longest=max((task["duration"] for task in tasks if started <= task["startTime"] <= lifted), default=0.0),
        requests=len(requests),
        kilobytes=sum(map(_bytes, requests)) / 1000,
    )


def _median_time(answers: list[dict], start: str, end: str) -> float | None:
    times = [answer[end] - answer[start] for answer in answers if answer[start]]
    return statistics.median(times) if times else None


def _bytes(request: Request) -> int:
    """Return the size of both bodies. Playwright has the size of a request's body only in its header."""
    return int(request.all_headers().get("content-length", 0)) + request.sizes()["responseBodySize"]


@contextmanager
def _collected_requests(page: Page) -> Generator[list[Request]]:
    """Collect the requests that are sent during the block."""
    requests: list[Request] = []

    def collect(request: Request) -> None:
        requests.append(request)

    page.on("request", collect)
    yield requests
    page.remove_listener("request", collect)


def _until_quiet(page: Page, requests: list[Request]) -> None:
    for _ in range(PATIENCE):
        before = len(requests)
        page.wait_for_timeout(QUIET)
        if len(requests) == before:
            return
    raise SystemExit(f"The page still sends requests after {PATIENCE} seconds.")
