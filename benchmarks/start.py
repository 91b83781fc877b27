"""Measure the app's start, and for comparison importing gradio and torch: `python -m benchmarks.start`, two minutes.

Measured alternately, so that both have the same conditions. The first round fills the disk cache and is not counted.
"""

import asyncio
import os
import re
import statistics
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator

from benchmarks.page import chromium, visit
from benchmarks.report import spread, write_section
from benchmarks.serving import Visitor, serving

ROUNDS, VISITS, IMPORTED, PACKAGES = 7, 5, 3, 6
# Without the interpreter's shutdown, which takes another second and does not delay a server.
IMPORTS = "import gradio, torch, os; os._exit(0)"
# Python's line for each import: its own microseconds, the cumulative ones, and the module's name.
IMPORT_TIME = re.compile(r"import time:\s+(\d+) \|\s+\d+ \|\s+([^.\s]+)")
PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"
TRANSFERRED = """
() => ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind))
  .reduce((sum, { transferSize }) => sum + transferSize, 0)
"""


def main() -> None:
    rounds = [(_imports(), *_start()) for _ in range(ROUNDS + 1)][1:]
    imports, pages, drawings, memories = zip(*rounds, strict=True)
    ratios = [page / floor for floor, page, *_ in rounds]
    painted, transferred = zip(*_visits(), strict=True)
    write_section(
        "Start",
        "benchmarks.start",
        [
            ("what", "median (lowest–highest)", "n"),
            ("seconds from the process's start to the page's first answer", spread(pages, 2), f"{ROUNDS} starts"),
            ("seconds that importing gradio and torch alone takes", spread(imports, 2), f"{ROUNDS} starts, in turns"),
            ("the first over the second", spread(ratios, 2), f"{ROUNDS} rounds"),
            ("seconds from the start to the first drawing read", spread(drawings, 2), f"{ROUNDS} starts"),
            ("resident megabytes then", spread(memories, 0), f"{ROUNDS} starts"),
            ("milliseconds to a new visitor's first paint", spread(painted, 0), f"{VISITS} visits"),
            ("kB that a new visitor's browser fetches", spread(transferred, 0), f"{VISITS} visits"),
            *(
                (f"seconds of the imports in `{name}`", spread(seconds, 2), f"{IMPORTED} starts")
                for name, seconds in _packages()
            ),
        ],
    )


def _imports() -> float:
    started = time.perf_counter()
    settings = os.environ | {"GRADIO_ANALYTICS_ENABLED": "False"}  # as in the app; otherwise Gradio sends requests
    subprocess.run([sys.executable, "-c", IMPORTS], env=settings, check=True)
    return time.perf_counter() - started


def _start() -> tuple[float, float, float]:
    """Return the seconds to the page's first answer and to the network's, and the megabytes then."""
    started = time.perf_counter()
    with serving() as server:
        with urllib.request.urlopen(server.url) as answer:
            answer.read()
        page = time.perf_counter() - started
        asyncio.run(Visitor(server, 1).draw(20))
        return page, time.perf_counter() - started, server.memory


def _visits() -> Iterator[tuple[float, float]]:
    """Yield the milliseconds to the first paint, and the kB transferred, of new visitors."""
    with serving() as server, chromium() as browser:
        for _ in range(VISITS):
            page = visit(browser, server.url)
            yield page.evaluate(PAINT), page.evaluate(TRANSFERRED) / 1000
            page.close()


def _packages() -> list[tuple[str, list[float]]]:
    """Return the packages whose modules take longest to import, and their seconds in each round."""
    rounds = [_by_package() for _ in range(IMPORTED)]
    longest = sorted(rounds[0], key=lambda name: -statistics.median(each[name] for each in rounds))[:PACKAGES]
    return [(name, [each[name] for each in rounds]) for name in longest]


def _by_package() -> Counter[str]:
    """Return the seconds that each package's modules take to import."""
    timed = subprocess.run([sys.executable, "-X", "importtime", "-c", "import app"], capture_output=True, text=True)
    seconds: Counter[str] = Counter()
    for microseconds, package in IMPORT_TIME.findall(timed.stderr):
        seconds[package] += int(microseconds) / 1e6
    return seconds


if __name__ == "__main__":
    main()
