"""The switch: today's network, the one of 1998, or both side by side on the same drawing."""

import re

from playwright.sync_api import Page, expect

from visitor.hand import SEVEN, TWO, draw, expect_digit

PATIENCE = 30_000  # a busy machine's first answer of the other network, in milliseconds


def button(page: Page, name: str):
    return page.locator(f"#network_switch [data-network='{name}']" if name != "both" else "#network_switch .both")


def pressed(page: Page) -> list[str]:
    return page.locator("#network_switch [aria-pressed=true]").all_inner_texts()


def test_the_switch_changes_who_answers_and_side_by_side_shows_both(page):
    draw(page, TWO)
    expect_digit(page, 2)
    assert pressed(page) == ["LeNet-5"]
    expect(page.locator("#figure-1998")).to_be_hidden()

    button(page, "1998").click()
    expect(page.locator("#answer-1998 .digit")).to_have_text("2", timeout=PATIENCE)
    expect(page.locator("#figure")).to_be_hidden()
    expect(page.locator("#figure-1998 h2")).to_contain_text("60,000 parameters")
    expect(page.locator("#preparation li:last-child span")).to_have_text("White −0.1, black 1.175")
    expect(page.locator("#codes-1998 .nearest b")).to_have_text("2")
    expect(page.locator("#codes-1998 p")).to_have_text(re.compile(r"^Nearest is 2, \d+\.\d away\. Beyond \d"))
    expect(page.locator("#weights input[value='1998']")).to_be_checked()

    page.locator("#figure-1998 [data-stage=S2] .map").nth(2).click()
    expect(page.locator("#unit_sum .how")).to_contain_text("trained average")
    expect(page.locator("#figure-1998 .marks .own")).to_have_count(1)

    button(page, "both").click()
    expect(page.locator("#figure")).to_be_visible()
    expect(page.locator("#answer .digit")).to_have_text("2")
    assert pressed(page) == ["Side by side"]
    # Who points at the other figure has the other network explained.
    page.locator("#figure [data-stage=S2] .map").nth(2).click()
    expect(page.locator("#unit_sum .how")).to_contain_text("max-pooling")
    expect(page.locator("#figure .marks .own")).to_have_count(1)
    expect(page.locator("#figure-1998 .marks .own")).to_have_count(0)
    assert pressed(page) == ["Side by side"]

    page.locator("#pad [data-do=clear]").click()
    draw(page, SEVEN)
    for bars in ("#answer", "#answer-1998"):
        expect(page.locator(f"{bars} li.best .label")).to_have_text("7")

    button(page, "modern").click()
    expect(page.locator("#figure-1998")).to_be_hidden()
    assert pressed(page) == ["LeNet-5"]
    expect(page.locator("#weights input[value='shipped']")).to_be_checked()
