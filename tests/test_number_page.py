"""Whole numbers on the page: the wide sheet, its digits, and the chosen digit."""

import pytest
from playwright.sync_api import expect

from demo.panels.number.number import live_number
from demo.visitors import Visitors
from lenet.errors import InputError
from tests.test_access import violations
from visitor.drawings import a_drawing, a_line, a_stroke
from visitor.hand import expect_digit, expect_words, sheet, tool

WIDTH = 840


def write(page, digits: str, gap: float = 40) -> None:
    """Write digits on the wide sheet with the mouse."""
    box = sheet(page).bounding_box()
    scale = box["width"] / WIDTH
    for stroke in a_line(digits, gap)["strokes"]:
        points = [(box["x"] + x * scale, box["y"] + y * scale) for x, y in stroke["points"]]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point, steps=2)
        page.mouse.up()


def test_a_number_is_written_read_and_each_digit_is_one_click_away(page):
    tool(page, "number").click()
    box = sheet(page).bounding_box()
    assert box["width"] == pytest.approx(3 * box["height"], rel=0.01)
    expect(page.locator("#number .words")).to_have_text("Write a number.")
    write(page, "2047")
    expect(page.locator("#number .words")).to_contain_text("I read 2047, ")
    expect_digit(page, 7)  # the last digit is explained until another is chosen
    expect(page.locator("#pad .boxes i")).to_have_count(4)
    assert page.locator("#pad .boxes i").nth(2).get_attribute("data-digit") == "4"
    page.locator("#number .digits button").nth(0).click()
    expect_digit(page, 2)
    expect_words(page, "^I read a 2")
    assert page.evaluate("lenet.request.drawing.strokes.length") == 1
    assert page.evaluate("lenet.drawing.strokes.length") == 5
    for _ in range(2):
        assert violations(page, "#draw") == []
        page.evaluate("document.body.classList.toggle('dark')")
    page.locator("[data-open=trace]").click()
    page.locator("#trace .body :not(:empty)").first.wait_for()
    tool(page, "digit").click()
    expect_digit(page, None)
    expect(page.locator("#number")).to_be_hidden()
    tool(page, "undo").click()
    expect(page.locator("#number .words")).to_contain_text("I read 2047, ")


@pytest.mark.parametrize("lift", [0, 70])  # as a_line writes, and up to the sheet's edge
def test_the_label_of_each_digit_is_on_the_sheet(page, lift):
    number = a_line("17")
    for stroke in number["strokes"]:
        stroke["points"] = [[x, max(y - lift, 5)] for x, y in stroke["points"]]
    page.evaluate("(drawing) => lenet.publish('drawing', drawing)", number)
    boxes = page.locator("#pad .boxes i")
    expect(boxes).to_have_count(2)
    for box in boxes.all():
        label = box.evaluate("(box) => box.offsetTop + parseFloat(getComputedStyle(box, '::before').top)")
        assert label >= 0


def test_a_link_opens_a_number_on_a_wide_sheet(visit):
    page = visit(reduced_motion="reduce")
    page.evaluate("(drawing) => (location.hash = lenetLink.encode(drawing))", a_line("17"))
    expect(page.locator("#number .words")).to_contain_text("I read 17, ", timeout=20_000)
    assert page.locator("body").get_attribute("data-sheet") == "number"


@pytest.fixture(scope="module")
def visitors(shipped) -> Visitors:
    return Visitors(shipped)


def test_the_answer_is_that_of_the_chosen_digit_or_the_last(visitors):
    request = {"drawing": a_line("407")}
    for wrong in (3, -1, "1", True, None):
        assert live_number(visitors, request | {"digit": wrong})["number"]["chosen"] == 2
    answer = live_number(visitors, request | {"digit": 0})
    assert len(answer["drawing"]["strokes"]) == 2
    assert answer["number"]["chosen"] == 0
    assert [one["digit"] for one in answer["number"]["digits"]] == [4, 0, 7]


def test_an_empty_sheet_asks_for_a_number_and_writing_that_is_no_number_is_refused_in_a_sentence(visitors):
    answer = live_number(visitors, {"drawing": a_drawing()})
    assert answer["number"] == {"words": "Write a number.", "chosen": None, "digits": [], "band": None}
    assert answer["drawing"]["strokes"] == []
    for wrong in (None, 3, {"drawing": 3}):
        with pytest.raises(InputError, match="A drawing must be an object"):
            live_number(visitors, wrong)
    scribble = a_drawing(a_stroke([[60, 60], [220, 220]]), a_stroke([[220, 60], [60, 220]]))
    assert live_number(visitors, {"drawing": scribble})["number"]["words"] == "Not a number."


def test_on_a_phone_on_its_side_a_number_is_written_and_read_without_scrolling(visit):
    page = visit(viewport={"width": 844, "height": 390}, has_touch=True, is_mobile=True)
    tool(page, "number").click()
    write(page, "17")
    expect(page.locator("#number .words")).to_contain_text("I read 17, ")
    page.evaluate("scrollTo(0, 0)")
    boxes = [page.locator(part).bounding_box() for part in ("#pad .sheet", "#pad .tools", "#number .read")]
    assert max(box["y"] + box["height"] for box in boxes) <= 390
