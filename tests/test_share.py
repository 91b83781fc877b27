"""Sharing: links and files from the server, and on the page."""

import base64
import io
import json
from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from demo.share.share import SharePanel
from demo.visitors import Visitors
from lenet import mnist
from lenet.errors import InputError
from lenet.network.checkpoint import SHIPPED_OF, load_checkpoint
from lenet.network.lenet5 import STAGES
from visitor.drawings import SEVEN, a_drawing, a_stroke
from visitor.hand import TWO, draw, expect_digit, expect_words, tool

SVG = "{http://www.w3.org/2000/svg}"
DRAWING = a_drawing(a_stroke([list(point) for point in TWO]))
LINK = "1.AChIgAWgBlDvAcACd-gCoAEowALvAegCjwPoAscBoAG4AxewBAA_rg"  # of DRAWN


@pytest.fixture(scope="module")
def visitors(shipped) -> Visitors:
    return Visitors(shipped, other=load_checkpoint(SHIPPED_OF["1998"])[0])


@pytest.fixture(scope="module")
def share(visitors) -> SimpleNamespace:
    """The functions that the panel's script may call."""
    return SimpleNamespace(**SharePanel(visitors).functions)


def test_the_sheet_as_svg_has_every_stroke_with_its_width(share):
    eraser = a_stroke([[100, 140], [180, 140]], width=36, erase=True)
    root = ElementTree.fromstring(share.picture({"drawing": a_drawing(a_stroke(), eraser, a_stroke([[9, 9]]))})["svg"])
    lines = root.findall(f".//{SVG}polyline")
    assert [line.get("stroke-width") for line in lines] == ["18", "36", "18"]
    assert lines[0].get("points") == "60,60 200,60 120,230"
    paper = root.find(f".//{SVG}rect").get("fill")
    assert [line.get("stroke") == paper for line in lines] == [False, True, False]


def test_a_stroke_with_pressure_changes_its_width(share):
    drawing = a_drawing(a_stroke([[60, 60, 0.5], [200, 60, 1], [120, 230, 0]]))
    root = ElementTree.fromstring(share.picture({"drawing": drawing})["svg"])
    assert [line.get("stroke-width") for line in root.findall(f".//{SVG}line")] == ["18", "27", "9"]


def test_the_poster_has_the_answer_and_a_picture_of_every_map(share):
    root = ElementTree.fromstring(share.whole_network({"drawing": DRAWING})["svg"])
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert texts[0].startswith("I read a 2, ")
    assert {stage.name for stage in STAGES} <= set(texts)
    # The prepared digit, the maps of C1 to S4, and the units of C5 and of F6.
    assert len(list(root.iter(f"{SVG}image"))) == 1 + 6 + 6 + 16 + 16 + 2


def test_the_poster_names_the_network_that_answered(share):
    for weights, title in (("", "LeNet-5"), ("1998", "LeNet-5 of 1998")):
        svg = share.whole_network({"drawing": DRAWING, "weights": weights})["svg"]
        assert f"every map and unit of {title}<" in svg


def test_a_picture_lies_under_the_strokes_of_file_and_poster(share):
    request = {"drawing": a_drawing(a_stroke(), picture="mnist-test/0")}
    for file, others in ((share.picture(request), 0), (share.whole_network(request), 47)):
        images = list(ElementTree.fromstring(file["svg"]).iter(f"{SVG}image"))
        assert len(images) == 1 + others
        content = base64.b64decode(images[0].get("href").removeprefix("data:image/png;base64,"))
        opacity = Image.open(io.BytesIO(content)).getchannel("A")
        assert np.array_equal(np.asarray(opacity), mnist.final_test().images[0].numpy())


def test_the_picture_of_a_link_is_opened_by_its_name(share):
    picture = share.open_picture("mnist-test/0")["picture"]
    assert (picture["name"], picture["width"], picture["height"]) == ("mnist-test/0", 28, 28)
    assert base64.b64decode(picture["pixels"]) == mnist.final_test().images[0].numpy().tobytes()


@pytest.mark.parametrize("wrong", [None, 7, [], {}, {"drawing": {}}, {"drawing": DRAWING | {"strokes": 1}}])
def test_an_invalid_request_is_refused_in_a_sentence(share, wrong):
    for act in (share.picture, share.whole_network):
        with pytest.raises(InputError, match=r"A drawing must be|The drawing's"):
            act(wrong)
    with pytest.raises(InputError, match="There is no picture"):
        share.open_picture(wrong)


def test_an_empty_sheet_has_no_poster(share):
    with pytest.raises(InputError, match="There is nothing on the sheet yet; draw a digit first"):
        share.whole_network({"drawing": a_drawing()})


def the_drawing(page) -> dict:
    return page.evaluate("lenet.drawing")


def saved(page, name: str) -> bytes:
    with page.expect_download() as download:
        page.locator(f"#share [data-do={name}]").click()
    return download.value.path().read_bytes()


def test_a_drawing_is_shared_by_link_and_saved_as_files(visit, app_url):
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    buttons = page.locator("#share .row button:visible")
    expect(buttons.first).to_be_disabled()
    draw(page, TWO)
    expect_digit(page, 2)
    expect(buttons.first).to_be_enabled()
    drawing = json.loads(saved(page, "json"))
    assert drawing == the_drawing(page)
    assert saved(page, "svg").startswith(b"<svg")
    sheet = Image.open(io.BytesIO(saved(page, "png"))).convert("L")
    assert sheet.size == (1120, 1120)
    assert sheet.getpixel((5, 5)) == 255
    assert sheet.getpixel((4 * 130, 4 * 55)) < 60
    poster = Image.open(io.BytesIO(saved(page, "poster")))
    assert poster.width == 2400
    assert len(poster.convert("P", palette=Image.Palette.ADAPTIVE).getcolors()) > 80
    tool(page, "clear").click()
    expect(buttons.first).to_be_disabled()
    tool(page, "undo").click()
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator("#share [role=status]")).to_contain_text("The link is copied")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == f"{app_url}/#{encode(page, drawing)}"


def encode(page, drawing: dict) -> str:
    return page.evaluate("(drawing) => lenetLink.encode(drawing)", drawing)


def test_an_uploaded_picture_is_not_put_into_a_link(page):
    with page.expect_file_chooser() as chooser:
        page.locator("#pictures [data-do=choose]").click()
    file = io.BytesIO()
    Image.fromarray(mnist.final_test().images[0].numpy()).save(file, "PNG")
    chooser.value.set_files({"name": "seven.png", "mimeType": "image/png", "buffer": file.getvalue()})
    expect_digit(page, 7)
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator("#share [role=status]")).to_contain_text("does not fit into a link")


def test_an_opened_link_draws_the_digit_stroke_by_stroke(page, app_url):
    page.evaluate(
        """() => {
            window.counts = [];
            document.addEventListener("lenet:answer", () => counts.push(lenet.drawing.strokes[0]?.points.length ?? 0));
        }"""
    )
    page.evaluate(f"location.hash = '{LINK}'")
    expect_digit(page, 2)
    page.wait_for_function(f"lenet.drawing.strokes[0]?.points.length === {len(TWO)}")
    counts = page.evaluate("counts")
    assert counts == sorted(counts)
    assert len(set(counts)) > 3
    tool(page, "undo").click()
    expect_digit(page, None)
    # A click during the replay finishes the drawing before anything is added.
    two_strokes = encode(page, a_drawing(a_stroke([[60, 60], [200, 60]]), a_stroke([[200, 60], [120, 230]])))
    page.evaluate(f"location.hash = '{two_strokes}'")
    page.wait_for_function("lenet.drawing.strokes.length")
    draw(page, [(20, 20), (21, 20)])
    page.wait_for_function("lenet.drawing.strokes.length === 3")
    assert the_drawing(page)["strokes"][1]["points"] == [[200, 60], [120, 230]]
    assert page.evaluate("location.hash") == ""  # a reload shows what the visitor drew
    page.evaluate("location.hash = '1.broken'")
    expect_words(page, "This link holds no drawing")
    assert len(the_drawing(page)["strokes"]) == 3


def test_with_reduced_motion_a_link_is_shown_at_once(visit, app_url):
    page = visit(reduced_motion="reduce")
    page.goto(f"{app_url}/?fresh#{LINK}")  # the query makes it a new page, which opens its own fragment
    expect_digit(page, 2)
    assert len(the_drawing(page)["strokes"][0]["points"]) == len(TWO)
    page.evaluate("lenet.listen('drawing', () => (window.moments = (window.moments ?? 0) + 1))")
    picture = encode(page, a_drawing(a_stroke(SEVEN), picture="mnist-test/0"))
    page.evaluate(f"location.hash = '{picture}'")
    page.wait_for_function("lenet.drawing.picture === 'mnist-test/0'")
    assert page.evaluate("moments") == 2  # the empty sheet and the whole drawing
