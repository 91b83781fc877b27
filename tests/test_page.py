"""The real page in a real browser, used as visitors use it."""

import base64
import io

import pytest
from PIL import Image
from playwright.sync_api import CDPSession, expect

from lenet import mnist
from visitor.hand import (
    ONE,
    TWO,
    colours,
    draw,
    expect_digit,
    expect_words,
    percents,
    place,
    set_pen_width,
    sheet,
    tool,
    touch,
)

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
PATIENCE = 20_000  # milliseconds that a run or the first reading of MNIST may take on a slow machine


def test_the_answer_comes_before_the_pen_is_lifted(page):
    expect_words(page, "Draw a digit")
    draw(page, TWO, lift=False)
    expect_digit(page, 2)
    page.mouse.up()
    expect_digit(page, 2)
    expect_words(page, "I read a 2")


def test_the_answer_follows_when_the_drawing_changes(page):
    draw(page, ONE)
    expect_digit(page, 1)
    draw(page, [(70, 52), (105, 51), (140, 50)])
    expect_digit(page, 7)


def test_nothing_but_a_few_texts_is_laid_out_while_the_pen_moves(page):
    draw(page, TWO)
    expect_digit(page, 2)
    tool(page, "clear").click()
    expect_digit(page, None)
    page.evaluate("answers = 0, document.addEventListener('lenet:answer', () => answers++)")
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    places = [place(page, point) for point in TWO[2:]]
    draw(page, TWO[:2], lift=False)
    page.evaluate("void (lenet.write = (node, text) => lenet.texts.set(node, text))")  # texts wait for pen up
    layouts_before, answers_before = layout_count(session), page.evaluate("answers")
    for point in places:
        page.mouse.move(*point, steps=12)
    moves = page.evaluate("answers") - answers_before
    assert moves > 20
    assert layout_count(session) - layouts_before < moves / 8
    page.mouse.up()
    expect_words(page, "I read a 2")
    expect_digit(page, 2)


def layout_count(session: CDPSession) -> int:
    """Return how many times the page was laid out."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return next(each["value"] for each in metrics if each["name"] == "LayoutCount")


def test_all_ten_bars_stay_in_their_places(page):
    draw(page, TWO)
    expect_digit(page, 2)
    assert page.locator("#answer .label").all_inner_texts() == list("0123456789")
    assert sum(float(text.strip("> %")) for text in percents(page)) == pytest.approx(100, abs=0.5)
    expect(page.locator("#answer li.best .label")).to_have_text("2")


def test_clearing_twice_works_twice(page):
    for _ in range(2):
        draw(page, TWO)
        expect_digit(page, 2)
        tool(page, "clear").click()
        expect_digit(page, None)
        expect(page.locator("#pad .hint")).to_be_visible()


def test_undo_and_redo_go_through_strokes_and_clears(page):
    draw(page, ONE)
    expect_digit(page, 1)
    draw(page, [(70, 52), (105, 51), (140, 50)])
    expect_digit(page, 7)
    tool(page, "clear").click()
    expect_digit(page, None)
    tool(page, "undo").click()
    expect_digit(page, 7)
    sheet(page).focus()
    page.keyboard.press("Control+z")
    expect_digit(page, 1)
    page.keyboard.press("Control+y")
    expect_digit(page, 7)
    expect(tool(page, "redo")).to_be_enabled()
    draw(page, [(100, 140), (180, 140)])
    expect(tool(page, "redo")).to_be_disabled()


def test_the_eraser_removes_ink(page):
    draw(page, TWO)
    expect_digit(page, 2)
    page.keyboard.press("e")
    expect(tool(page, "eraser")).to_have_attribute("aria-pressed", "true")
    set_pen_width(page, 36)
    draw(page, TWO)
    expect_digit(page, None)


def test_keys_change_the_pen(page):
    sheet(page).focus()
    page.keyboard.press("]")
    expect(page.locator("#pad input[type=range]")).to_have_value("20")
    page.keyboard.press("e")
    page.keyboard.press("p")
    expect(tool(page, "pen")).to_have_attribute("aria-pressed", "true")


def test_a_finger_draws_and_does_not_scroll_the_page(visit):
    page = visit(**PHONE)
    touch(page, *[place(page, point) for point in ONE])
    expect_digit(page, 1)
    assert page.evaluate("scrollY") == 0


def test_beside_the_sheet_a_finger_scrolls_the_page(visit):
    page = visit(**PHONE)
    expect_words(page, "Draw a digit")
    box = page.locator("#figure").bounding_box()
    touch(page, *[(box["x"] + 100, box["y"] + 100 - 20 * i) for i in range(15)])
    page.wait_for_function("scrollY > 50")


def test_the_drawing_survives_resizing_and_a_change_of_theme(page):
    draw(page, TWO)
    expect_digit(page, 2)
    before = percents(page)
    page.set_viewport_size({"width": 390, "height": 844})
    page.evaluate("document.body.classList.toggle('dark')")
    has_ink = "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean)"
    page.wait_for_function(f"({has_ink})(document.querySelector('#pad .sheet canvas'))")
    draw(page, [(5, 5), (6, 5)])
    tool(page, "undo").click()
    expect(page.locator("#answer .percent").nth(2)).to_have_text(before[2])
    assert percents(page) == before


def test_an_example_fills_the_sheet_and_can_be_drawn_on(page):
    seven = page.get_by_role("button", name="A 7 of the MNIST test set", exact=False).first
    seven.click(timeout=PATIENCE)
    expect_digit(page, 7)
    expect(page.locator("#pad .hint")).to_be_hidden()
    page.keyboard.press("e")
    set_pen_width(page, 36)
    draw(
        page,
        [
            (20, 40),
            (260, 40),
            (260, 100),
            (20, 100),
            (20, 160),
            (260, 160),
            (260, 220),
            (20, 220),
            (20, 260),
            (260, 260),
        ],
    )
    tool(page, "undo").click()
    expect_digit(page, 7)
    tool(page, "undo").click()
    expect_digit(page, None)


def a_photo_of(digit: Image.Image) -> bytes:
    """Dark ink on grey paper, as a JPEG."""
    paper = Image.new("L", (600, 800), 190)
    paper.paste(60, (150, 250), digit.resize((300, 300), Image.Resampling.BICUBIC))
    content = io.BytesIO()
    paper.save(content, "JPEG")
    return content.getvalue()


def test_a_photo_is_chosen_read_and_drawn_on(page):
    labels = mnist.final_test().labels
    seven = Image.fromarray(mnist.final_test().images[int((labels == 7).nonzero()[0])].numpy())
    file = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": a_photo_of(seven)}
    page.locator("#pictures input[type=file]").set_input_files(file)
    expect_digit(page, 7)
    expect(page.locator("#pad .hint")).to_be_hidden()
    tool(page, "undo").click()
    expect_digit(page, None)


def test_a_file_that_is_not_a_picture_is_refused_and_the_drawing_stays(page):
    draw(page, TWO)
    expect_digit(page, 2)
    file = {"name": "notes.png", "mimeType": "image/png", "buffer": b"not a picture"}
    page.locator("#pictures input[type=file]").set_input_files(file)
    expect_words(page, "not a picture that can be read")
    expect_digit(page, 2)


def test_a_picture_is_pasted(page):
    labels = mnist.final_test().labels
    zero = Image.fromarray(mnist.final_test().images[int((labels == 0).nonzero()[0])].numpy())
    page.evaluate(
        """async (base64) => {
            const blob = await (await fetch(`data:image/jpeg;base64,${base64}`)).blob();
            const data = new DataTransfer();
            data.items.add(new File([blob], "pasted.jpg", { type: "image/jpeg" }));
            document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data }));
        }""",
        base64.b64encode(a_photo_of(zero)).decode(),
    )
    expect_digit(page, 0)


def test_without_a_camera_the_page_says_so(page):
    page.get_by_role("button", name="Camera").click()
    expect_words(page, "There is no camera here")


def test_every_step_and_stage_is_drawn_live(page):
    blank = "canvas => new Set(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data).size < 5"
    expect_words(page, "Draw a digit")
    draw(page, TWO, lift=False)
    expect_digit(page, 2)
    assert page.locator("#preparation canvas").count() == 3
    for canvas in page.locator("#preparation canvas").all():
        assert not canvas.evaluate(blank)
    names = page.locator("#figure h3").all_inner_texts()
    assert names == ["input", "C1", "S2", "C3", "S4", "C5", "F6", "output"]
    counts = [page.locator(f"#figure [data-stage={name}] .map").count() for name in names]
    assert counts == [1, 6, 6, 16, 16, 1, 1, 1]
    page.mouse.up()
    for name in names:
        assert colours(page, name) > 5, name
    assert page.locator("#figure .filter").count() == 6


def test_every_stage_says_its_shape_operation_and_parameters(page):
    c3 = page.locator("#figure [data-stage=C3] header")
    expect(c3).to_contain_text("16@10×10")
    expect(c3).to_contain_text("5×5 convolution, ReLU")
    expect(c3).to_contain_text("2,416 parameters")
    expect(page.locator("#figure h2")).to_contain_text("61,706")


def test_hovering_a_map_enlarges_it_and_says_which_it_is(page):
    draw(page, TWO)
    expect_digit(page, 2)
    page.locator("#figure [data-stage=S2] .map").nth(2).hover()
    expect(page.locator("#figure .loupe")).to_contain_text("S2, map 3 of 6, 14×14.")
    page.mouse.move(5, 5)
    expect(page.locator("#figure .loupe")).to_be_hidden()


def test_the_parts_of_the_page_have_their_ids(page):
    for part in ("pad", "answer", "preparation", "figure", "retrain"):
        expect(page.locator(f"#{part}")).to_have_count(1)


def test_the_first_screen_shows_sheet_answer_and_the_start_of_the_network(visit):
    page = visit(viewport={"width": 1280, "height": 800})
    for part in ("#pad .sheet", "#answer .bars", "#figure header >> nth=0", "#figure .C1 .map >> nth=0"):
        box = page.locator(part).bounding_box()
        assert box["y"] + box["height"] <= 800, part


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_wider_than_the_screen(visit, width):
    page = visit(viewport={"width": width, "height": 800})
    expect_words(page, "Draw a digit")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_drawing_that_is_too_large_is_refused_and_stays_on_the_sheet(page):
    draw(page, TWO)
    expect_digit(page, 2)
    page.route("**/lenet/pad/*", lambda route: route.fulfill(json={"error": "The drawing has too many points."}))
    draw(page, [(20, 20), (30, 20)])
    expect_words(page, "The drawing has too many points.")
    expect_digit(page, 2)
    page.unroute("**/lenet/pad/*")
    tool(page, "undo").click()
    expect_words(page, "I read a 2")


def test_a_stopped_server_is_reported_and_the_browser_still_answers(page):
    draw(page, TWO)
    expect_digit(page, 2)
    page.route("**/lenet/pad/*", lambda route: route.fulfill(status=204))
    draw(page, [(20, 20), (30, 20)])
    expect(page.locator("#pad .offline")).to_be_visible()
    expect_words(page, "I read a 2")
    page.unroute("**/lenet/pad/*")
    expect(page.locator("#pad .offline")).to_be_hidden()


def test_a_refused_request_is_explained_and_sent_again(browser, app_url):
    page = browser.new_page()  # not by `visit`, because the browser reports the refusal as an error
    page.route("**/weights/**", lambda route: route.fulfill(status=503))  # so that the server has to answer
    page.goto(app_url)
    page.locator("#pad .sheet > canvas").click(trial=True)
    sentence = "More than 200 requests a second came from you; wait a moment."
    page.route("**/lenet/pad/*", lambda route: route.fulfill(status=429, json={"detail": sentence}))
    draw(page, TWO)
    expect_words(page, sentence)
    page.unroute("**/lenet/pad/*")
    expect_digit(page, 2)
    expect_words(page, "I read a 2")
    page.close()


def test_words_and_bars_show_the_same_probability(page):
    for points in (TWO, [(70, 60), (75, 225)], [(60, 60), (220, 220)]):
        tool(page, "clear").click()
        draw(page, points)
        page.wait_for_function("lenet.request?.drawing.strokes.length === 1")
        expect(page.locator("#answer .words")).not_to_have_text("Draw a digit.")
        bars = [float(text.strip("> %")) for text in percents(page)]
        words = page.locator("#answer .words").inner_text()
        if "sure." in words and words.startswith("I read"):
            assert f"{max(bars)} % sure" in words
        elif "look like a digit" in words:
            assert max(bars) < 50  # the rest is the reject class
        else:
            assert "almost certain" in words or words.startswith("Not sure")


def test_a_refused_drawing_has_no_full_bar(page):
    draw(page, [(40, 40), (240, 240)])
    draw(page, [(240, 40), (40, 240)])
    draw(page, [(140, 20), (140, 260)])
    draw(page, [(20, 140), (260, 140)])
    expect_words(page, "^Doesn't look like a digit")
    assert max(float(text.strip("> %")) for text in percents(page)) < 50
