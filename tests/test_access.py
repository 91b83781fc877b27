"""Accessibility: keyboard, screen readers, contrast, small and large screens, reduced motion."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from demo.explain.explanations import EXPLANATIONS
from visitor.hand import TWO, draw, expect_digit, sheet, tool

NAMES = [explanation.name for explanation in EXPLANATIONS]
ANNOUNCEMENT = ".only-heard[role=status]"
# Everything that can be tapped or focused, and its size on screen.
TARGETS = """() => [...document.querySelectorAll(".panel button, .panel select, .panel input[type=range]")]
  .filter((target) => target.checkVisibility())
  .map((target) => [target.outerHTML.slice(0, 80), target.getBoundingClientRect()])
  .map(([html, box]) => [html, box.width, box.height])"""


def press(page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_a_digit_is_drawn_undone_and_drawn_again_with_keys_alone(page):
    sheet(page).focus()
    press(page, "Space", *["ArrowDown"] * 18, "Space")
    expect_digit(page, 1)
    expect(page.locator(ANNOUNCEMENT)).to_contain_text("I read a 1, ")
    line = page.evaluate("lenet.drawing.strokes[0].points")
    assert line[0] == [140, 70]
    assert line[-1] == [140, 70 + 18 * 8]
    press(page, "Control+z")
    expect_digit(page, None)
    press(page, *["Shift+ArrowUp"] * 4, "Space")
    page.keyboard.down("ArrowLeft")
    page.keyboard.down("ArrowUp")  # both keys are held, so the pen moves diagonally
    assert page.evaluate("document.querySelector('#pad .cursor').className") == "cursor down"
    page.keyboard.up("ArrowLeft")
    page.keyboard.up("ArrowUp")
    page.keyboard.press("Tab")  # leaving the sheet lifts the pen
    page.wait_for_function("lenet.drawing.strokes[0]?.points.length === 3")
    start, left, diagonal = page.evaluate("lenet.drawing.strokes[0].points")
    assert [left[0] - start[0], left[1] - start[1]] == [-8, 0]
    assert [diagonal[0] - left[0], diagonal[1] - left[1]] == [-8, -8]
    expect(page.locator("#pad .cursor")).to_be_hidden()
    expect(tool(page, "undo")).to_be_enabled()


def test_the_answer_is_announced_once_the_pen_rests_and_not_before(page):
    expect(page.locator(ANNOUNCEMENT)).to_contain_text("Draw a digit")
    page.evaluate(
        """() => {
            window.announced = [];
            const status = document.querySelector(".only-heard");
            new MutationObserver(() => announced.push(status.textContent)).observe(status, { childList: true });
            window.answers = 0;
            lenet.listen("answer", () => answers++);
        }"""
    )
    draw(page, TWO)
    expect(page.locator(ANNOUNCEMENT)).to_contain_text("I read a 2, ")
    assert page.evaluate("answers") > 3 * len(page.evaluate("announced"))
    live = "[aria-live]:not([aria-live=off]), [role=status], [role=alert], output"
    assert page.locator("#answer").locator(live).count() == 0


def violations(page, part: str) -> list[str]:
    found = Axe().run(page, context=part).response["violations"]
    return [f"{each['id']}: {node['target']}" for each in found for node in each["nodes"]]


@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_no_violation_in_either_theme_with_any_panel_open(visit, width):
    page = visit(reduced_motion="reduce", color_scheme="light", viewport={"width": width, "height": 800})
    draw(page, TWO)
    expect_digit(page, 2)
    page.get_by_text("More settings").click()
    page.locator("#header summary").click()
    for part in ["body", *(f"#{name}" for name in NAMES)]:
        if part != "body":
            page.locator(f"[data-open={part[1:]}]").click()
            page.locator(f"{part} .body :not(:empty)").first.wait_for()
        for _ in range(2):
            assert violations(page, part) == [], page.locator("body").get_attribute("class")
            page.evaluate("document.body.classList.toggle('dark')")


def test_on_the_smallest_phone_every_touch_target_is_large_enough(visit):
    page = visit(viewport={"width": 320, "height": 640}, has_touch=True, is_mobile=True)
    for name in ["trace", "ablation"]:
        page.locator(f"[data-open={name}]").click()
        small = [target for target in page.evaluate(TARGETS) if min(target[1:]) < 44]
        assert small == []


def test_from_320_pixels_to_4k_nothing_is_cut_off_and_little_space_is_lost(page):
    for width in (320, 390, 768, 1280, 1920, 2560, 3840):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator(".app").bounding_box()["width"] >= 0.9 * width
    draw(page, [(70, 60), (200, 60)])  # the pen is where the pointer is, whatever the scale
    page.wait_for_function("lenet.drawing.strokes.length")
    x, y = page.evaluate("lenet.drawing.strokes[0].points.at(-1)")
    assert abs(x - 200) < 1
    assert abs(y - 60) < 1


def test_maps_and_steps_have_descriptions(page):
    pictures = page.locator("#figure .map, #figure .filter, #preparation canvas")
    names = pictures.evaluate_all("all => all.map((each) => each.getAttribute('aria-label'))")
    assert len(names) == 48 + 6 + 3
    assert all(names)
    page.locator("#figure .map[tabindex='0']").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#figure .loupe")).to_contain_text("C1, map 2 of 6")
    expect(page.locator(ANNOUNCEMENT)).to_contain_text("C1, map 2 of 6")
