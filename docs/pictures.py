"""Take all pictures of the page in docs/: `python -m docs.pictures`.

drawing.webp shows a digit being drawn; the gallery has the page on eight screens.
"""

import io
import itertools
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page

from benchmarks.page import chromium
from benchmarks.serving import serving
from visitor.hand import TWO, draw, expect_digit, place

FOLDER = Path(__file__).parent
GALLERY = FOLDER / "gallery"
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
PHONE = {"has_touch": True, "is_mobile": True, "device_scale_factor": 2}
# The animation: its width, milliseconds per frame and for the last one, and frames from one point to the next.
WIDE, FRAME, LAST, FRAMES = 900, 80, 2500, 4


def main() -> None:
    GALLERY.mkdir(exist_ok=True)
    with serving() as server, chromium() as browser:
        animate(browser, server.url)
        desktop = take(browser, server.url, "desktop", 1366, 768)
        explain(desktop, "unit_sum", "explanation")
        take(browser, server.url, "dark", 1366, 768, color_scheme="dark")
        take(browser, server.url, "phone", 390, 844, **PHONE)
        take(browser, server.url, "phone-on-its-side", 844, 390, **PHONE)
        take(browser, server.url, "tablet", 768, 1024, has_touch=True)
        compare(take(browser, server.url, "chinese", 1366, 768, locale="zh-CN"))
        classroom(browser, server.url)


def visit(browser: Browser, url: str, width: int, height: int, **options) -> Page:
    page = browser.new_context(viewport={"width": width, "height": height}, **options).new_page()
    page.goto(url)
    page.locator("#pad .sheet > canvas").click(trial=True)
    page.locator("#pictures .strip button").first.wait_for(state="attached")
    return page


def take(browser: Browser, url: str, name: str, width: int, height: int, **options) -> Page:
    """Draw a 3 on a new page, save a picture of it, and return the page."""
    page = visit(browser, url, width, height, **options)
    draw(page, THREE)
    expect_digit(page, 3)
    page.wait_for_timeout(500)  # the numbers under the stages follow a little later
    save(page, name)
    return page


def save(page: Page, name: str) -> None:
    image(page).save(GALLERY / f"{name}.webp", quality=80, method=6)


def image(page: Page) -> Image.Image:
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def explain(page: Page, explanation: str, name: str) -> None:
    page.evaluate("(name) => lenet.open(name)", explanation)
    page.locator(f"#{explanation} .body :not(:empty)").first.wait_for()
    page.locator("#figure").scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    save(page, name)


def compare(page: Page) -> None:
    """Compare both networks, in Chinese."""
    page.locator("#network_switch select").select_option("both networks")
    page.locator("#answer-1998 .digit", has_text="3").wait_for()
    page.wait_for_timeout(500)
    save(page, "chinese")


def classroom(browser: Browser, url: str) -> None:
    page = visit(browser, url, 1600, 900)
    page.locator("#header summary").first.click()
    page.locator("#header [value=class]").click()
    page.keyboard.press("Escape")
    for strokes, digit in ((TWO, 2), (THREE, 3), (TWO, 2), (THREE, 3)):
        page.locator("#pad [data-do=clear]").click()
        draw(page, strokes)
        expect_digit(page, digit)
    page.wait_for_timeout(500)
    save(page, "classroom")


def animate(browser: Browser, url: str) -> None:
    page = visit(browser, url, 1366, 768)
    frames = [image(page)]
    page.mouse.move(*place(page, THREE[0]))
    page.mouse.down()
    for (x1, y1), (x2, y2) in itertools.pairwise(THREE):
        for i in range(1, FRAMES + 1):
            page.mouse.move(*place(page, (x1 + (x2 - x1) * i / FRAMES, y1 + (y2 - y1) * i / FRAMES)))
            page.wait_for_timeout(30)
            frames.append(image(page))
    page.mouse.up()
    page.wait_for_timeout(500)
    frames.append(image(page))
    height = round(WIDE * frames[0].height / frames[0].width)
    first, *rest = [frame.resize((WIDE, height), Image.Resampling.LANCZOS) for frame in frames]
    times = [FRAME] * len(rest) + [LAST]
    first.save(FOLDER / "drawing.webp", save_all=True, append_images=rest, duration=times, loop=0, quality=60, method=6)


if __name__ == "__main__":
    main()
