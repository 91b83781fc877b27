"""Open the app's page in a real browser, for benchmarks and pictures."""

from collections.abc import Generator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, TimeoutError, sync_playwright

from benchmarks.serving import serving
from visitor.browser import launch_options

PATIENCE = 30  # seconds


@contextmanager
def open_page(script: str = "", height: int = 800) -> Generator[Page]:
    """Start the app and open its page, ready to be drawn on; `script` runs before the page's own scripts."""
    with serving() as server, chromium() as browser:
        yield visit(browser, server.url, script, height)


def visit(browser: Browser, url: str, script: str = "", height: int = 800) -> Page:
    """Open the app's page as a new visitor, and wait until it is complete."""
    page = browser.new_page(viewport={"width": 1280, "height": height})
    page.add_init_script(script)
    page.goto(url)
    page.locator("#pictures .strip button").first.wait_for()
    page.locator("#pad .sheet > canvas").click(trial=True)  # Gradio's own "Loading" no longer covers it
    return page


def wait_until(page: Page, condition: str, otherwise: str) -> None:
    """Wait until the JavaScript function `condition` is true; exit with a message if it takes too long."""
    try:
        page.wait_for_function(condition, timeout=1000 * PATIENCE)
    except TimeoutError:
        raise SystemExit(f"{otherwise} after {PATIENCE} seconds.") from None


@contextmanager
def chromium() -> Generator[Browser]:
    """Start a headless Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        yield browser
        browser.close()
