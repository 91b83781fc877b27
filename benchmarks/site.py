"""Measure how fast the static site follows the pen: `python -m benchmarks.site`, half a minute.

It is made as by `make site`, and served by Python's file server under a path, as by a file host.
"""

import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser

from benchmarks.page import chromium, wait_until
from benchmarks.report import spread, write_section
from benchmarks.serving import serving
from benchmarks.stroke import WATCH, Stroke, draw
from hosting.site.build import build

STROKES = 3
PATH = "digits/live"
READY = "() => document.body.matches('[data-ready]')"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / PATH
        build(site)
        files = [file.stat().st_size for file in site.rglob("*") if file.is_file()]
        command = ("-m", "http.server", "--bind", "127.0.0.1", "--directory", folder, "0")
        with serving(*command) as server, chromium() as browser:
            strokes, others = _strokes(browser, server.url.rstrip("/)"))  # http.server prints its address in brackets
    rows = [
        ("what", "measured"),
        ("answers per second", spread([each.rate for each in strokes])),
        ("pen up to the last answer, ms", spread([each.delay for each in strokes])),
        ("longest task, ms", spread([each.longest for each in strokes])),
        ("requests to other hosts", str(len(others))),
        ("files", str(len(files))),
        ("kilobytes", f"{sum(files) / 1000:.0f}"),
    ]
    write_section("The static site", "benchmarks.site", rows)


def _strokes(browser: Browser, url: str) -> tuple[list[Stroke], set[str]]:
    """Return the measurements, after a first stroke, and the other hosts that got requests."""
    page, hosts = browser.new_page(viewport={"width": 1280, "height": 800}), set()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    page.add_init_script(WATCH)
    page.goto(f"{url}/{PATH}/")
    wait_until(page, READY, "The site is not ready")
    draw(page)
    return [draw(page) for _ in range(STROKES)], hosts - {urlsplit(url).netloc, ""}


if __name__ == "__main__":
    main()
