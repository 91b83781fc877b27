"""Teaching and training in a real browser: progress, stop, comparison, keeping, saving and loading."""

import json
import re
from collections.abc import Iterator

import gradio as gr
import pytest
from playwright.sync_api import Page, expect
from safetensors.torch import save_file

from lenet.network.checkpoint import SHIPPED, load_checkpoint
from lenet.network.lenet5 import LeNet5
from lenet.reading.answer import answer, prepare_drawing
from tests.conftest import ROOT, running_app
from tests.in_process import page_in_process
from visitor.hand import ONE, SEVEN, draw, expect_digit, expect_words, percents, tool

PATIENCE = 120_000  # milliseconds that a run may take on a slow machine
# A four lying on its side, which no network reads before it is taught.
LYING_FOUR = [[(60, 200), (60, 100), (200, 100)], [(130, 60), (130, 220)]]


def choose_epochs(page, epochs: int) -> None:
    page.locator("#recipe [name=epochs]").fill(str(epochs))


def expect_status(page, words: str) -> None:
    expect(page.locator("#progress [role=status]")).to_have_text(re.compile(words), timeout=PATIENCE)


def expect_choice(page, words: str = "Keep the new weights") -> None:
    """Wait until a run has ended and the page asks whether to keep the network."""
    expect_status(page, words)
    expect(page.locator("#progress #keep")).to_be_visible()  # below the button that started the run


def expect_networks(page, count: int) -> list[str]:
    """Wait until there are this many networks to choose from; return their labels."""
    page.wait_for_function("count => window.lenet?.networks?.networks.length === count", arg=count)
    return page.evaluate("lenet.networks.networks.map(lenet.nameOf)")


def choose_network(page, place: int) -> None:
    page.evaluate("place => lenet.publish('choose', lenet.networks.networks.at(place).id)", place)


def filters(page) -> str:
    return page.locator("#figure .filter").evaluate_all("all => all.map(each => each.toDataURL()).join()")


def fresh_answer(page) -> tuple[list[str], str]:
    """Return the current network's answer to the drawing, and C1's filters."""
    strokes = page.evaluate("lenet.drawing.strokes.length")
    draw(page, [(5, 5), (6, 5)])  # a change and its undo, so that the network answers again
    page.wait_for_function("strokes => lenet.drawing.strokes.length === strokes", arg=strokes + 1)
    tool(page, "undo").click()
    page.wait_for_function("strokes => lenet.drawing.strokes.length === strokes", arg=strokes)
    return percents(page), filters(page)


def expect_answer(page, expected: tuple[list[str], str]) -> None:
    """Wait until the page has this answer and these filters again."""
    joined = "[...document.querySelectorAll('#figure .filter')].map(each => each.toDataURL()).join()"
    page.wait_for_function(f"expected => {joined} === expected", arg=expected[1])
    assert fresh_answer(page) == expected


def draw_lying_four(page) -> None:
    page.evaluate("addEventListener('lenet:answer', ({ detail }) => (window.answered = detail.request.drawing), true)")
    for stroke in LYING_FOUR:
        draw(page, stroke)
    page.wait_for_function("JSON.stringify(answered) === JSON.stringify(lenet.drawing) && !lenet.writing")
    assert answer(load_checkpoint()[0], [prepare_drawing(page.evaluate("lenet.drawing"))])[0].digit != 4


def label_drawing(page, digit: int) -> None:
    """Click the digit that was drawn."""
    page.locator(f"#teach [data-digit='{digit}']").click()
    expect(page.locator("#teach .said")).to_have_text(f"Kept as a {digit}; it can be learnt below.")


def load(page, button: str, file) -> None:
    """Click the button and choose this file."""
    with page.expect_file_chooser() as chooser:
        page.locator(button).click()
    chooser.value.set_files(file)


def examples(page):
    return page.locator("#examples li")


def test_a_taught_network_is_compared_and_kept_for_its_visitor_only(visit):
    page, other = visit(), visit()
    for each in (page, other):
        draw_lying_four(each)
    before = percents(other)
    label_drawing(page, 4)
    expect(page.locator("#examples .words")).to_have_text("0 of 1 read right.")
    page.locator("#learn").click()
    expect_status(page, "left")
    expect_digit(page, 4)  # during a run its current weights answer
    expect_choice(page)
    expect(page.locator("#answer .percent").nth(4)).to_have_text(before[4])  # until the new weights are kept
    assert percents(page) == before
    table = page.locator("#comparison .sides")
    expect(table).to_contain_text("MNIST's 10,000 test digits")
    expect(table.locator("tr", has_text="Your own examples")).to_contain_text("1 of 1")
    expect(table.locator("tr", has_text="The drawing on the sheet").locator("td").last).to_have_text("a 4")
    page.locator("#keep").click()
    expect_status(page, "Your own network answers now")
    expect_digit(page, 4)
    assert expect_networks(page, 3)[-1].startswith("Taught 1 example · 99.")
    tool(other, "undo").click()
    tool(other, "redo").click()
    expect(other.locator("#answer .percent")).to_have_text(before)


def test_one_click_goes_back_to_the_shipped_weights_and_another_to_the_kept_ones(page):
    draw(page, SEVEN)
    expect_digit(page, 7)
    shipped = fresh_answer(page)
    first = page.locator("#figure .filter").first.evaluate("each => each.toDataURL()")
    label_drawing(page, 7)
    page.locator("#learn").click()
    expect_choice(page)
    page.locator("#keep").evaluate("each => [each.click(), each.click()]")  # the second click has no effect
    expect_status(page, "Your own network answers now")
    expect_networks(page, 3)
    page.wait_for_function("before => before !== document.querySelector('#figure .filter').toDataURL()", arg=first)
    kept = fresh_answer(page)
    assert kept[1] != shipped[1]
    choose_network(page, 0)
    expect_answer(page, shipped)
    choose_network(page, -1)
    expect_answer(page, kept)


def test_discarding_weights_changes_nothing(page):
    draw(page, SEVEN)
    expect_digit(page, 7)
    shipped = fresh_answer(page)
    label_drawing(page, 7)
    page.locator("#learn").click()
    expect_choice(page)
    page.locator("#discard").click()
    expect_status(page, "Discarded. The network before still answers.")
    expect(page.locator("#keep")).to_be_hidden()
    expect_answer(page, shipped)
    expect_networks(page, 2)


def test_examples_can_be_relabelled_removed_saved_and_loaded_and_survive_a_reload(page, tmp_path):
    draw(page, SEVEN)
    expect_digit(page, 7)
    label_drawing(page, 7)
    draw(page, [(100, 145), (190, 145)])
    expect(page.locator("#teach .said")).to_be_hidden()
    label_drawing(page, 7)
    expect(examples(page)).to_have_count(2)
    examples(page).last.locator("select").select_option("4")
    expect(page.locator("#examples .words")).to_have_text("1 of 2 read right.")
    page.reload()
    expect(examples(page)).to_have_count(2)
    expect(examples(page).last.locator("select")).to_have_value("4")
    with page.expect_download() as saved:
        page.locator("#examples [data-do=save]").click()
    file = tmp_path / saved.value.suggested_filename
    saved.value.save_as(file)
    assert [each["digit"] for each in json.loads(file.read_text())] == [7, 4]
    examples(page).first.get_by_role("button", name="Remove").click()
    expect(examples(page)).to_have_count(1)
    page.get_by_role("button", name="Remove all").click()
    expect(examples(page)).to_have_count(0)
    load(page, "#examples [data-do=load]", file)
    expect(examples(page)).to_have_count(2)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("no JSON", "mine.json is not JSON."),
        ('{"a": 1}', "mine.json: Examples must be a list of drawings and the digits that they are."),
        ('[{"digit": 12}]', "mine.json: Example 1 must be an object with a drawing and its digit"),
    ],
)
def test_a_file_without_examples_is_refused_in_a_sentence(page, tmp_path, content, sentence):
    file = tmp_path / "mine.json"
    file.write_text(content)
    load(page, "#examples [data-do=load]", file)
    expect(page.locator("#examples .words")).to_contain_text(sentence)
    expect(examples(page)).to_have_count(0)


def test_a_test_digit_is_not_taught_and_the_page_says_why(page):
    page.get_by_role("button", name="A 7 of the MNIST test set", exact=False).first.click(timeout=PATIENCE)
    expect_digit(page, 7)
    page.locator("#teach [data-digit='7']").click()
    expect(page.locator("#teach .said")).to_contain_text("test digits are for measuring only")
    expect(examples(page)).to_have_count(0)


def test_teaching_needs_examples(page):
    page.locator("#learn").click()
    expect_status(page, "There are no examples yet")
    expect(page.locator("#start")).to_be_enabled()


def test_a_run_from_scratch_is_shown_stopped_and_replayed(page):
    draw(page, SEVEN)
    expect_digit(page, 7)
    before = fresh_answer(page)
    choose_epochs(page, 20)
    page.locator("#start").click()
    expect_status(page, "left")
    draw(page, [(100, 145), (190, 145)])  # the page stays live while it trains
    tool(page, "undo").click()
    expect(page.locator("#curves path[d*=L]")).to_have_count(2, timeout=PATIENCE)  # a line, not a point alone
    page.locator("#stop").click()
    expect_choice(page, "Stopped. These are the best weights so far")
    expect_answer(page, before)
    page.locator("#curves input").fill("0")
    expect_words(page, "Not sure|not a digit|Not a digit")  # untrained
    assert filters(page) != before[1]
    page.locator("#discard").click()
    expect_status(page, "Discarded")
    expect_answer(page, before)
    expect(page.locator("#start")).to_be_enabled()
    expect(page.locator("#stop")).to_be_hidden()


@pytest.fixture(scope="module")
def url_without_gpu(few_digits) -> Iterator[str]:
    """The address of a page without a GPU for its visitors, and with few digits to train on."""

    def refuse(work, run):
        raise gr.Error("You have exceeded your ZeroGPU quota.", title="ZeroGPU quota exceeded", print_exception=False)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("demo.retrain.run.lend", refuse)
        patch.setattr("demo.retrain.run.device_name", str)
        patch.setattr("demo.retrain.recipe.device_name", lambda device: "NVIDIA H200")
        patch.setattr("lenet.mnist.training_and_validation", lambda: (few_digits, few_digits))
        with page_in_process("cuda") as url:
            yield url


def test_a_visitor_without_a_gpu_sees_why_and_trains_on_the_cpu_with_one_click(url_without_gpu, browser):
    page = browser.new_page()
    page.goto(url_without_gpu)
    page.get_by_role("button", name="Retrain on NVIDIA H200").click(timeout=PATIENCE)
    expect_status(page, "Not trained: ZeroGPU quota exceeded. You have exceeded your ZeroGPU quota.")
    page.locator("#on-cpu").click()
    expect_choice(page)
    expect(page.locator("#on-cpu")).to_be_hidden()
    page.close()


@pytest.mark.filterwarnings("ignore")  # as above
def test_progress_is_shown_in_a_browser_without_for_await_over_streams(url_without_gpu, browser):
    page = browser.new_page()
    page.add_init_script("delete ReadableStream.prototype[Symbol.asyncIterator]")  # as in Safari
    page.goto(url_without_gpu)
    page.get_by_role("button", name="Retrain on NVIDIA H200").click(timeout=PATIENCE)
    expect_status(page, "Not trained: ZeroGPU quota exceeded")
    page.close()


def one_trains_and_one_waits(visit) -> tuple[Page, Page]:
    page, other = visit(), visit()
    for each in (page, other):
        choose_epochs(each, 20)
    page.locator("#start").click()
    expect_status(page, "left")
    other.locator("#start").click()
    expect_status(other, r"Someone else is training\. You are next")
    return page, other


def test_a_second_visitor_waits_and_a_closed_tab_ends_the_run(visit):
    page, other = one_trains_and_one_waits(visit)
    page.close()
    expect_status(other, "left")
    other.locator("#stop").click()
    expect_status(other, "Stopped")


def test_a_waiting_visitor_can_leave_the_queue(visit):
    page, other = one_trains_and_one_waits(visit)
    other.locator("#stop").click()
    expect_status(other, r"Stopped\. Nothing has changed\.")
    page.locator("#stop").click()
    expect_status(page, "Stopped")


def test_the_recipe_is_shown_as_the_equivalent_command(page):
    page.locator("#recipe summary").click()
    choose_epochs(page, 7)
    page.locator("#recipe [name=optimiser]").select_option("sgd")
    expect(page.locator("#recipe .command output")).to_have_text(
        "python -m lenet.train --epochs 7 --learning-rate 0.1 --optimiser sgd"
    )


def test_a_recipe_out_of_bounds_is_refused_in_a_sentence(page):
    page.locator("#recipe summary").click()
    page.locator("#recipe [name=learning_rate]").fill("7")
    page.locator("#start").click()
    expect_status(page, "Not trained: learning rate must be a number from 1e-06 to 1.0, not 7.")
    expect(page.locator("#start")).to_be_enabled()


def test_weights_are_saved_and_loaded_as_files_and_invalid_ones_are_refused(page, tmp_path):
    for name, kind in (("Download", "safetensors"), ("As ONNX", "onnx")):
        with page.expect_download() as saved:
            page.locator("#networks button", has_text=name).click()
        saved.value.save_as(tmp_path / f"mine.{kind}")
        assert saved.value.suggested_filename == f"lenet5.{kind}"
    shipped = load_checkpoint(ROOT / "checkpoints" / "lenet5.safetensors")
    assert load_checkpoint(tmp_path / "mine.safetensors")[1] == shipped[1] | {"network": "modern"}
    foreign = tmp_path / "foreign.safetensors"
    save_file({"conv1.weight": LeNet5().conv1.weight.detach()}, foreign)
    load(page, "#load", foreign)
    expect_status(page, "Not loaded: foreign.safetensors is not LeNet-5: it has no conv1.bias.")
    foreign.write_bytes(bytes(1_000_001))
    load(page, "#load", foreign)
    expect_status(page, "Not loaded: foreign.safetensors has more than 1,000,000 bytes, too many for LeNet-5.")
    load(page, "#load", tmp_path / "mine.safetensors")
    expect_status(page, "The network of the file answers now, for you alone.")
    assert expect_networks(page, 3)[-1].startswith("mine · 99.")


def test_kept_networks_survive_a_reload_and_their_eviction(page, tmp_path):
    untrained_file = tmp_path / "mine.safetensors"
    save_file(LeNet5().state_dict(), untrained_file)
    load(page, "#load", untrained_file)
    expect_status(page, "The network of the file answers now")
    label = expect_networks(page, 3)[-1]
    page.evaluate("""() => {
      const kept = lenetStorage.read("networks");
      lenetStorage.write("networks", kept.map((network) => ({ ...network, id: "evicted" })));
      lenetStorage.write("network-in-use", "evicted");
    }""")
    page.reload()
    assert expect_networks(page, 3)[-1] == label
    page.wait_for_function("lenet.networks.chosen && lenet.networks.chosen !== 'evicted'")  # it was sent again
    expect(page.locator("#networks b")).to_have_text(label)
    page.locator("#networks [data-do=remove]").click()
    expect_networks(page, 2)


def test_a_network_that_the_server_evicted_while_it_answers_is_sent_again(browser, tmp_path):
    file = tmp_path / "mine.safetensors"
    save_file(LeNet5().state_dict(), file)
    with running_app(tmp_path / "output.txt", LENET_WEIGHTS="1") as (url, _):
        page, other = browser.new_page(), browser.new_page()
        for each in (page, other):
            each.goto(url)
            load(each, "#load", file)
            expect(each.locator("#networks b")).to_contain_text("mine", timeout=PATIENCE)
        page.evaluate("addEventListener('lenet:answer', ({ detail }) => (window.said ??= []).push(detail.words), true)")
        evicted = page.evaluate("lenet.networks.chosen")
        draw(page, SEVEN)
        page.wait_for_function("evicted => lenet.networks.chosen !== evicted", arg=evicted)
        expect(page.locator("#network_switch option:checked")).to_contain_text("mine")
        assert not any("gone from this server" in words for words in page.evaluate("said"))
        for each in (page, other):
            each.close()


def test_two_tabs_keep_each_others_examples_and_networks(page, app_url, tmp_path):
    other = page.context.new_page()
    other.goto(app_url)
    for each, points, digit in [(page, SEVEN, 7), (other, ONE, 1)]:
        each.bring_to_front()
        draw(each, points)
        expect_digit(each, digit)
        label_drawing(each, digit)
    save_file(LeNet5().state_dict(), tmp_path / "mine.safetensors")
    load(other, "#load", tmp_path / "mine.safetensors")
    expect_networks(other, 3)
    expect_networks(page, 3)
    assert [each["digit"] for each in page.evaluate("lenetStorage.read('examples')")] == [7, 1]


def test_without_storage_the_page_says_that_a_network_is_not_kept(browser, app_url, tmp_path):
    page = browser.new_page()
    page.add_init_script("Storage.prototype.setItem = () => { throw new DOMException('blocked'); }")
    page.goto(app_url)
    file = tmp_path / "mine.safetensors"
    save_file(LeNet5().state_dict(), file)
    expect(page.locator("#networks .storage")).to_be_hidden()
    load(page, "#load", file)
    expect(page.locator("#networks .storage")).to_be_visible(timeout=PATIENCE)
    page.close()


# Publishes a record of a run as the server sends it.
CURVE = """([epoch, loss, accuracy]) => lenet.publish("run", {
  state: "training", busy: true, film: "film", phase: "", step: epoch * 10, steps: 50, epochs: 5, epoch, loss, accuracy
})"""


@pytest.fixture
def training_page(page) -> Page:
    """The page, which gets the shipped weights for every step of the run in CURVE."""
    page.route("**/weights/film/*", lambda route: route.fulfill(path=SHIPPED))
    return page


def test_curves_have_numeric_axes_from_the_first_point_and_better_is_higher(training_page):
    page = training_page
    page.evaluate("lenet.publish('run', { state: 'waiting', busy: true })")
    page.evaluate(CURVE, [0.5, 2.0, 0.91])
    for chart, inside in (("accuracy", "90 %"), ("loss", "2")):
        labels = page.locator(f"#curves [data-chart={chart}] text").all_text_contents()
        assert inside in labels
        assert labels[-1] == "5 epochs"
    for record in ([1, 1.0, None], [1.5, 0.5, 0.97], [2, 0.2, 0.985]):
        page.evaluate(CURVE, record)
    heights = page.locator("#curves path").evaluate_all(
        "all => all.map(each => each.getAttribute('d').match(/,[0-9.]+/g).map(y => Number(y.slice(1))))"
    )
    accuracy, loss = heights
    assert accuracy == sorted(accuracy, reverse=True)  # up the screen is down in its coordinates
    assert loss == sorted(loss)
    assert [len(accuracy), len(loss)] == [3, 4]


@pytest.mark.parametrize("values", [(70, 4), (1e-3, 1e-7), (1e9, 1e8), (1, 1)])
def test_curves_fit_any_loss_and_accuracy(page, values):
    page.evaluate(
        """(values) => values.forEach((value, i) => lenet.publish("run", {
            state: "training", step: i + 1, steps: 2, epochs: 2, loss: value, accuracy: Math.min(value, 1), busy: true,
        }))""",
        values,
    )
    boxes = page.locator("#curves circle").evaluate_all(
        "(points) => points.map((point) => [point.cy.baseVal.value, point.ownerSVGElement.clientHeight])"
    )
    assert len(boxes) == 2
    assert all(0 <= y <= height for y, height in boxes)


def test_while_training_the_network_in_use_is_named_with_its_current_accuracy(training_page):
    page = training_page
    page.evaluate(CURVE, [0.5, 2.0, 0.24])
    expect(page.locator("#networks b")).to_have_text("Training 5/50 · 24.00 %")
    page.evaluate("lenet.publish('run', { state: 'ended', busy: false, words: '' })")
    expect(page.locator("#networks b")).to_have_text("Modern · 99.50 %")
