"""Let visitors draw, train, load weights and close their tabs: `python -m benchmarks.soak`, eleven minutes.

Memory, threads and temporary files are measured after a warm-up and at the end, each time without visitors.
"""

import argparse
import random
import statistics
import tempfile
import time
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from benchmarks.report import spread, write_section
from benchmarks.serving import Server, serving
from lenet.network.checkpoint import SHIPPED
from visitor.browser import launch_options
from visitor.hand import ONE, SEVEN, TWO, draw, expect_digit

WARM_UP = 0.3  # of the time
# Seconds without visitors before measuring: anyio keeps an idle thread for ten.
CALM = 12
SEED = 7
# Small enough that the stores are full after the warm-up: later growth is a leak.
LIMITS = {"WEIGHTS": 3, "FILMS": 2, "SESSIONS": 5, "TRIM_SECONDS": 5}
PATIENCE = 60_000  # milliseconds


@dataclass(frozen=True)
class RunningApp:
    """A server, its log and its temporary files."""

    server: Server
    log: Path
    folder: Path  # for its temporary files

    @property
    def training(self) -> bool:
        text = self.log.read_text()
        return text.count('"run begun"') > text.count('"run ended"')

    def measure_idle(self, seconds: float) -> tuple[float, int, int]:
        """Return megabytes, threads and temporary files after this many seconds without visitors."""
        time.sleep(seconds)
        urllib.request.urlopen(self.server.url).close()  # anyio ends idle threads when the next one is needed
        megabytes = []
        for _ in range(5):
            megabytes.append(self.server.memory)
            time.sleep(0.2)
        files = sum(path.is_file() for path in self.folder.rglob("*"))
        return statistics.median(megabytes), self.server.threads, files


@contextmanager
def app_with_limits(**limits: int) -> Generator[RunningApp]:
    """Run the app with small stores for visitors' objects, and with these limits."""
    limits = {f"LENET_{name}": str(value) for name, value in (LIMITS | limits).items()}
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.NamedTemporaryFile() as log,
        serving(log=Path(log.name), TMPDIR=folder, **limits) as server,
    ):
        yield RunningApp(server, Path(log.name), Path(folder))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak")
    parser.add_argument("--minutes", type=float, default=10)
    minutes = parser.parse_args().minutes
    rng = random.Random(SEED)
    with app_with_limits() as app, sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        visits = _visits_for(60 * minutes * WARM_UP, app, browser, rng)
        before = app.measure_idle(CALM)
        visits += _visits_for(60 * minutes * (1 - WARM_UP), app, browser, rng)
        after = app.measure_idle(CALM)
        browser.close()
    names = ("resident megabytes", "threads", "temporary files")
    rows = [("what", "after the warm-up", "at the end")]
    rows += [(name, f"{old:.0f}", f"{new:.0f}") for name, old, new in zip(names, before, after, strict=True)]
    rows += [("growth of memory, %", "", f"{100 * (after[0] / before[0] - 1):+.1f}")]
    ends = [seconds for seconds in visits if seconds is not None]
    rows += [("visitors in all", "", str(len(visits))), ("of them gone while they trained", "", str(len(ends)))]
    rows += [("seconds until their runs had ended", "", spread(ends, 2))]
    write_section(f"A soak of {minutes:g} minutes", "benchmarks.soak", rows)


def _visits_for(seconds: float, app: RunningApp, browser: Browser, rng: random.Random) -> list[float | None]:
    """Run `visit` with one visitor after another for this many seconds; return the results."""
    end = time.monotonic() + seconds
    visits = []
    while time.monotonic() < end:
        trains, stops, loads = (rng.random() < 0.5 for _ in range(3))
        visits.append(visit(app, browser, rng, trains, stops, loads))
    return visits


def visit(
    app: RunningApp, browser: Browser, rng: random.Random, trains: bool, stops: bool, loads: bool
) -> float | None:
    """Run one visit until the tab is closed; if that was during a run, return the seconds until the run ended."""
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(app.server.url)
    page.locator("#pad .sheet > canvas").click(trial=True)
    for digit, points in rng.sample([(1, ONE), (2, TWO), (7, SEVEN)], 2):
        page.locator("[data-do=clear]").click()
        draw(page, points)
        expect_digit(page, digit)
    if loads:
        with page.expect_file_chooser() as chooser:
            page.locator("#load").click()
        chooser.value.set_files(SHIPPED)
        _expect_status(page, "The network of the file answers now, for you alone.")
    if trains:
        page.locator("#start").click()
        page.locator("#stop:not([disabled])").wait_for()
        page.wait_for_timeout(1000 * rng.uniform(0.5, 4))  # some train longer than others
        if stops:
            page.locator("#stop").click()
            page.locator("#start:not([disabled])").wait_for()
    in_mid_run = app.training
    page.close()
    closed = time.monotonic()
    while app.training:
        time.sleep(0.01)
    return time.monotonic() - closed if in_mid_run else None


def _expect_status(page: Page, words: str) -> None:
    expect(page.locator("#progress [role=status]")).to_have_text(words, timeout=PATIENCE)


if __name__ == "__main__":
    main()
