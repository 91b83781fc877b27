"""Visitors come, draw, train and close their tabs: `python -m benchmarks.soak --minutes 10`, on this machine alone.

Memory, threads and temporary files are looked at after a warm-up and at the end, each time when nobody is there.
"""

import argparse
import random
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser

from benchmarks.page import chromium
from benchmarks.report import write_section
from benchmarks.serving import Server, serving
from tests.hand import ONE, SEVEN, TWO, draw, expect_digit

WARM_UP = 0.3  # of the time
CALM = 10  # seconds without a visitor before anything is counted
SEED = 7


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak")
    parser.add_argument("--minutes", type=float, default=10)
    seconds = 60 * parser.parse_args().minutes
    with tempfile.TemporaryDirectory() as folder:
        # As many weights and films as are ever kept are there after the warm-up: what grows later is a leak.
        limits = {"LENET_WEIGHTS": "3", "LENET_FILMS": "2", "LENET_SESSIONS": "5", "LENET_UPLOAD_SECONDS": "5"}
        with serving(TMPDIR=folder, **limits) as server, chromium() as browser:
            chance = random.Random(SEED)
            visitors = _visits(browser, server, seconds * WARM_UP, chance)
            before = _state(server, Path(folder))
            visitors += _visits(browser, server, seconds * (1 - WARM_UP), chance)
            after = _state(server, Path(folder))
    growth = 100 * (after[0] / before[0] - 1)
    names = ("resident megabytes", "threads", "temporary files")
    rows = [("what", "after the warm-up", "at the end")]
    rows += [(name, f"{was:.0f}", f"{now:.0f}") for name, was, now in zip(names, before, after, strict=True)]
    rows += [("growth of memory, %", "", f"{growth:+.1f}"), ("visitors in all", "", str(visitors))]
    write_section(f"A soak of {seconds / 60:g} minutes", "benchmarks.soak", rows)


def _visits(browser: Browser, server: Server, seconds: float, chance: random.Random) -> int:
    """One visitor after the other for so long; how many came."""
    end = time.monotonic() + seconds
    count = 0
    while time.monotonic() < end:
        page = browser.new_page()
        page.goto(server.url)
        page.locator("#sketchpad .sheet > canvas").click(trial=True)
        for digit, points in chance.sample([(1, ONE), (2, TWO), (7, SEVEN)], 2):
            page.locator("[data-do=clear]").click()
            draw(page, points)
            expect_digit(page, digit)
        if chance.random() < 0.5:
            page.locator("#start").click()
            page.locator("#stop:not([disabled])").wait_for()
            page.wait_for_timeout(1000 * chance.uniform(0.5, 4))  # some train for longer than others before they go
            if chance.random() < 0.5:
                page.locator("#stop").click()
                page.locator("#start:not([disabled])").wait_for()
        page.close()
        count += 1
    return count


def _state(server: Server, folder: Path) -> tuple[float, int, int]:
    """Megabytes, threads and temporary files, once the last visitor is gone."""
    time.sleep(CALM)
    megabytes = []
    for _ in range(5):
        megabytes.append(server.memory)
        time.sleep(0.5)
    files = sum(path.is_file() for path in folder.rglob("*"))
    return statistics.median(megabytes), server.threads, files


if __name__ == "__main__":
    main()
