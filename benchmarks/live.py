"""Measure how fast the page follows the pen in a browser: `python -m benchmarks.live [--strokes N]`, five minutes.

A stroke is dragged over the sheet in many small moves, as fast as the browser accepts them: alone on the server, while
two other visitors train, and then, in the same browser, over Gradio's own sketchpad with the same network
(benchmarks/stock.py). Measured are the answers painted per second of the drag, the time from a move to the frame that
shows its answer, and the time from lifting the pen to the frame that shows the answer to the whole stroke.

Gradio's sketchpad draws with WebGL, for which the browser here has no graphics card: with one it is faster, but sends
the same requests.
"""

import argparse
import statistics
from collections.abc import Generator, Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser

from benchmarks.page import chromium, visit
from benchmarks.report import spread, write_section
from benchmarks.serving import serving
from benchmarks.stroke import MOVES, Stroke, draw, draw_on_stock, open_recording_page, open_recording_stock

STROKES, STOCK_STROKES = 15, 5
WARM_UP, STOCK_WARM_UP = 3, 1
PATIENCE = 60_000  # milliseconds


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live", description=__doc__.splitlines()[0])
    parser.add_argument("--strokes", type=int, default=STROKES)
    count = parser.parse_args().strokes
    with chromium() as browser:
        with serving() as server:
            page = open_recording_page(browser, server.url)
            alone = [draw(page) for _ in range(WARM_UP + count)][WARM_UP:]
            with _while_two_train(browser, server.url):
                training = [draw(page) for _ in range(WARM_UP + count)][WARM_UP:]
            page.close()
        with serving("-m", "benchmarks.stock") as server:
            page = open_recording_stock(browser, server.url)
            stock = [draw_on_stock(page) for _ in range(STOCK_WARM_UP + STOCK_STROKES)][STOCK_WARM_UP:]
    phases = (alone, training, stock)
    write_section(
        "Stroke to answer",
        "benchmarks.live",
        [
            ("median (lowest–highest)", "alone", "while two visitors train", "gr.Sketchpad, its WebGL without a GPU"),
            ("answers painted per second while drawing", *_cells("rate", phases)),
            ("pen moved to the answer painted, ms", *_cells("move_delay", phases)),
            ("pen up to the answer painted, ms", *_cells("delay", phases)),
            ("times faster than gr.Sketchpad from pen up", *_faster(phases, "delay")),
            ("times faster than that from a move", *_faster(phases, "move_delay")),
            ("requests a stroke", *_cells("requests", phases)),
            ("kilobytes a stroke", *_cells("kilobytes", phases)),
            (f"n, strokes of {MOVES} moves", *(str(len(strokes)) for strokes in phases)),
        ],
    )


def _faster(phases: tuple[list[Stroke], ...], name: str) -> Iterator[str]:
    *ours, stock = phases
    stock_delay = statistics.median(stroke.delay for stroke in stock)
    for strokes in ours:
        time = statistics.median(getattr(stroke, name) for stroke in strokes)
        yield f"{stock_delay / max(time, 1):.0f}"  # at least one millisecond
    yield "1"


def _cells(name: str, phases: tuple[list[Stroke], ...]) -> Iterator[str]:
    for strokes in phases:
        values = [getattr(stroke, name) for stroke in strokes]
        yield "–" if None in values else spread(values, 0 if name == "requests" else 1)


@contextmanager
def _while_two_train(browser: Browser, url: str) -> Generator[None]:
    """During the block, one visitor trains and another one waits."""
    others = [visit(browser, url) for _ in range(2)]
    for other, status in zip(others, ("left", "You are next"), strict=True):
        other.locator("#recipe [name=epochs]").fill("20")
        other.locator("#start").click()
        other.locator("#progress [role=status]", has_text=status).wait_for(timeout=PATIENCE)
    yield
    for other in others:
        other.close()


if __name__ == "__main__":
    main()
