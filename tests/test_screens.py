"""The page's layout on phones, tablets, desktops and projectors, zoomed, and in forced colours."""

import io
import json
import re

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from visitor.hand import TWO, bars, choose_network, draw, expect_digit, expect_words, place, sheet, tool

# Touch targets outside the network's maps, and their size on screen.
TARGETS = """() => [...document.querySelectorAll(".panel :is(button, select, summary, input, a)")]
  .filter((target) => target.checkVisibility({ opacityProperty: true }))
  .map((target) => [target, (target.closest("label") ?? target).getBoundingClientRect()])
  .map(([target, box]) => [target.outerHTML.slice(0, 90), Math.round(box.width), Math.round(box.height)])"""
SHIFTS = """() => {
  window.shifts = [];
  const moved = ({ node, previousRect, currentRect }) => [node?.outerHTML?.slice(0, 80), previousRect, currentRect];
  new PerformanceObserver((list) =>
    list.getEntries().forEach(({ value, sources }) => window.shifts.push([value, sources.map(moved)])),
  ).observe({ type: "layout-shift", buffered: true });
}"""


def phone(width: int, height: int, **options) -> dict:
    return {"viewport": {"width": width, "height": height}, "has_touch": True, "is_mobile": True} | options


def on_screen(page: Page, part: str) -> bool:
    box = page.locator(part).bounding_box()
    size = page.viewport_size
    return (
        box["x"] >= 0
        and box["y"] >= 0
        and box["x"] + box["width"] <= size["width"] + 1
        and box["y"] + box["height"] <= size["height"] + 1
    )


@pytest.mark.parametrize("size", [(360, 640), (390, 844), (412, 915), (844, 390), (768, 1024)])
def test_sheet_and_answer_are_on_the_screen_together(visit, size):
    page = visit(**phone(*size))
    draw(page, TWO)
    expect_digit(page, 2)
    assert page.evaluate("scrollY") == 0
    for part in ("#pad .sheet", "#pad .tools", "#answer .digit", "#answer .words", "#answer .bars"):
        assert on_screen(page, part), part
    assert sheet(page).bounding_box()["width"] >= min(size) / 2
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_on_a_phone_the_answer_stays_while_the_page_scrolls(visit):
    page = visit(**phone(390, 844))
    page.locator("nav button", has_text="Share").click()
    page.wait_for_function("scrollY > 300")
    assert on_screen(page, "#answer .words")


def test_on_a_phone_a_button_leads_to_each_section(visit):
    page = visit(**phone(360, 640, reduced_motion="reduce"))
    for name, part in (("Inside", "#inside"), ("Teach", "#teach"), ("Share", "#share"), ("Draw", "#pad")):
        page.locator("nav button", has_text=name).click()
        page.wait_for_function(f"document.querySelector('{part}').getBoundingClientRect().top < innerHeight - 80")
        assert page.locator(part).bounding_box()["y"] >= -1


@pytest.mark.parametrize("language", ["en", "zh"])
def test_on_a_phone_the_network_in_use_is_named_in_full(visit, app_url, language):
    page = visit(**phone(360, 640))
    page.goto(f"{app_url}/?lang={language}")
    sheet(page).click(trial=True)
    room, needed = page.locator("#network_switch select").evaluate("""(select) => {
      const style = getComputedStyle(select);
      const pen = document.createElement("canvas").getContext("2d");
      pen.font = `${style.fontSize} ${style.fontFamily}`;
      const room = select.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
      return [room, Math.max(...[...select.options].map(({ text }) => pen.measureText(text).width))];
    }""")
    assert 100 < needed <= room


def test_on_a_phone_an_example_is_cut_off_where_the_list_can_be_scrolled(visit, tmp_path):
    page = visit(**phone(390, 844))
    file = tmp_path / "mine.json"
    stroke = {"points": [[60, 60], [200, 60], [120, 230]], "width": 18}
    file.write_text(json.dumps([{"drawing": {"width": 280, "height": 280, "strokes": [stroke]}, "digit": 7}] * 12))
    with page.expect_file_chooser() as chooser:
        page.locator("#examples [data-do=load]").click()
    chooser.value.set_files(file)
    expect(page.locator("#examples li")).to_have_count(12)
    end = page.locator("#examples ul").evaluate("list => list.getBoundingClientRect().bottom")
    pictures = page.locator("#examples canvas").evaluate_all("all => all.map((each) => each.getBoundingClientRect())")
    assert any(box["top"] + 10 < end < box["bottom"] for box in pictures)


def test_the_columns_of_the_confusion_table_are_alike_on_a_phone(visit):
    page = visit(**phone(360, 640))
    page.evaluate("""() => lenet.publish("run", { state: "choice", busy: false, network: { id: "" }, comparison: {
      verdict: "", loses: false, rows: [], changes: [], others: 0,
      confusion: Array.from({ length: 10 }, (_, i) => Array(10).fill(1).with(i, 1129)),
    } })""")
    page.locator("#comparison summary").click()
    widths = (
        page.locator("#comparison tbody tr")
        .first.locator("td")
        .evaluate_all("cells => cells.map((cell) => [cell.offsetWidth, cell.scrollWidth])")
    )
    assert max(width for width, _ in widths) - min(width for width, _ in widths) <= 1
    assert all(content <= width for width, content in widths)


def test_an_opened_explanation_does_not_cover_the_sheet_of_a_phone(visit):
    page = visit(**phone(390, 844, reduced_motion="reduce"))
    draw(page, TWO)
    expect_digit(page, 2)
    page.evaluate("lenet.open('trace')")
    page.locator("#trace .body :not(:empty)").first.wait_for()
    page.evaluate("scrollTo(0, 0)")
    sheet_box = page.locator("#pad .sheet").bounding_box()
    assert page.locator("#look").bounding_box()["y"] >= sheet_box["y"] + sheet_box["height"]


def test_on_a_desktop_sheet_answer_and_the_whole_network_are_on_the_first_screen(visit):
    page = visit(viewport={"width": 1366, "height": 768})
    for part in ("#pad .sheet", "#answer .bars", *(f"#figure .{stage}" for stage in ("input", "C1", "S4", "output"))):
        assert on_screen(page, part), part


@pytest.mark.parametrize("size", [(683, 384), (640, 400)])
def test_at_200_percent_zoom_drawing_needs_no_scrolling(visit, size):
    page = visit(viewport={"width": size[0], "height": size[1]})
    for part in ("#pad .sheet", "#pad .tools", "#answer .digit", "#answer .bars"):
        assert on_screen(page, part), part


def test_every_touch_target_is_large_enough(visit):
    page = visit(**phone(360, 640))
    small = [target for target in page.evaluate(TARGETS) if min(target[1:]) < 44]
    assert small == []


def test_the_layout_does_not_shift_while_loading_and_drawing(visit):
    page = visit(**phone(390, 844))
    page.evaluate(SHIFTS)
    draw(page, TWO)
    expect_digit(page, 2)
    tool(page, "clear").click()
    expect_digit(page, None)
    shifts = page.evaluate("JSON.parse(JSON.stringify(shifts))")
    assert sum(value for value, _ in shifts) < 0.05, shifts


def middle_of(element: Locator) -> tuple[int, ...]:
    picture = Image.open(io.BytesIO(element.screenshot())).convert("RGB")
    return picture.getpixel((picture.width // 2, picture.height // 2))


def test_pressed_buttons_differ_in_forced_colours(visit):
    page = visit(forced_colors="active")
    colour = "button => getComputedStyle(button).backgroundColor"
    assert tool(page, "pen").evaluate(colour) != tool(page, "eraser").evaluate(colour)
    draw(page, TWO)
    expect_digit(page, 2)
    full, empty = (page.locator(f"#answer li{suffix} .track").first for suffix in (".best", ":not(.best)"))
    assert middle_of(full) != middle_of(empty)


def test_the_classroom_has_a_large_sheet_and_the_last_drawings(visit):
    page = visit(viewport={"width": 1920, "height": 1080})
    page.locator("#header .menu summary").click()
    page.locator("#header [value=class]").click()
    page.keyboard.press("Escape")
    assert sheet(page).bounding_box()["width"] == pytest.approx(600, abs=1)
    draw(page, TWO)
    expect_digit(page, 2)
    tool(page, "clear").click()
    last_drawing = page.locator("#classroom button")
    expect(last_drawing).to_have_text("2")
    last_drawing.click()
    expect_digit(page, 2)
    expect(page.locator("#retrain")).to_be_hidden()


def test_in_class_mode_the_sheet_can_clear_itself(page):
    page.locator("#header .menu summary").click()
    page.locator("#header [type=checkbox]").check()
    page.keyboard.press("Escape")
    draw(page, TWO)
    expect_digit(page, 2)
    expect(page.locator("#answer .digit")).to_have_text("", timeout=15_000)


def test_the_embedded_view_has_no_training(page, app_url):
    page.goto(f"{app_url}/?view=draw")
    sheet(page).click(trial=True)
    expect(page.locator("#retrain")).to_be_hidden()
    expect(page.locator("#figure")).to_be_visible()


def test_language_and_theme_can_be_chosen_and_are_stored(page):
    page.locator("#header .menu summary").click()
    page.locator("#header [value=dark]").click()
    assert "dark" in page.locator("body").get_attribute("class")
    page.locator("#header [value=zh]").click()
    expect_words(page, "写一个数字")
    assert "dark" in page.locator("body").get_attribute("class")
    page.locator("#header .menu summary").click()
    page.locator("#header [value=en]").click()
    expect_words(page, "Draw a digit")


def test_the_page_can_be_installed_as_an_app(page, app_url):
    manifest = page.request.get(f"{app_url}/manifest.json").json()
    assert manifest["display"] == "standalone"
    icon = page.request.get(f"{app_url}{manifest['icons'][0]['src']}")
    assert icon.ok
    assert b"<svg" in icon.body()


@pytest.mark.parametrize("upright", [True, False])
def test_each_bar_is_filled_from_its_beginning_by_its_share(visit, upright):
    page = visit(**phone(390, 844)) if upright else visit(viewport={"width": 1280, "height": 800})
    draw(page, [(170, 80), (120, 60), (110, 110), (170, 110), (160, 80), (130, 220)])
    expect(page.locator("#answer .words")).to_have_text(re.compile("% sure"))
    shares = [float(text.strip("> %")) / 100 for text in page.locator("#answer .percent").all_text_contents()]
    assert sum(share > 0.01 for share in shares) > 1  # a 7 that could be a 9
    for share, bar in zip(shares, bars(page), strict=True):
        filled = sum(pixel != 0 for pixel in bar)
        assert all(bar[:filled])
        assert filled == pytest.approx(share * len(bar), abs=1 + 0.001 * len(bar))
    box = page.locator("#answer li canvas").first.bounding_box()
    assert (box["height"] > box["width"]) == upright


def test_no_style_changes_while_the_pen_moves(visit):
    page = visit()
    draw(page, TWO[:4], lift=False)
    expect(page.locator("#answer .words")).not_to_have_text("Draw a digit.")
    page.evaluate("""() => {
        window.changed = [];
        new MutationObserver((all) => changed.push(...all.map(({ target }) => target.outerHTML)))
            .observe(document, { subtree: true, attributeFilter: ["style"] });
    }""")
    for point in TWO[4:]:
        page.mouse.move(*place(page, point), steps=6)
    page.mouse.up()
    expect_digit(page, 2)
    assert page.evaluate("changed") == []


@pytest.mark.parametrize("size", [(360, 640), (390, 844)])
def test_on_a_phone_both_networks_answer_in_whole_sentences(visit, size):
    page = visit(**phone(*size))
    choose_network(page, "Compare")
    draw(page, TWO)
    for words in page.locator("#answers .words").all():
        expect(words).to_have_text("I read a 2, almost certain.")
        assert words.evaluate("(words) => words.scrollWidth <= words.clientWidth"), "the sentence is too wide"
        assert words.evaluate("(words) => words.scrollHeight <= words.clientHeight"), "the sentence is too high"
