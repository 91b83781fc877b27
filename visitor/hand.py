"""A visitor's hand: draws on the page's sheet with mouse or finger, and waits for answers."""

import re

from playwright.sync_api import Page, expect

TWO = [(80, 100), (90, 70), (130, 55), (175, 75), (180, 115), (150, 160), (100, 205), (75, 225), (130, 222), (200, 222)]
SEVEN = [(70, 60), (130, 58), (195, 60), (165, 115), (140, 170), (120, 230)]
ONE = [(140, 50), (140, 140), (138, 230)]
SHEET = 280


def sheet(page: Page):
    return page.locator("#pad .sheet > canvas")


def place(page: Page, point: tuple[float, float]) -> tuple[float, float]:
    """Return the position of a point of the sheet on the screen."""
    box = sheet(page).bounding_box()
    return box["x"] + point[0] * box["width"] / SHEET, box["y"] + point[1] * box["height"] / SHEET


def draw(page: Page, points: list[tuple[float, float]], lift: bool = True) -> None:
    """Draw one stroke with the mouse; without `lift` the pen stays down."""
    sheet(page).scroll_into_view_if_needed()
    page.mouse.move(*place(page, points[0]))
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*place(page, point), steps=6)
    if lift:
        page.mouse.up()


def touch(page: Page, start: tuple[float, float], *rest: tuple[float, float]) -> None:
    """Touch the screen at one place and move the finger through others."""
    session = page.context.new_cdp_session(page)
    for kind, (x, y) in [("touchStart", start), *[("touchMove", point) for point in rest]]:
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def tool(page: Page, name: str):
    return page.locator(f"#pad [data-do={name}]")


def set_pen_width(page: Page, width: int) -> None:
    """Open the slider of the pen's width and move it."""
    page.locator("#pad .width").click()
    page.locator("#pad input[type=range]").fill(str(width))
    page.keyboard.press("Escape")


def choose_network(page: Page, label: str) -> None:
    """Choose a network by its label without the accuracy: Modern, Original 1998, Compare."""
    option = page.locator("#network_switch option", has_text=label).first
    page.locator("#network_switch select").select_option(option.get_attribute("value"))


def network_in_use(page: Page) -> str:
    return page.locator("#network_switch option:checked").inner_text()


def expect_digit(page: Page, digit: int | None) -> None:
    """Wait until the page shows this digit, or none."""
    expect(page.locator("#answer .digit")).to_have_text("" if digit is None else str(digit))


def expect_words(page: Page, words: str) -> None:
    expect(page.locator("#answer .words")).to_have_text(re.compile(words))


def colours(page: Page, stage: str, figure: str = "#figure") -> int:
    """Return the number of colours on a stage's last card, which no other card covers."""
    return page.locator(f"{figure} [data-stage={stage}] .map").last.evaluate("""(map) => {
        const canvas = map.parentElement.querySelector("canvas");
        const scale = canvas.width / canvas.clientWidth;
        const box = [map.offsetLeft, map.offsetTop, map.offsetWidth, map.offsetHeight].map((at) => at * scale);
        const pixels = canvas.getContext("2d").getImageData(box[0] + 2, box[1] + 2, box[2] - 4, box[3] - 4);
        return new Set(new Uint32Array(pixels.data.buffer)).size;
    }""")


def bars(page: Page) -> list[list[int]]:
    """Return the pixels of each digit's bar from its beginning to its end, 0 where it is empty."""
    return page.locator("#answer li canvas").evaluate_all("""(canvases) => canvases.map((canvas) => {
        const { width, height } = canvas;
        const image = canvas.getContext("2d").getImageData(0, 0, width, height);
        const pixels = [...new Uint32Array(image.data.buffer)];
        return height > width ? pixels.reverse() : pixels;
    })""")


def percents(page: Page) -> list[str]:
    """Return the current percentages of the ten bars."""
    return page.locator("#answer .percent").all_inner_texts()
