"""Shared fixtures: MNIST's digits, the shipped network, the running app, and a browser."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

# On a busy machine several threads are far slower than one. Read when torch is
# imported, here and in the programs that the tests start.
os.environ["OMP_NUM_THREADS"] = "1"

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, Page, sync_playwright

from lenet import mnist
from lenet.errors import InputError
from lenet.mnist import Digits
from lenet.network import checkpoint
from lenet.network.lenet5 import LeNet5
from visitor.browser import launch_options

ROOT = Path(__file__).resolve().parent.parent
SECONDS_TO_START = 120
SECONDS_TO_WAIT = 60

# Without deadlines, because a shared machine may be slow, and without random seeds, so that runs are repeatable.
settings.register_profile("project", deadline=None, derandomize=True)
settings.load_profile("project")

# Fixtures that start the app or a browser. `make check` leaves out tests that use them.
PROGRAMS = {"app_url", "browser"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if PROGRAMS.intersection(getattr(item, "fixturenames", ())):
            item.add_marker("slow")


def value_or_error(function: Callable, *values: Any) -> Any:
    """Return a function's value, or the message of the InputError that it raises."""
    try:
        return function(*values)
    except InputError as error:
        return str(error)


def wait_until(condition: Callable[[], object]) -> None:
    """Wait until the condition holds; fail if it does not even after the time that a slow machine may take."""
    deadline = time.monotonic() + SECONDS_TO_WAIT
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"The condition does not hold after {SECONDS_TO_WAIT} s.")
        time.sleep(0.01)


@pytest.fixture(scope="session")
def shipped() -> LeNet5:
    """The shipped network."""
    return checkpoint.load_checkpoint()[0]


@pytest.fixture(scope="session")
def few_digits() -> Digits:
    """Few digits, so that training takes a moment."""
    training, _ = mnist.training_and_validation()
    return Digits(training.images[:512], training.labels[:512])


@pytest.fixture(scope="session")
def app_url(tmp_path_factory) -> Iterator[str]:
    """The address of the real app."""
    with running_app(tmp_path_factory.mktemp("app") / "output.txt") as (url, _):
        yield url


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def running_app(log: Path, *arguments: str, **environment: str) -> Generator[tuple[str, subprocess.Popen]]:
    """Start the real app with these arguments and settings; yield its address and process once it answers."""
    port = free_port()
    command = [sys.executable, "app.py", "--host", "127.0.0.1", "--port", str(port), *arguments]
    # BROWSER=true is a command that does nothing, so that no window opens.
    settings = os.environ | {"GRADIO_ANALYTICS_ENABLED": "False", "BROWSER": "true"} | environment
    with log.open("w") as output:
        app = subprocess.Popen(command, cwd=ROOT, env=settings, stdout=output, stderr=subprocess.STDOUT)
    try:
        _wait_for_answer(app, port, log)
        yield f"http://127.0.0.1:{port}", app
    finally:
        app.kill()
        app.wait()


def _wait_for_answer(app: subprocess.Popen, port: int, log: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        with suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            try:
                connection.request("GET", "/")
                if connection.getresponse().status == 200:
                    return
            finally:
                connection.close()
        with suppress(subprocess.TimeoutExpired):
            app.wait(timeout=0.1)
            break
    pytest.fail(f"app.py does not answer:\n{log.read_text()}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    options = launch_options()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(**options)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Browser, app_url: str) -> Generator[Callable[..., Page]]:
    """Open the app as a new visitor; options are those of Playwright's `new_context` (viewport, has_touch ...).

    The test fails if a page reports an error to its console.
    """
    contexts, errors = [], []

    def visit(**options) -> Page:
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(app_url)
        page.locator("#pad .hint").wait_for()  # it is shown once the sheet is ready
        page.locator("#pad .sheet > canvas").click(trial=True)  # Gradio's own "Loading" no longer covers it
        return page

    yield visit
    for context in contexts:
        context.close()
    assert not errors


@pytest.fixture
def page(visit: Callable[..., Page]) -> Page:
    """The app's page."""
    return visit()
