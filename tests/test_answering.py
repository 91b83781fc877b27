"""The browser answers while the pen moves; the server confirms, and answers what the browser can't."""

import base64
import json
import math
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Page, Route, expect

from visitor.drawings import SHAPES, a_line, a_stroke
from visitor.hand import SEVEN, TWO, draw, expect_digit, expect_words, sheet, tool

WATCH = """
window.answers = [];
window.confirmed = [];
document.addEventListener("lenet:answer", ({ detail }) => answers.push(detail));
document.addEventListener("lenet:confirmed", ({ detail }) => confirmed.push(detail.agree));
"""
# Draws each of these drawings, then requests the server's answer to each.
COMPARE = """async (drawings) => {
  const answered = [];
  for (const strokes of drawings) {
    const answer = new Promise((done) => document.addEventListener("lenet:answer", done, { once: true }));
    lenet.publish("drawing", { strokes, picture: null, passing: true });
    answered.push((await answer).detail);
  }
  const different = [];
  for (const { source, digit, reason, request } of answered) {
    const response = await fetch("lenet/pad/confirm", { method: "POST", body: JSON.stringify(request) });
    const served = await response.json();
    const same = source === "browser" && served.digit === digit && served.reason === reason;
    if (!same) different.push({ served, digit, reason });
  }
  return [answered.length, different];
}"""


@pytest.fixture
def page(browser, app_url) -> Iterator[Page]:
    """A page that records its answers; its requests may fail, unlike those of the fixture in conftest.py."""
    page = browser.new_page()
    page.add_init_script(WATCH)
    yield page
    page.close()


def open_page(page: Page, url: str) -> Page:
    page.goto(url)
    page.locator("#pad .hint").wait_for()
    sheet(page).click(trial=True)
    return page


def open_with_weights(page: Page, url: str) -> Page:
    """Open the page and wait for the weights."""
    open_page(page, url)
    page.wait_for_function("answers.some(({ source }) => source === 'browser')")
    return page


def test_the_browser_answers_a_stroke_and_the_server_confirms_it_after_pen_up(page, app_url):
    open_with_weights(page, app_url)
    requests = []
    page.on("request", lambda request: requests.append(request.url.rsplit("/", 1)[1]))
    draw(page, TWO)
    page.wait_for_function("confirmed.length")
    expect_digit(page, 2)
    assert page.evaluate("answers.at(-1).source") == "browser"
    assert page.evaluate("confirmed.every(Boolean)")
    assert set(requests) == {"confirm"}


def test_browser_and_server_give_the_same_answers_to_five_hundred_drawings(page, app_url):
    open_with_weights(page, app_url)
    rng = np.random.default_rng(500)
    drawings = []
    for _ in range(500):
        shape = SHAPES[str(rng.choice(list(SHAPES)))]
        move = rng.uniform(20, 120, 2)
        strokes = [
            a_stroke((np.array(line) * rng.uniform(0.4, 1.5, 2) + rng.normal(0, 3, 2) + move).tolist())
            for line in shape
        ]
        if rng.random() < 0.3:
            strokes.append(a_stroke(rng.uniform(40, 240, (2, 2)).tolist(), width=12, erase=True))
        drawings.append(strokes)
    count, different = page.evaluate(COMPARE, drawings)
    assert (count, different) == (500, [])


def test_the_server_answers_with_all_maps_until_the_browser_has_the_weights(page, app_url):
    held_requests: list[Route] = []
    page.route("**/weights/**", lambda route: held_requests.append(route))
    open_page(page, app_url)
    draw(page, SEVEN)
    expect_digit(page, 7)
    answer = page.evaluate(
        "(({ source, stages, steps }) => [source, stages.F6.values.length, steps.length])(answers.at(-1))"
    )
    assert answer == ["server", 84, 3]
    held_requests.pop().continue_()
    page.wait_for_function("answers.at(-1).source === 'browser'")
    expect_digit(page, 7)


def test_without_the_server_the_browser_still_answers_and_the_page_says_that_it_is_offline(page, app_url):
    open_with_weights(page, app_url)
    page.context.set_offline(True)
    draw(page, TWO)
    expect(page.locator("#pad .offline")).to_be_visible()
    tool(page, "clear").click()
    draw(page, SEVEN)
    expect_digit(page, 7)
    page.context.set_offline(False)
    expect(page.locator("#pad .offline")).to_be_hidden()


def test_an_explanation_opened_without_the_server_says_so_and_goes_on_once_it_is_back(page, app_url):
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    open_with_weights(page, app_url)
    draw(page, TWO)
    expect_digit(page, 2)
    page.context.set_offline(True)
    page.locator("#menu [data-open=trace]").click()
    expect(page.locator("#trace .fault")).to_have_text("The server does not answer; what you drew is still here.")
    page.context.set_offline(False)
    tool(page, "clear").click()
    draw(page, SEVEN)
    expect(page.locator("#trace .sentence")).to_contain_text("On your drawing 7 is", timeout=30_000)
    assert not errors


def test_if_browser_and_server_disagree_the_servers_answer_is_shown_and_both_are_logged(page, app_url):
    warnings = []
    page.on("console", lambda message: warnings.append(message.text) if message.type == "warning" else None)
    open_with_weights(page, app_url)
    served = {
        "network": "modern",
        "digit": 3,
        "reason": None,
        "confidence": 1,
        "probabilities": [0.0] * 3 + [1.0] + [0.0] * 6,
    }
    page.route(
        "**/lenet/pad/confirm", lambda route: route.fulfill(body=json.dumps(served), content_type="application/json")
    )
    draw(page, TWO)
    expect_words(page, "^I read a 3")
    assert page.evaluate("answers.at(-1).source") == "server"
    assert any("The server reads this drawing differently." in text for text in warnings)


def test_the_explained_drawing_is_the_one_on_the_page(page, app_url):
    open_with_weights(page, app_url)
    draw(page, TWO)
    draw(page, [(90, 60), (150, 200)])
    tool(page, "eraser").click()
    draw(page, [(90, 60), (150, 200)])
    with page.expect_response("**/lenet/trace/explain") as response:
        page.evaluate("lenet.open('trace')")
    pixels = page.evaluate("[...answers.at(-1).steps[2].pixels]")
    assert list(base64.b64decode(response.value.json()["ink"])) == pixels
    assert sum(pixels) > 0


def test_the_preparations_pictures_are_shown_enlarged_in_the_middle_of_their_frames(page, app_url):
    open_with_weights(page, app_url)
    draw(page, TWO)
    steps = page.evaluate("answers.at(-1).steps.map((step) => ({ ...step, pixels: [...step.pixels] }))")
    palette = np.array(page.evaluate("[...lenet.glow]"), np.uint32)
    painted = page.evaluate(
        """[...document.querySelectorAll("#preparation canvas")].map((canvas) => [...new Uint32Array(
          canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.buffer)])"""
    )
    for step, pixels in zip(steps, painted, strict=True):
        picture = np.array(step["pixels"]).reshape(step["height"], step["width"])
        frame = np.zeros((step["frame"], step["frame"]), np.uint32)
        top, left = (step["frame"] - step["height"]) // 2, (step["frame"] - step["width"]) // 2
        frame[top : top + step["height"], left : left + step["width"]] = palette[picture]
        side = math.isqrt(len(pixels))
        nearest = ((np.arange(side) + 0.5) * step["frame"] / side).astype(int)
        assert (frame[np.ix_(nearest, nearest)] == np.reshape(pixels, (side, side))).all()


def test_a_late_answer_does_not_replace_a_newer_one_of_a_number(page, app_url):
    open_with_weights(page, app_url)
    requests: list[Route] = []

    def hold_the_first(route: Route) -> None:
        requests.append(route)
        if len(requests) > 1:
            route.continue_()

    page.route("**/lenet/pad/read_number", hold_the_first)
    for digits in ("1", "17"):
        drawing = {"strokes": a_line(digits)["strokes"], "picture": None, "width": 840, "passing": True}
        with page.expect_request("**/lenet/pad/read_number"):
            page.evaluate("(drawing) => lenet.publish('drawing', drawing)", drawing)
    words = page.locator("#number .words")
    expect(words).to_contain_text("I read 17,")
    with page.expect_response("**/lenet/pad/read_number"):
        requests[0].continue_()
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    expect(words).to_contain_text("I read 17,")
    # The chosen digit is answered by the browser.
    assert page.evaluate("[answers.at(-1).source, answers.at(-1).digit]") == ["browser", 7]
