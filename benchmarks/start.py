"""How long a start takes, beside importing gradio and torch alone: `python -m benchmarks.start`, two minutes.

In turns, so that both meet the same machine. The first round is not counted: it fills the disk's cache.
"""

import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator

from playwright.sync_api import sync_playwright

from benchmarks.report import spread, write_section
from benchmarks.serving import serving
from tests.browser import launch_options

ROUNDS, VISITS = 7, 5
PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"
TRANSFERRED = """
() => ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind))
  .reduce((sum, { transferSize }) => sum + transferSize, 0)
"""
IMPORTS = "import gradio, torch"
# What Python says of each import: its own microseconds, those with all that it imports, and its name.
IMPORT_TIME = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \| ( *)(\S+)")


def main() -> None:
    rounds = [(_imports(), *_start()) for _ in range(ROUNDS + 1)][1:]
    imports, starts, memories = zip(*rounds, strict=True)
    ratios = [start / floor for floor, start, _ in rounds]
    rows = [
        ("what", "median (lowest–highest)", "n"),
        ("seconds from the process's start to the page's first answer", spread(starts, 2), f"{ROUNDS} starts"),
        ("seconds that importing gradio and torch alone takes", spread(imports, 2), f"{ROUNDS} starts, in turns"),
        ("the first over the second", spread(ratios, 2), f"{ROUNDS} rounds"),
        ("resident megabytes at the first answer", spread(memories, 0), f"{ROUNDS} starts"),
    ]
    painted, transferred = zip(*_visits(), strict=True)
    rows.append(("milliseconds to a new visitor's first paint", spread(painted, 0), f"{VISITS} visits"))
    rows.append(("kB that a new visitor's browser fetches", spread(transferred, 0), f"{VISITS} visits"))
    for name, seconds in _by_package():
        rows.append((f"seconds of the imports in `{name}`", f"{seconds:.2f}", "1 start"))
    write_section("Start", "benchmarks.start", rows)


def _imports() -> float:
    begun = time.perf_counter()
    settings = os.environ | {"GRADIO_ANALYTICS_ENABLED": "False"}  # as the app has it: else Gradio asks other hosts
    subprocess.run([sys.executable, "-c", IMPORTS], env=settings, check=True)
    return time.perf_counter() - begun


def _start() -> tuple[float, float]:
    """Seconds to the first answer, and the megabytes then."""
    begun = time.perf_counter()
    with serving() as server, urllib.request.urlopen(server.url) as answer:
        answer.read()
        return time.perf_counter() - begun, server.memory


def _visits() -> Iterator[tuple[float, float]]:
    """Milliseconds to the first paint, and kB transferred, of browsers that were never here."""
    with serving() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        for _ in range(VISITS):
            page = browser.new_context().new_page()
            page.goto(server.url)
            page.locator("#sketchpad .sheet > canvas").click(trial=True)
            page.locator("#pictures .strip button").first.wait_for()  # what comes last
            yield page.evaluate(PAINT), page.evaluate(TRANSFERRED) / 1000
            page.close()
        browser.close()


def _by_package() -> list[tuple[str, float]]:
    """The packages whose own modules take longest to import, and how long that is."""
    told = subprocess.run([sys.executable, "-X", "importtime", "-c", "import app"], capture_output=True, text=True)
    taken: dict[str, int] = {}
    for own, _, _, name in IMPORT_TIME.findall(told.stderr):
        package = name.partition(".")[0]
        taken[package] = taken.get(package, 0) + int(own)
    longest = sorted(taken.items(), key=lambda item: -item[1])[:6]
    return [(name, microseconds / 1e6) for name, microseconds in longest]


if __name__ == "__main__":
    main()
