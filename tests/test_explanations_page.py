"""The explanations on the real page: each opens by button, tells of this drawing, and goes away without a trace."""

import re

import pytest
from playwright.sync_api import Page, expect

from visitor.hand import ONE, SEVEN, TWO, colours, draw, expect_digit, expect_words, percents, sheet, tool

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
EXPLANATIONS = ("tour", "unit_sum", "trace", "ablation", "counterfactual", "neighbours", "filters")
READY = r"Draw a digit\."  # said by the server, not by the page as it comes
LONG = 30_000  # milliseconds that the first look at the training digits may take on a slow machine


def opener(page: Page, name: str):
    return page.locator(f"#menu [data-open={name}]")


def stage_map(page: Page, stage: str, index: int = 0):
    return page.locator(f"#figure [data-stage={stage}] .map").nth(index)


def marks(page: Page, kind: str):
    return page.locator(f"#figure .marks .{kind}")


@pytest.fixture
def seven(page: Page) -> Page:
    """The page with a 7 on its sheet."""
    expect_words(page, READY)
    draw(page, SEVEN)
    expect_digit(page, 7)
    return page


def test_all_explanations_are_closed_at_first(page):
    for name in EXPLANATIONS:
        expect(page.locator(f"#{name}")).to_be_hidden()
        expect(opener(page, name)).to_be_visible()


def test_one_explanation_is_open_at_a_time(seven):
    for name in EXPLANATIONS:
        opener(seven, name).click()
        for other in EXPLANATIONS:
            expect(seven.locator(f"#{other}")).to_be_visible(visible=other == name)
    seven.keyboard.press("Escape")
    expect(seven.locator("#filters")).to_be_hidden()


def test_without_a_drawing_each_asks_for_one(page):
    expect_words(page, READY)
    for name in EXPLANATIONS:
        opener(page, name).click()
        expect(page.locator(f"#{name} .fault")).to_have_text("Draw a digit, then look inside.")
    draw(page, TWO)
    expect(page.locator("#filters .kernels button")).to_have_count(6 + 96)


def test_while_nothing_is_open_only_confirmations_are_asked_for(page):
    called = []
    page.on("request", lambda request: called.append(request.url) if is_call(request) else None)
    expect_words(page, READY)
    draw(page, TWO)
    expect_digit(page, 2)
    assert {url.rsplit("/", 1)[1] for url in called} <= {"confirm"}


def is_call(request) -> bool:
    return request.url.endswith("/explain") and request.method == "POST"


def test_a_click_on_a_pixel_shows_its_sum_and_what_it_sees(seven):
    stage_map(seven, "C3", 4).click()
    unit = seven.locator("#unit_sum")
    expect(unit.locator(".name")).to_have_text(re.compile(r"C3, map 5, row \d+, column \d+"))
    expect(unit.locator(".term")).to_have_count(6)
    expect(unit.locator(".numbers .grid span")).to_have_count(75)
    expect(marks(seven, "own")).to_have_count(1)
    expect(marks(seven, "seen")).to_have_count(6 + 6 + 1)  # on every map of S2 and C1, and on the input
    assert shown_sum(seven) == pytest.approx(0, abs=0.005)


def shown_sum(page: Page) -> float:
    """What is left when all shown terms and the bias are taken from the sum; the page rounds to three places."""
    rows = page.locator("#unit_sum table tr td:last-child").all_inner_texts()
    *terms, total = [float(text.replace("−", "-")) for text in rows]
    return sum(terms) - total


@pytest.mark.parametrize(("stage", "terms"), [("C1", 1), ("S2", 1), ("S4", 1), ("C5", 16), ("F6", 8), ("output", 8)])
def test_every_stage_has_its_sums(seven, stage, terms):
    stage_map(seven, stage).click()
    expect(seven.locator("#unit_sum .name")).to_have_text(re.compile(f"^{stage}"))
    expect(seven.locator("#unit_sum .term")).to_have_count(terms)
    if stage in ("S2", "S4"):
        expect(seven.locator("#unit_sum .winner")).to_have_count(1)
    else:
        assert shown_sum(seven) == pytest.approx(0, abs=0.005)


def test_the_pointer_slides_the_window_and_leaving_comes_back_to_what_was_clicked(seven):
    box = stage_map(seven, "C1", 2).bounding_box()
    stage_map(seven, "C1", 2).click(position={"x": box["width"] * 0.52, "y": box["height"] * 0.52})
    name = seven.locator("#unit_sum .name")
    expect(name).to_contain_text("C1, map 3, row 15, column 15")
    box = stage_map(seven, "C1", 2).bounding_box()
    for share in (0.02, 0.25, 0.5, 0.75, 0.99):
        seven.mouse.move(box["x"] + share * box["width"], box["y"] + 0.09 * box["height"])
    expect(name).to_contain_text("C1, map 3, row 3, column 28")
    seven.mouse.move(5, box["y"])
    expect(name).to_contain_text("C1, map 3, row 15, column 15")


def test_a_unit_follows_the_pen(seven):
    stage_map(seven, "output").click()
    before = seven.locator("#unit_sum .outcome").inner_text()
    draw(seven, [(100, 145), (180, 145)])
    expect(seven.locator("#unit_sum .outcome")).not_to_have_text(before)


def test_a_unit_is_found_by_keyboard_alone(seven):
    stage_map(seven, "C1").focus()
    seven.keyboard.press("ArrowRight")
    expect(stage_map(seven, "C1", 1)).to_be_focused()
    seven.keyboard.press("Enter")
    expect(seven.locator("#unit_sum .name")).to_have_text("C1, map 2, row 15, column 15")
    expect(seven.locator("#unit_sum .map canvas")).to_be_focused()
    seven.keyboard.press("ArrowUp")
    seven.keyboard.press("ArrowRight")
    expect(seven.locator("#unit_sum .name")).to_have_text("C1, map 2, row 14, column 16")
    seven.keyboard.press("Escape")
    expect(seven.locator("#unit_sum")).to_be_hidden()
    expect(opener(seven, "unit_sum")).to_be_focused()


def test_the_trace_links_the_stages_and_heats_the_drawing(seven):
    opener(seven, "trace").click()
    trace = seven.locator("#trace")
    expect(trace.locator(".sentence")).to_contain_text("ahead of the other digits")
    expect(trace.locator(".why [aria-pressed=true]")).to_have_text("7")
    assert marks(seven, "for").count() > 10
    assert len(set(trace.locator("tr td:last-child").all_inner_texts())) == 1  # complete at every stage
    expect(trace.locator(".covered")).to_contain_text("Cover the marked spot with paper, and 7 goes from")
    expect(marks(seven, "own")).to_have_count(1)
    expect(seven.locator("#pad .overlay canvas")).to_be_visible()
    trace.locator(".close").click()
    expect(seven.locator("#pad .overlay canvas")).to_be_hidden()
    expect(marks(seven, "for")).to_have_count(0)


def test_why_not_another_digit(seven):
    opener(seven, "trace").click()
    seven.locator("#trace .against button").nth(9).click()
    expect(seven.locator("#trace .sentence")).to_contain_text("ahead of 9")
    seven.locator("#trace .against button").nth(9).click()
    expect(seven.locator("#trace .sentence")).to_contain_text("ahead of the other digits")


def test_what_is_switched_off_goes_dark_and_comes_back(seven):
    before = percents(seven)
    opener(seven, "ablation").click()
    expect(seven.locator("#ablation .ranking li")).to_have_count(16)
    for index in range(16):
        stage_map(seven, "C3", index).click()
    expect(marks(seven, "off")).to_have_count(16)
    expect(seven.locator("#ablation .sentence")).to_contain_text("With 16 parts off")
    assert colours(seven, "S4") == 1
    assert percents(seven) != before
    expect(seven.locator("#answer .track b").first).to_be_visible()
    opener(seven, "ablation").click()
    expect(seven.locator("#answer .track b").first).to_be_hidden()
    expect(seven.locator("#answer .percent").nth(7)).to_have_text(before[7])


def test_the_ranking_switches_too(seven):
    opener(seven, "ablation").click()
    first = seven.locator("#ablation .ranking button").first
    first.click()
    expect(first).to_have_attribute("aria-pressed", "true")
    seven.locator("#ablation .all").click()
    expect(first).to_have_attribute("aria-pressed", "false")


def test_a_change_of_mind_is_drawn_over_the_drawing(seven):
    opener(seven, "counterfactual").click()
    mind = seven.locator("#counterfactual")
    mind.locator(".digits button").nth(3).click()
    expect(mind.locator(".checked")).to_contain_text("prepared again from the start")
    expect(mind.locator(".digits button").nth(7)).to_be_disabled()
    expect(seven.locator("#pad .overlay canvas")).to_be_visible()
    mind.locator(".digits button").nth(9).click()
    expect(mind.locator(".sentence")).to_contain_text("a 9")


def test_neighbours_are_shown_and_the_drawing_moves_among_them(seven):
    opener(seven, "neighbours").click()
    alike = seven.locator("#neighbours")
    expect(alike.locator("li")).to_have_count(12, timeout=LONG)
    expect(alike.locator(".sentence")).to_contain_text("labelled 7")
    before = alike.locator(".you").get_attribute("style")
    tool(seven, "clear").click()
    draw(seven, ONE)
    expect(alike.locator(".sentence")).to_contain_text("labelled 1")
    assert alike.locator(".you").get_attribute("style") != before


def test_a_filter_is_linked_to_its_maps(seven):
    opener(seven, "filters").click()
    seven.locator("#filters .kernels button").nth(6 + 9).focus()
    expect(seven.locator("#filters .caption")).to_have_text("This kernel reads S2's map 4 and adds to C3's map 2.")
    expect(marks(seven, "own")).to_have_count(2)
    expect(marks(seven, "for")).to_have_count(1)


def test_the_tour_goes_by_keyboard_from_the_pen_to_the_answer(seven):
    opener(seven, "tour").focus()
    seven.keyboard.press("Enter")
    for step, target in enumerate(("#pad", "#preparation", ".input", ".C1", ".C3", ".C5", "#answer"), 1):
        expect(seven.locator("#tour .count")).to_have_text(f"step {step} of 7")
        expect(seven.locator(f"{target}[data-pointed]")).to_have_count(1)
        expect(seven.locator("#tour .next")).to_be_focused()
        seven.keyboard.press("Enter")
    expect(seven.locator("#tour")).to_be_hidden()
    expect(seven.locator("[data-pointed]")).to_have_count(0)


def test_the_tour_goes_back_and_can_be_skipped(seven):
    opener(seven, "tour").click()
    expect(seven.locator("#tour .words")).to_contain_text("one stroke")
    seven.keyboard.press("ArrowRight")
    seven.keyboard.press("ArrowLeft")
    expect(seven.locator("#tour .count")).to_have_text("step 1 of 7")
    seven.locator("#tour .close").click()
    expect(seven.locator("#tour")).to_be_hidden()


def test_all_of_it_fits_a_phone_and_is_touched(visit):
    page = visit(**PHONE)
    expect_words(page, READY)
    draw(page, SEVEN)
    expect_digit(page, 7)
    stage_map(page, "C3", 9).tap()
    expect(page.locator("#unit_sum .name")).to_contain_text("C3, map 10")
    page.locator("#unit_sum .map canvas").tap(position={"x": 3, "y": 3})
    expect(page.locator("#unit_sum .name")).to_have_text("C3, map 10, row 1, column 1")
    for name in EXPLANATIONS:
        opener(page, name).tap()
        expect(page.locator(f"#{name}")).to_be_visible()
        expect(page.locator(f"#{name} .fault")).to_be_hidden()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert sheet(page).count() == 1
