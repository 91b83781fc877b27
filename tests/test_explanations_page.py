"""The explanations on the real page: they open, show the drawing's values, and close."""

import base64
import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from demo.explain import explanations
from visitor.hand import ONE, SEVEN, TWO, bars, colours, draw, expect_digit, expect_words, percents, sheet, tool

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
EXPLANATIONS = [explanation.name for explanation in explanations.EXPLANATIONS]
READY = r"Draw a digit\."  # a text from the server
LONG = 30_000  # milliseconds that the first answer of an explanation may take on a slow machine


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


def test_on_a_tablet_no_link_of_the_trace_crosses_from_one_row_of_the_figure_to_the_other(visit):
    page = visit(viewport={"width": 768, "height": 1024}, has_touch=True)
    draw(page, SEVEN)
    expect_digit(page, 7)
    page.evaluate("lenet.open('trace')")
    page.locator("#figure .marks .for").first.wait_for(timeout=LONG)
    crossing = page.evaluate("""() => {
      const box = (part) => document.querySelector(`#figure ${part}`).getBoundingClientRect();
      const [above, below] = [box(".C1 .cards").bottom, box(".C3 .cards").top];
      const links = [...document.querySelectorAll("#figure .marks:last-of-type path")];
      const boxes = links.map((link) => link.getBoundingClientRect());
      return boxes.filter(({ top, bottom }) => top < above && bottom > below);
    }""")
    assert crossing == []


@pytest.mark.parametrize("stage", ["C1", "C3", "output"])
def test_how_one_cell_is_computed_is_seen_without_scrolling(visit, stage):
    page = visit(viewport={"width": 1366, "height": 768})
    draw(page, SEVEN)
    expect_digit(page, 7)
    page.evaluate("stage => lenet.publish('pick', { stage, index: 0, row: 0, column: 0 })", stage)
    expect(page.locator("#unit_sum .outcome")).not_to_be_empty(timeout=LONG)
    assert page.locator("#look").evaluate("look => look.scrollHeight - look.clientHeight") == 0


def test_one_explanation_is_open_at_a_time(seven):
    for name in EXPLANATIONS:
        opener(seven, name).click()
        for other in EXPLANATIONS:
            expect(seven.locator(f"#{other}")).to_be_visible(visible=other == name)
    seven.keyboard.press("Escape")
    expect(seven.locator("#filters")).to_be_hidden()


def test_without_a_drawing_each_explanation_asks_the_visitor_to_draw(page):
    expect_words(page, READY)
    for name in EXPLANATIONS:
        opener(page, name).click()
        expect(page.locator(f"#{name} .fault")).to_have_text("Draw a digit, then look inside.")
    draw(page, TWO)
    expect(page.locator("#filters .kernels button")).to_have_count(6 + 96)


def test_while_no_explanation_is_open_the_page_requests_only_confirmations(page):
    urls = []
    page.on("request", lambda request: urls.append(request.url) if is_call(request) else None)
    expect_words(page, READY)
    draw(page, TWO)
    expect_digit(page, 2)
    assert {url.rsplit("/", 1)[1] for url in urls} <= {"confirm"}


def is_call(request) -> bool:
    return "/lenet/" in request.url and request.method == "POST"


def is_explain(request) -> bool:
    return is_call(request) and request.url.endswith("/explain")


def test_a_click_on_a_pixel_shows_its_sum_and_what_it_sees(seven):
    stage_map(seven, "C3", 4).click()
    unit = seven.locator("#unit_sum")
    expect(unit.locator("header small")).to_have_text(re.compile(r"C3, map 5, row \d+, column \d+"))
    expect(unit.locator(".term")).to_have_count(6)
    expect(unit.locator(".numbers .grid span")).to_have_count(75)
    expect(marks(seven, "own")).to_have_count(1)
    expect(marks(seven, "seen")).to_have_count(6 + 6 + 1)  # on all maps of S2 and C1, and on the input
    assert shown_sum(seven) == pytest.approx(0, abs=0.005)


def shown_sum(page: Page) -> float:
    """Return the sum minus all shown terms and the bias; the page rounds to three decimal places."""
    rows = page.locator("#unit_sum table tr td:last-child").all_inner_texts()
    *terms, total = [float(text.replace("−", "-")) for text in rows]
    return sum(terms) - total


@pytest.mark.parametrize(("stage", "terms"), [("C1", 1), ("S2", 1), ("S4", 1), ("C5", 16), ("F6", 8), ("output", 8)])
def test_every_stage_has_its_sums(seven, stage, terms):
    stage_map(seven, stage).click()
    expect(seven.locator("#unit_sum header small")).to_have_text(re.compile(f"^{stage}"))
    expect(seven.locator("#unit_sum .term")).to_have_count(terms)
    if stage in ("S2", "S4"):
        expect(seven.locator("#unit_sum .winner")).to_have_count(1)
    else:
        assert shown_sum(seven) == pytest.approx(0, abs=0.005)


def test_the_pointer_slides_the_window_and_leaving_returns_to_the_clicked_cell(seven):
    box = stage_map(seven, "C1", 5).bounding_box()
    stage_map(seven, "C1", 5).click(position={"x": box["width"] * 0.52, "y": box["height"] * 0.52})
    name = seven.locator("#unit_sum header small")
    expect(name).to_contain_text("C1, map 6, row 15, column 15")
    box = stage_map(seven, "C1", 5).bounding_box()
    for share in (0.02, 0.25, 0.5, 0.75, 0.99):
        seven.mouse.move(box["x"] + share * box["width"], box["y"] + 0.09 * box["height"])
    expect(name).to_contain_text("C1, map 6, row 3, column 28")
    seven.mouse.move(5, box["y"])
    expect(name).to_contain_text("C1, map 6, row 15, column 15")


def test_an_open_sum_is_updated_while_drawing(seven):
    stage_map(seven, "output").click()
    before = seven.locator("#unit_sum .outcome").inner_text()
    draw(seven, [(100, 145), (180, 145)])
    expect(seven.locator("#unit_sum .outcome")).not_to_have_text(before)


def test_a_unit_is_found_by_keyboard_alone(seven):
    stage_map(seven, "C1").focus()
    seven.keyboard.press("ArrowRight")
    expect(stage_map(seven, "C1", 1)).to_be_focused()
    seven.keyboard.press("Enter")
    expect(seven.locator("#unit_sum header small")).to_have_text("C1, map 2, row 15, column 15")
    expect(seven.locator("#unit_sum .map canvas")).to_be_focused()
    seven.keyboard.press("ArrowUp")
    seven.keyboard.press("ArrowRight")
    expect(seven.locator("#unit_sum header small")).to_have_text("C1, map 2, row 14, column 16")
    seven.keyboard.press("Escape")
    expect(seven.locator("#unit_sum")).to_be_hidden()
    expect(opener(seven, "unit_sum")).to_be_focused()


def test_the_trace_draws_links_and_a_heat_map(seven):
    opener(seven, "trace").click()
    trace = seven.locator("#trace")
    expect(trace.locator(".sentence")).to_contain_text("ahead of the other digits")
    expect(trace.locator(".why [aria-pressed=true]")).to_have_text("7")
    assert marks(seven, "for").count() > 10
    assert len(set(trace.locator("tr td:last-child").all_inner_texts())) == 1  # the same sum at every stage
    expect(trace.locator(".covered")).to_contain_text("Cover the marked spot with paper, and 7 goes from")
    expect(marks(seven, "own")).to_have_count(1)
    expect(seven.locator("#pad .overlay canvas")).to_be_visible()
    trace.locator(".close").click()
    expect(seven.locator("#pad .overlay canvas")).to_be_hidden()
    expect(marks(seven, "for")).to_have_count(0)


def test_the_trace_compares_with_another_digit(seven):
    opener(seven, "trace").click()
    seven.locator("#trace .against button").nth(9).click()
    expect(seven.locator("#trace .sentence")).to_contain_text("ahead of 9")
    seven.locator("#trace .against button").nth(9).click()
    expect(seven.locator("#trace .sentence")).to_contain_text("ahead of the other digits")


def test_a_switched_off_map_goes_dark_and_comes_back(seven):
    before = percents(seven)
    opener(seven, "ablation").click()
    expect(seven.locator("#ablation .ranking li")).to_have_count(16)
    for index in range(16):
        stage_map(seven, "C3", index).click()
    expect(marks(seven, "off")).to_have_count(16)
    expect(seven.locator("#ablation .sentence")).to_contain_text("With 16 parts switched off")
    assert colours(seven, "S4") == 1
    assert percents(seven) != before
    end = len(bars(seven)[7])
    end_before = round(end * float(before[7].strip("> %")) / 100)
    line = bars(seven)[7][end_before - 2]
    assert line != 0
    assert line not in bars(seven)[7][: end_before - 5]  # a line in another colour marks where the bar ended before
    opener(seven, "ablation").click()
    expect(seven.locator("#answer .percent").nth(7)).to_have_text(before[7])
    assert line not in bars(seven)[7]


def test_parts_can_be_switched_in_the_ranking(seven):
    opener(seven, "ablation").click()
    first = seven.locator("#ablation .ranking button").first
    first.click()
    expect(first).to_have_attribute("aria-pressed", "true")
    seven.locator("#ablation .all").click()
    expect(first).to_have_attribute("aria-pressed", "false")


def test_a_counterfactual_is_drawn_over_the_drawing(seven):
    opener(seven, "counterfactual").click()
    panel = seven.locator("#counterfactual")
    panel.locator(".digits button").nth(3).click()
    expect(panel.locator(".checked")).to_contain_text("prepared again from the start")
    expect(panel.locator(".digits button").nth(7)).to_be_disabled()
    expect(seven.locator("#pad .overlay canvas")).to_be_visible()
    panel.locator(".digits button").nth(9).click()
    expect(panel.locator(".sentence")).to_contain_text("a 9")


def test_neighbours_are_shown_and_the_drawing_moves_among_them(seven):
    opener(seven, "neighbours").click()
    neighbours = seven.locator("#neighbours")
    expect(neighbours.locator("li")).to_have_count(12, timeout=LONG)
    expect(neighbours.locator(".sentence")).to_contain_text("labelled 7")
    before = neighbours.locator(".you").get_attribute("style")
    tool(seven, "clear").click()
    draw(seven, ONE)
    expect(neighbours.locator(".sentence")).to_contain_text("labelled 1")
    assert neighbours.locator(".you").get_attribute("style") != before


def test_a_filter_is_linked_to_its_maps(seven):
    opener(seven, "filters").click()
    seven.mouse.move(0, 0)  # the panel scrolls up, and no filter may end up under the pointer
    seven.locator("#filters .kernels button").nth(6 + 9).focus()
    expect(seven.locator("#filters .caption")).to_have_text(
        "This filter reads S2's map 4 and helps to make C3's map 2."
    )
    expect(marks(seven, "own")).to_have_count(2)
    expect(marks(seven, "for")).to_have_count(1)


def test_the_tour_goes_by_keyboard_from_the_pen_to_the_answer(seven):
    opener(seven, "tour").focus()
    seven.keyboard.press("Enter")
    for step, target in enumerate(("#pad", "#preparation", ".input", ".C1", ".C3", ".C5", "#answer"), 1):
        expect(seven.locator("#tour header small")).to_have_text(f"step {step} of 7")
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
    expect(seven.locator("#tour header small")).to_have_text("step 1 of 7")
    seven.locator("#tour .close").click()
    expect(seven.locator("#tour")).to_be_hidden()


def test_all_explanations_fit_a_phone_and_work_by_touch(visit):
    page = visit(**PHONE)
    expect_words(page, READY)
    draw(page, SEVEN)
    expect_digit(page, 7)
    stage_map(page, "C3", 9).tap()
    expect(page.locator("#unit_sum header small")).to_contain_text("C3, map 10")
    page.locator("#unit_sum .map canvas").tap(position={"x": 3, "y": 3})
    expect(page.locator("#unit_sum header small")).to_have_text("C3, map 10, row 1, column 1")
    for name in EXPLANATIONS:
        opener(page, name).tap()
        expect(page.locator(f"#{name}")).to_be_visible()
        expect(page.locator(f"#{name} .fault")).to_be_hidden()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert sheet(page).count() == 1


class LastAnswer:
    """The server's last answers to open explanations."""

    def __init__(self, page: Page):
        self.last: dict = {}
        self._page = page
        page.on("response", self._keep)

    def __getitem__(self, name: str):
        """Return a part of the answer, which the test may receive after the page has shown it."""
        for _ in range(LONG // 50):
            if name in self.last:
                return self.last[name]
            self._page.wait_for_timeout(50)
        raise KeyError(name)

    def _keep(self, response) -> None:
        if is_explain(response.request):
            self.last = response.json()


def boxes(page: Page, *places: str) -> list[dict]:
    """Return the positions of elements at one moment, because the page above them may still grow."""
    return page.evaluate(
        """(places) => places.map((at) => {
          const { x, y, width, height } = document.querySelector(at).getBoundingClientRect();
          return { x, y, width, height };
        })""",
        places,
    )


def bytes_of(text: str, side: int) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), np.uint8).reshape(side, side)


def painted(page: Page, canvas: str) -> np.ndarray:
    """Return the colours and opacity on a canvas, (height, width, 4)."""
    width, height, pixels = page.locator(canvas).evaluate("""(canvas) => {
        const { width, height } = canvas;
        return [width, height, [...canvas.getContext("2d").getImageData(0, 0, width, height).data]];
    }""")
    return np.array(pixels).reshape(height, width, 4)


def green(pixels: np.ndarray) -> np.ndarray:
    return (pixels[..., 3] > 0) & (pixels[..., 1] > pixels[..., 0])


def red(pixels: np.ndarray) -> np.ndarray:
    return (pixels[..., 3] > 0) & (pixels[..., 0] > pixels[..., 1])


def answers_to(digit: int):
    """Return a function that recognises the answer to this digit's request among answers to earlier ones."""
    return lambda response: is_explain(response.request) and response.request.post_data_json.get("change_to") == digit


def test_pixels_to_add_are_painted_green_on_paper_and_those_to_erase_red_on_ink(page):
    """The counterfactual of a 1 with a bar across it adds and erases pixels."""
    draw(page, ONE)
    draw(page, [(95, 120), (180, 118)])
    opener(page, "counterfactual").click()
    expect(page.locator("#counterfactual .sentence")).not_to_be_empty(timeout=LONG)
    counts = {"added": 0, "erased": 0}
    for digit in (1, 7, 4):
        button = page.locator("#counterfactual .digits button").nth(digit)
        if button.is_disabled():
            continue
        with page.expect_response(answers_to(digit)) as response:
            button.click()
        answer = response.value.json()
        expect(page.locator("#counterfactual .sentence")).to_have_text(answer["words"])
        if "pixels" not in answer:
            continue  # not found in time
        ink, change = bytes_of(answer["before"], 32), bytes_of(answer["pixels"], 32)
        for canvas in ("#counterfactual canvas.pixels", "#pad .overlay canvas"):
            pixels = painted(page, canvas)
            assert np.array_equal(green(pixels), change == 255)
            assert np.array_equal(red(pixels), change == 1)
        assert (ink[change == 255] < 128).all()
        assert (ink[change == 1] >= 128).all()
        counts = {"added": counts["added"] + (change == 255).sum(), "erased": counts["erased"] + (change == 1).sum()}
    assert all(counts.values())


def test_the_overlay_lies_on_the_ink_and_is_orange_where_ink_speaks_for_the_digit(seven):
    """The middle of every coloured cell of the overlay is on the ink of the sheet or next to it."""
    answer = LastAnswer(seven)
    opener(seven, "trace").click()
    expect(seven.locator("#trace .sentence")).not_to_be_empty(timeout=LONG)
    heat, pixels = bytes_of(answer["heat"], 32).astype(int), painted(seven, "#pad .overlay canvas")
    assert np.array_equal(pixels[..., 3] > 0, heat != 128)
    strong = abs(heat - 128) > 20
    assert np.array_equal((pixels[..., 0] > pixels[..., 2])[strong], heat[strong] > 128)
    overlay, pad = boxes(seven, "#pad .overlay canvas", "#pad .sheet > canvas")
    ink = painted(seven, "#pad .sheet > canvas")[..., 3] > 0
    scale = ink.shape[1] / pad["width"]
    cell = overlay["width"] / 32
    for row, column in zip(*np.nonzero(strong), strict=True):
        x, y = overlay["x"] + (column + 0.5) * cell - pad["x"], overlay["y"] + (row + 0.5) * cell - pad["y"]
        top, left, reach = round(y * scale), round(x * scale), round(cell * scale)
        assert ink[max(0, top - reach) : top + reach, max(0, left - reach) : left + reach].any(), (row, column)


def test_the_marked_spot_is_where_the_server_found_it(seven):
    answer = LastAnswer(seven)
    opener(seven, "trace").click()
    expect(seven.locator("#trace .sentence")).not_to_be_empty(timeout=LONG)
    spot, heat = boxes(seven, "#trace .heat i", "#trace .heat")
    for name, start, length in (("left", "x", "width"), ("top", "y", "height")):
        expected = heat[start] + answer["spot"][name] / 32 * heat[length]
        assert spot[start] == pytest.approx(expected, abs=2)


def test_the_drawing_and_the_training_digits_are_at_their_places_in_the_plane(seven):
    answer = LastAnswer(seven)
    opener(seven, "neighbours").click()
    expect(seven.locator("#neighbours li")).to_have_count(12, timeout=LONG)
    plane, you = boxes(seven, "#neighbours .plane", "#neighbours .you")
    assert you["x"] + you["width"] / 2 == pytest.approx(plane["x"] + answer["place"][0] * plane["width"], abs=1)
    assert you["y"] + you["height"] / 2 == pytest.approx(plane["y"] + answer["place"][1] * plane["height"], abs=1)
    pixels = painted(seven, "#neighbours .plane")
    places = {name: np.frombuffer(base64.b64decode(answer["plane"][name]), np.uint8) for name in ("across", "down")}
    x, y = (places[name][:200] / 255 * (pixels.shape[0] - 1) for name in ("across", "down"))
    is_painted = pixels[y.round().astype(int), x.round().astype(int), 3] > 0
    assert is_painted.mean() > 0.98
    assert (pixels[..., 3] > 0).mean() < 0.3
    is_painted_if_swapped = pixels[x.round().astype(int), y.round().astype(int), 3] > 0
    assert is_painted_if_swapped.mean() < 0.8


def test_a_mark_on_the_figure_lies_on_the_pixels_and_units_that_it_names(seven):
    """For a pixel of a C3 map and a unit of F6 (7 x 12), not on the diagonal, so that rows and columns differ."""
    squares = [
        {"stage": "C3", "index": 5, "square": {"top": 2, "left": 7, "side": 2}, "kind": "own"},
        {"stage": "F6", "index": 25, "kind": "own"},
    ]
    seven.evaluate("(squares) => lenet.publish('marks', { squares })", squares)
    width, height = 7, 12
    c3 = seven.locator("#figure [data-stage=C3] .map").nth(5).bounding_box()
    f6 = seven.locator("#figure [data-stage=F6] .map").first.bounding_box()
    row, column = divmod(25, width)
    expected = [
        (c3["x"] + 0.7 * c3["width"], c3["y"] + 0.2 * c3["height"], 0.2 * c3["width"], 0.2 * c3["height"]),
        (
            f6["x"] + column / width * f6["width"],
            f6["y"] + row / height * f6["height"],
            f6["width"] / width,
            f6["height"] / height,
        ),
    ]
    for i, box in enumerate(expected):
        # Half of the line, which is 2 pixels wide, lies outside.
        mark = marks(seven, "own").nth(i).bounding_box()
        assert [mark[side] for side in ("x", "y", "width", "height")] == pytest.approx(box, abs=2.1)


def test_the_cell_and_its_window_are_framed_where_they_are(seven):
    answer = LastAnswer(seven)
    stage_map(seven, "C3", 15).click()
    expect(seven.locator("#unit_sum header small")).to_contain_text("C3, map 16")
    for _ in range(2):
        before = seven.locator("#unit_sum header small").inner_text()
        seven.locator("#unit_sum [data-do=step]").click()
        expect(seven.locator("#unit_sum header small")).not_to_have_text(before)
    place = seven.locator("#unit_sum header small").inner_text()
    row, column = (int(count) - 1 for count in re.findall(r"(?:row|column) (\d+)", place))
    for figure, side, (top, left, width) in ((".map", 10, (row, column, 1)), (".source", 14, (row, column, 5))):
        canvas, frame = (seven.locator(f"#unit_sum {figure} {part}").bounding_box() for part in ("canvas", "i"))
        pixel = canvas["width"] / side
        assert frame["x"] == pytest.approx(canvas["x"] + left * pixel, abs=1.5)
        assert frame["y"] == pytest.approx(canvas["y"] + top * pixel, abs=1.5)
        assert frame["width"] == pytest.approx(width * pixel, abs=4.5)
    palette = np.array(seven.evaluate("[...lenet.glow].map((one) => [one & 255, (one >> 8) & 255, (one >> 16) & 255])"))
    values = bytes_of(answer["map"]["pixels"][0], 10).copy()
    values.ravel()[10 * row + column + 1 :] = 0  # the cells that the window has not reached yet
    assert np.array_equal(painted(seven, "#unit_sum .map canvas")[..., :3], palette[values])
    source = bytes_of(answer["source"]["pixels"][0], 14)
    assert np.array_equal(painted(seven, "#unit_sum .source canvas")[..., :3], palette[source])


def test_the_convolution_plays_pauses_and_steps(seven):
    stage_map(seven, "C1", 5).click()
    name, play = seven.locator("#unit_sum header small"), seven.locator("#unit_sum [data-do=play]")
    expect(name).to_contain_text("C1, map 6")
    first = name.inner_text()
    play.click()
    expect(play).to_have_text("Pause")
    expect(name).not_to_have_text(first)
    second = name.inner_text()
    expect(name).not_to_have_text(second)
    play.click()
    expect(play).to_have_text("Play")
    row, column = (int(count) for count in re.findall(r"(?:row|column) (\d+)", name.inner_text()))
    seven.locator("#unit_sum [data-do=step]").click()
    after = (row + 1, 1) if column == 28 else (row, column + 1)
    expect(name).to_contain_text(f"row {after[0]}, column {after[1]}")
    products = seven.locator("#unit_sum .numbers figure").last
    expect(products.locator("output")).to_have_text(seven.locator("#unit_sum .term b").first.inner_text())


def test_with_reduced_motion_the_convolution_can_be_stepped(visit):
    page = visit(reduced_motion="reduce")
    draw(page, SEVEN)
    expect_digit(page, 7)
    stage_map(page, "S2", 5).click()
    expect(page.locator("#unit_sum [data-do=step]")).to_be_visible()
    expect(page.locator("#unit_sum [data-do=play]")).to_be_hidden()
    before = page.locator("#unit_sum header small").inner_text()
    page.locator("#unit_sum [data-do=step]").click()
    expect(page.locator("#unit_sum header small")).not_to_have_text(before)


@pytest.mark.parametrize("size", [(1000, 682), (768, 1000), (390, 844)])
def test_an_opened_explanation_is_closed_by_its_button_under_any_menu(visit, size):
    page = visit(viewport=dict(zip(("width", "height"), size, strict=True)))
    draw(page, SEVEN)
    expect_digit(page, 7)
    for name in ("trace", "ablation"):
        page.locator(f"#look [data-open={name}]").evaluate("(button) => button.click()")
        page.wait_for_function("document.querySelector('.explanation.open .sentence')?.textContent")
        on_top = page.locator(".explanation.open .close").evaluate("""(button) => {
            const { left, top, width, height } = button.getBoundingClientRect();
            return document.elementFromPoint(left + width / 2, top + height / 2) === button;
        }""")
        assert on_top
