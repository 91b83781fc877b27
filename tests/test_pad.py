"""The sheet with pens, palms and mice, and after a reload."""

from playwright.sync_api import expect

from visitor.hand import TWO, draw, expect_digit, place, sheet, tool

STROKES = "lenet.drawing.strokes.length"
POINTER = """([name, id, type, x, y, more]) => document.querySelector("#pad .sheet > canvas").dispatchEvent(
  new PointerEvent(`pointer${name}`, {
    pointerId: id, pointerType: type, clientX: x, clientY: y, buttons: 1, pressure: 0.5, bubbles: true, ...more,
  }))"""
INK = """() => {
  const canvas = document.querySelector("#pad .sheet > canvas");
  return canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean);
}"""


def pointer(page, name: str, number: int, kind: str, at: tuple, **more) -> None:
    """Send a pointer event."""
    page.evaluate("HTMLElement.prototype.setPointerCapture = () => {}")
    page.evaluate(POINTER, [name, number, kind, *place(page, at), more])


def test_a_tap_draws_a_dot(page):
    draw(page, [(140, 140)])
    page.wait_for_function(STROKES)
    assert page.evaluate(INK)
    expect(page.locator("#answer .words")).not_to_have_text("Draw a digit.")


def test_the_edge_of_a_stroke_drawn_in_many_moves_is_smooth(page):
    moves = [place(page, (x, 140.3)) for x in range(60, 220, 7)]
    page.mouse.move(*moves[0])
    page.mouse.down()
    for at in moves[1:]:
        page.mouse.move(*at)
    page.mouse.up()
    page.wait_for_function(STROKES)
    columns = page.evaluate(
        """() => {
      const canvas = document.querySelector("#pad .sheet > canvas");
      const { width, height } = canvas;
      const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
      const opacity = (column) => Array.from({ length: height }, (_, row) => data[4 * (row * width + column) + 3]);
      return [0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65].map((share) => opacity(Math.round(share * width)).join(" "));
    }"""
    )
    assert len(set(columns)) == 1
    assert {"0", "255"} < set(columns[0].split())  # with grey edges


def test_a_palm_that_rests_before_the_pen_neither_draws_nor_blocks_it(page):
    pointer(page, "down", 5, "touch", (250, 250), width=60, height=70)
    pointer(page, "down", 7, "pen", (80, 60))
    pointer(page, "move", 7, "pen", (200, 60))
    pointer(page, "move", 5, "touch", (240, 240), width=60, height=70)
    pointer(page, "up", 7, "pen", (200, 60))
    page.wait_for_function(f"{STROKES} === 1")
    assert page.evaluate("lenet.drawing.strokes[0].points.map(([x]) => Math.round(x))") == [80, 200]


def test_a_small_touch_just_before_the_pen_is_removed(page):
    pointer(page, "down", 5, "touch", (250, 250), width=10, height=10)
    pointer(page, "move", 5, "touch", (240, 240), width=10, height=10)
    pointer(page, "down", 7, "pen", (80, 60))
    pointer(page, "move", 7, "pen", (200, 60))
    pointer(page, "up", 7, "pen", (200, 60))
    page.wait_for_function(f"{STROKES} === 1")
    assert page.evaluate("lenet.drawing.strokes[0].points[0][0]") < 100


def test_a_move_without_a_pressed_button_ends_the_stroke(page):
    pointer(page, "down", 1, "mouse", (80, 60))
    pointer(page, "move", 1, "mouse", (120, 60))
    pointer(page, "move", 1, "mouse", (200, 200), buttons=0)
    pointer(page, "move", 1, "mouse", (220, 220))
    expect(tool(page, "undo")).to_be_enabled()
    assert page.evaluate("lenet.drawing.strokes[0].points.length") == 2


def test_a_lost_pointer_ends_the_stroke(page):
    pointer(page, "down", 1, "mouse", (80, 60))
    pointer(page, "move", 1, "mouse", (120, 60))
    pointer(page, "down", 1, "mouse", (80, 60))
    sheet(page).evaluate("canvas => canvas.dispatchEvent(new PointerEvent('lostpointercapture', { pointerId: 1 }))")
    expect(tool(page, "undo")).to_be_enabled()


def test_a_stroke_drawn_just_before_a_reload_is_kept(page):
    draw(page, TWO)
    page.reload()
    expect_digit(page, 2)


def test_the_drawing_is_there_again_after_a_reload_and_can_be_undone(page):
    draw(page, TWO)
    expect_digit(page, 2)
    page.wait_for_function("lenetStorage.read('sheet')?.strokes.length === 1")
    page.reload()
    expect_digit(page, 2)
    tool(page, "undo").click()
    expect_digit(page, None)


def test_with_blocked_storage_the_page_works_and_says_that_nothing_is_kept(browser, app_url):
    page = browser.new_page()
    page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('blocked'); } })")
    page.goto(app_url)
    sheet(page).click(trial=True)
    draw(page, TWO)
    expect_digit(page, 2)
    page.locator("#header .menu summary").click()
    expect(page.locator("#header .storage")).to_contain_text("keeps nothing")
    page.close()


def test_a_drawing_has_one_label_and_removing_all_examples_can_be_undone(page):
    draw(page, TWO)
    expect_digit(page, 2)
    for digit in (3, 2):
        page.locator(f"#teach [data-digit='{digit}']").click()
        page.wait_for_function(f"lenet.examples[0]?.digit === {digit}")
    assert page.evaluate("lenet.examples.length") == 1
    page.locator("#examples [data-do=forget]").click()
    page.wait_for_function("lenet.examples.length === 0")
    page.locator("#examples [data-do=restore]").click()
    page.wait_for_function("lenet.examples.length === 1")
    assert page.evaluate("lenetStorage.read('examples').length") == 1
