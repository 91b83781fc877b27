"""The switch between the modern network, the one of 1998, and both side by side."""

import re
from itertools import pairwise

from playwright.sync_api import expect

from visitor.hand import SEVEN, TWO, choose_network, draw, expect_digit, network_in_use

PATIENCE = 30_000  # a busy machine's first answer of the other network, in milliseconds


def test_the_switch_changes_the_network_and_compare_shows_both(page):
    draw(page, TWO)
    expect_digit(page, 2)
    assert network_in_use(page) == "Modern · 99.50 %"
    expect(page.locator("#figure-1998")).to_be_hidden()

    choose_network(page, "Original 1998")
    expect(page.locator("#answer-1998 .digit")).to_have_text("2", timeout=PATIENCE)
    expect(page.locator("#figure")).to_be_hidden()
    expect(page.locator("#figure-1998 h2")).to_contain_text("60,000 parameters")
    expect(page.locator("#figure-1998 .input details")).to_contain_text("White −0.1, black 1.175")
    expect(page.locator("#codes-1998 .nearest b")).to_have_text("2")
    expect(page.locator("#codes-1998 p")).to_have_text(re.compile(r"^Nearest is 2, \d+\.\d away\. Beyond \d"))
    expect(page.locator("#networks b")).to_have_text("Original 1998 · 99.40 %")

    page.locator("#figure-1998 [data-stage=S2] .map").nth(2).click()
    expect(page.locator("#unit_sum .how")).to_contain_text("trained average")
    expect(page.locator("#figure-1998 .marks .own")).to_have_count(1)

    choose_network(page, "Compare")
    expect(page.locator("#figure")).to_be_visible()
    expect(page.locator("#answer .digit")).to_have_text("2")
    assert network_in_use(page) == "Compare"
    ends = page.locator("#figure-1998 .between").evaluate_all("""(words) => words.map((each) => {
      const range = document.createRange();
      range.selectNodeContents(each);
      const { left, right } = range.getBoundingClientRect();
      return [left, right];
    })""")
    assert all(right < left for (_, right), (left, _) in pairwise(ends[:-1]))  # the last stage has none
    # Clicking the other figure explains the other network.
    page.locator("#figure [data-stage=S2] .map").nth(2).click()
    expect(page.locator("#unit_sum .how")).to_contain_text("max-pooling")
    expect(page.locator("#figure .marks .own")).to_have_count(1)
    expect(page.locator("#figure-1998 .marks .own")).to_have_count(0)
    assert network_in_use(page) == "Compare"

    page.locator("#pad [data-do=clear]").click()
    draw(page, SEVEN)
    for bars in ("#answer", "#answer-1998"):
        expect(page.locator(f"{bars} li.best .label")).to_have_text("7")

    choose_network(page, "Modern")
    expect(page.locator("#figure-1998")).to_be_hidden()
    assert network_in_use(page) == "Modern · 99.50 %"
    expect(page.locator("#networks b")).to_have_text("Modern · 99.50 %")


def test_the_chosen_network_still_answers_after_a_reload(page):
    draw(page, TWO)
    choose_network(page, "Original 1998")
    expect(page.locator("#answer-1998 .digit")).to_have_text("2", timeout=PATIENCE)
    page.reload()
    expect(page.locator("#answer-1998 .digit")).to_have_text("2", timeout=PATIENCE)
    expect(page.locator("#figure")).to_be_hidden()
    assert network_in_use(page) == "Original 1998 · 99.40 %"
