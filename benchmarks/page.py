"""The app and its page in a real browser, for whatever is measured or pictured there."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import launch_options


@contextmanager
def open_page(script: str = "", height: int = 800) -> Iterator[Page]:
    """The page of a running app, ready to be drawn on; `script` runs in it before its own."""
    with running_app() as url, chromium() as browser:
        yield visit(browser, url, script, height)


def visit(browser: Browser, url: str, script: str = "", height: int = 800) -> Page:
    """The app's page as a new visitor sees it once everything on it is there."""
    page = browser.new_page(viewport={"width": 1280, "height": height})
    page.add_init_script(script)
    page.goto(url)
    page.locator("#pictures .strip button").first.wait_for()
    page.locator("#sketchpad .sheet > canvas").click(trial=True)  # Gradio's own "Loading" no longer covers it
    return page


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        yield browser
        browser.close()


@contextmanager
def running_app(*command: str) -> Iterator[str]:
    """The address of the app, or of what `command` starts, for as long as the block lasts."""
    environment = os.environ | {"GRADIO_ANALYTICS_ENABLED": "False", "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, *(command or ("app.py", "--host", "127.0.0.1"))]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as app:
        try:
            found = (re.search(r"http://\S+", line) for line in app.stdout)
            yield next(filter(None, found)).group()
        finally:
            app.terminate()
