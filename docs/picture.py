"""Takes the README's picture of the page, `docs/page.png`: `python -m docs.picture`."""

from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.live import running_app
from tests.browser import launch_options
from tests.hand import draw, expect_digit

THREE = [
    (85, 85),
    (120, 58),
    (165, 62),
    (180, 95),
    (150, 128),
    (120, 136),
    (160, 142),
    (190, 178),
    (165, 222),
    (90, 215),
]


def main() -> None:
    with sync_playwright() as playwright, running_app() as url:
        browser = playwright.chromium.launch(**launch_options())
        page = browser.new_page(viewport={"width": 1280, "height": 960})
        page.goto(url)
        page.locator("#pictures .strip button").first.wait_for()
        page.locator("#sketchpad .sheet > canvas").click(trial=True)
        draw(page, THREE)
        expect_digit(page, 3)
        page.screenshot(path=Path(__file__).with_name("page.png"))
        browser.close()


if __name__ == "__main__":
    main()
