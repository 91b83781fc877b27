"""Measure the page far from its server and on slow machines: `python -m benchmarks.network`, five minutes.

A real browser with an emulated network (round trip and bandwidth) and processor (how many times slower). A stroke is
dragged over the sheet in many small moves; then a whole number is written at a round trip of 100 ms; the last is a
first visit: its downloads, and the time until the first answer.
"""

import argparse
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, CDPSession, Page

from benchmarks.number_live import four_digits
from benchmarks.page import chromium, wait_until
from benchmarks.report import spread, write_section
from benchmarks.serving import serving
from benchmarks.stroke import Stroke, draw, draw_into, open_recording_page

UNLIMITED = 0  # Mbit/s
# Round trip in ms, bandwidth in Mbit/s, and how many times slower the processor is.
PLACES = [(trip, 4, 1) for trip in (0, 50, 100, 150, 200, 300)]
PLACES += [(300, 1.6, 1), (0, 4, 4), (150, 4, 4), (150, 1.6, 4), (150, 4, 6), (300, 1.6, 6)]
QUOTED = (150, 4, 1)
NUMBER = (100, 4, 1)
STROKES = 3


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.network", description=__doc__.splitlines()[0])
    parser.add_argument("--strokes", type=int, default=STROKES)
    count = parser.parse_args().strokes
    rows = [("round trip, line, processor", "answers per second", "pen up to the last, ms", "longest task, ms",
             "requests", "kilobytes")]  # fmt: skip
    with chromium() as browser, serving() as server:
        server.wait_until_calm()
        page = open_recording_page(browser, server.url)
        draw(page)
        with _emulated(page) as emulate:
            for place in PLACES:
                emulate(*place)
                strokes = [draw(page) for _ in range(count)]
                rows.append((_name(*place), *_cells(strokes)))
                print(*rows[-1], sep="; ", flush=True)
                if place == QUOTED:
                    quoted = strokes
            emulate(*NUMBER)
            numbers = [draw_into(page, four_digits(), "2417") for _ in range(count)]
        rows.append((f"a whole number at {_name(*NUMBER)}", *_cells(numbers)))
        print(*rows[-1], sep="; ", flush=True)
        rows += [
            ("answers per second, 150 ms from the server", spread([each.rate for each in quoted]), *[""] * 4),
            ("pen up to the last answer, ms, 150 ms from the server", spread([s.delay for s in quoted]), *[""] * 4),
        ]
        rows += [(name, value, *[""] * 4) for name, value in _first_visit(browser, server.url)]
    write_section("Far from the server", "benchmarks.network", rows)


def _name(trip: int, bandwidth: float, slowdown: int) -> str:
    return f"{trip} ms, {bandwidth} Mbit/s, 1/{slowdown}"


def _cells(strokes: list[Stroke]) -> Iterator[str]:
    for name in ("rate", "delay", "longest", "requests", "kilobytes"):
        yield spread([getattr(stroke, name) for stroke in strokes])


@contextmanager
def _emulated(page: Page) -> Generator:
    """Yield a function that sets a page's round trip, bandwidth and processor; undone after the block."""
    session = page.context.new_cdp_session(page)

    def emulate(trip: int, bandwidth: float, slowdown: int) -> None:
        bytes_a_second = bandwidth * 1e6 / 8 if bandwidth else -1
        conditions = {"downloadThroughput": bytes_a_second, "uploadThroughput": bytes_a_second, "latency": trip}
        session.send("Network.emulateNetworkConditions", {"offline": False, **conditions})
        session.send("Emulation.setCPUThrottlingRate", {"rate": slowdown})

    yield emulate
    emulate(0, UNLIMITED, 1)


def _first_visit(browser: Browser, url: str) -> Generator[tuple[str, str]]:
    """Measure a new visitor's downloads, and the time from the first paint to the first computed answer."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.add_init_script("document.addEventListener('lenet:answer', ({ detail }) => detail.source === 'browser' && "
                         "(window.answered ??= performance.now()))")  # fmt: skip
    downloaded = _downloads(context.new_cdp_session(page))
    page.goto(url)
    wait_until(page, "() => window.answered", "The browser has not answered by itself")
    page.locator("#pictures .strip button").first.wait_for()
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    time.sleep(2)  # for the remaining downloads
    yield "kilobytes of a first visit", f"{sum(downloaded.values()) / 1000:.0f}"
    yield "ms from the first paint to the first answer", f"{page.evaluate('answered') - painted:.0f}"
    context.close()


def _downloads(session: CDPSession) -> dict[str, int]:
    """Return the transferred bytes by request, a dictionary that is filled while the page is used."""
    found: dict[str, int] = {}
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: found.update({event["requestId"]: event["encodedDataLength"]}))
    return found


if __name__ == "__main__":
    main()
