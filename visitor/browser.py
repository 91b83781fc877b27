"""Find or install the Chromium for tests and benchmarks.

`python -m visitor.browser` prints its path.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

from playwright.sync_api import sync_playwright

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
ARGUMENTS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)


def launch_options() -> dict:
    """Return the options for Playwright's `chromium.launch`."""
    # As root, which is usual in containers, Chromium starts only without its sandbox.
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {"executable_path": find_or_install(), "headless": True, "args": [*ARGUMENTS, *sandbox]}


def find_or_install() -> str:
    """Return the path of a working Chromium; exit with a sentence if none can be installed."""
    path = _find()
    for install in (_download, _install_package):
        if not path:
            install()
            path = _find()
    if not path:
        sys.exit("The tests of the page need a browser and none could be installed; install Chromium or Chrome.")
    return path


def _find() -> str | None:
    return next(filter(_starts, _candidates()), None)


def _candidates() -> Iterator[str]:
    yield from filter(None, map(shutil.which, NAMES))
    with sync_playwright() as playwright:
        yield playwright.chromium.executable_path


def _starts(path: str) -> bool:
    """Return whether it works: it may be Ubuntu's stub, or a download without its libraries."""
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _download() -> None:
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"])


def _install_package() -> None:
    if not shutil.which("apt-get"):
        return
    sudo = [] if os.geteuid() == 0 else ["sudo"]
    for command in (["apt-get", "update"], ["apt-get", "install", "-y", "chromium"]):
        subprocess.run([*sudo, *command])


if __name__ == "__main__":
    print(find_or_install())
