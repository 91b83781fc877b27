"""How fast the page follows the pen, in a real browser: `python -m benchmarks.live`.

A stroke is dragged over the sheet in many small moves, as fast as the browser takes them. Counted are the
answers that were painted per second of the drag, and the time from lifting the pen to the frame that shows
the answer to the whole stroke. Nothing is sent when the pen goes up, for nothing has changed since its last
move, so that time may be short or even zero.
"""

import math
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, sync_playwright

from benchmarks.report import spread, write_section
from tests.browser import launch_options

STROKES = 15
MOVES = 120

# Notes when each request for an answer was sent, with how many points, and when the answer was on screen.
WATCH = """
window.sent = [];
window.painted = [];
window.lifted = 0;
const send = window.fetch;
window.fetch = async (url, options) => {
  const body = String(url).includes("component_server") ? JSON.parse(options.body) : {};
  if (body.fn_name !== "read") return send(url, options);
  const strokes = body.data.drawing.strokes;
  window.sent.push(strokes.reduce((sum, stroke) => sum + stroke.points.length, 0));
  return send(url, options);
};
document.addEventListener("lenet:answer", () => {
  const points = window.sent[window.painted.length];
  window.painted.push({ points, at: null });
  const answer = window.painted.at(-1);
  requestAnimationFrame(() => setTimeout(() => (answer.at = performance.now())));
});
document.addEventListener("pointerup", () => (window.lifted = performance.now()), true);
"""
CLEARED = "() => document.querySelector('#prediction .digit').textContent === ''"
ALL_PAINTED = "() => painted.length === sent.length && painted.length && painted.at(-1).at !== null"


def main() -> None:
    with sync_playwright() as playwright, running_app() as url:
        browser = playwright.chromium.launch(**launch_options())
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.add_init_script(WATCH)
        page.goto(url)
        page.locator("#pictures .strip button").first.wait_for()
        page.locator("#sketchpad .sheet > canvas").click(trial=True)
        strokes = [_drag(page) for _ in range(STROKES + 3)][3:]
        browser.close()
    rates, delays = zip(*strokes, strict=True)
    write_section(
        "Stroke to answer",
        "benchmarks.live",
        [
            ("what", "median (lowest–highest)", "n"),
            ("answers painted a second in a drag", spread(rates), f"{STROKES} strokes of {MOVES} moves"),
            ("pen up to the answer painted, ms", spread(delays), f"{STROKES} strokes"),
        ],
    )


def _drag(page: Page) -> tuple[float, float]:
    """Draw a spiral; answers painted a second, and milliseconds from pen up to the whole stroke's answer."""
    page.locator("[data-do=clear]").click()
    page.wait_for_function(CLEARED)
    page.evaluate("() => { window.start = sent.length; }")
    box = page.locator("#sketchpad .sheet > canvas").bounding_box()
    for i in range(MOVES):
        angle, radius = i / 9, 0.1 + 0.3 * i / MOVES
        x = box["x"] + box["width"] * (0.5 + radius * math.cos(angle))
        y = box["y"] + box["height"] * (0.5 + radius * math.sin(angle))
        page.mouse.move(x, y)
        if i == 0:
            page.mouse.down()
    page.mouse.up()
    page.wait_for_function(ALL_PAINTED)
    times = page.evaluate("() => painted.slice(start).map(({ at }) => at)")
    lifted = page.evaluate("() => lifted")
    during = [at for at in times if at <= lifted]
    rate = 1000 * (len(during) - 1) / (during[-1] - during[0])
    return rate, max(0.0, times[-1] - lifted)


@contextmanager
def running_app(*arguments: str) -> Iterator[str]:
    """The address of the app on a free port of this machine, for as long as the block lasts."""
    environment = os.environ | {"GRADIO_ANALYTICS_ENABLED": "False", "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "app.py", "--host", "127.0.0.1", *arguments]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as app:
        try:
            found = (re.search(r"http://\S+", line) for line in app.stdout)
            yield next(filter(None, found)).group()
        finally:
            app.terminate()


if __name__ == "__main__":
    main()
