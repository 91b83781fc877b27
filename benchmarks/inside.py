"""Measure the time from a click to an explanation, in a real browser: `python -m benchmarks.inside`.

From a click on a pixel or unit, of every stage in turn, to the frame that shows its sum; and from a click that switches
a map off to the frame that shows the answer without it.
"""

from playwright.sync_api import Page

from benchmarks.page import open_page
from benchmarks.report import spread, write_section
from visitor.hand import SEVEN, draw, expect_digit

ROUNDS = 10
STAGES = ("C1", "S2", "C3", "S4", "C5", "F6", "output")

# Clicks the middle of a stage's map; resolves to the milliseconds until the frame after the event is painted.
CLICK = """
([stage, index, event]) => new Promise((resolve) => {
  const map = document.querySelectorAll(`#figure [data-stage=${stage}] .map`)[index];
  const { left, top, width, height } = map.getBoundingClientRect();
  const clicked = performance.now();
  const marked = ({ detail }) => {
    if (!detail) return; // marks are removed before new ones are shown
    document.removeEventListener(event, marked);
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - clicked)));
  };
  document.addEventListener(event, marked);
  const at = { clientX: left + 0.55 * width, clientY: top + 0.55 * height };
  map.dispatchEvent(new MouseEvent("click", { bubbles: true, ...at }));
})
"""


def main() -> None:
    with open_page() as page:
        draw(page, SEVEN)
        expect_digit(page, 7)
        _click(page, "C1", 0, "lenet:marks")  # the first click opens the panel
        sums = [_click(page, stage, 0, "lenet:marks") for _ in range(ROUNDS) for stage in STAGES]
        page.locator("#menu [data-open=ablation]").click()
        switched = [_click(page, "C3", i % 16, "lenet:answer") for i in range(ROUNDS * len(STAGES))]
    write_section(
        "Click to explanation",
        "benchmarks.inside",
        [
            ("what", "median (lowest–highest)", "n"),
            ("click to a unit's sum painted, ms", spread(sums), f"{len(sums)} clicks, every stage"),
            ("click to the answer without a map painted, ms", spread(switched), f"{len(switched)} clicks"),
        ],
    )


def _click(page: Page, stage: str, index: int, event: str) -> float:
    page.wait_for_timeout(60)  # let the work of the last click finish
    return page.evaluate(CLICK, [stage, index, event])


if __name__ == "__main__":
    main()
