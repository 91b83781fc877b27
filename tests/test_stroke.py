"""The stroke of the speed benchmarks, on our page and on Gradio's sketchpad."""

from PIL import Image, ImageDraw

from benchmarks.stock import RADIUS, read
from benchmarks.stroke import MOVES, path
from lenet.reading.answer import answer, prepare_drawing
from visitor.hand import SHEET


def test_the_stroke_has_its_moves_and_is_read_as_a_two(shipped):
    drawing = {"width": SHEET, "height": SHEET, "strokes": [{"points": path(), "width": 2 * RADIUS}]}
    assert len(path()) == MOVES
    assert answer(shipped, [prepare_drawing(drawing)])[0].digit == 2


def test_the_stock_sketchpad_labels_the_same_stroke_as_a_two(shipped):
    sheet = Image.new("RGBA", (SHEET, SHEET), "white")
    ImageDraw.Draw(sheet).line([tuple(point) for point in path()], "rgb(204, 50, 50)", 2 * RADIUS, joint="curve")
    shares = read(shipped, {"composite": sheet})
    assert list(shares) == list("0123456789")
    assert max(shares, key=shares.get) == "2"


def test_a_cleared_stock_sketchpad_has_no_label(shipped):
    assert read(shipped, {"composite": None}) == {}
