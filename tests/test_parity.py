"""The browser prepares and reads drawings exactly as Python, in Chromium and in Firefox.

`PARITY="DIGITS.npz LETTERS.npz" python -m pytest tests/test_parity.py` also compares people's drawings in such files,
which benchmarks/writers.py describes.
"""

import base64
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.writers import drawings as drawings_of_people
from demo.live.weights import weights_file
from lenet import mnist
from lenet.errors import InputError
from lenet.explain.ablation import parse_off, switches
from lenet.network import checkpoint
from lenet.network.lenet5 import LeNet, LeNet5
from lenet.network.original import LeNet5Of1998
from lenet.reading.answer import Answer, answer, prepare_drawing
from lenet.reading.drawing import parse
from lenet.training.loop import untrained
from tests.conftest import ROOT
from visitor.browser import launch_options

pytestmark = pytest.mark.slow

RANDOM, HYPOTHESIS, STAGE_CASES = 1_000, 150, 40
SECONDS = 240
SCRIPTS = (ROOT / "demo/live/preparation.js", ROOT / "demo/live/evaluator.js", ROOT / "tests/parity.js")
OFF = [["C1", 2], ["S2", 0], ["C3", 15], ["S4", 7], ["C5", 60], ["F6", 83]]

numbers = st.floats(-160, 400, width=32) | st.integers(-100, 400) | st.sampled_from([0.0, 280, 1e-300, -0.0, 160, -160])
strokes = st.fixed_dictionaries(
    {
        "points": st.lists(st.lists(numbers, min_size=2, max_size=3), max_size=12),
        "width": st.sampled_from([0, 1e-9, 8, 18, 36, 300, 4096]),
        "erase": st.booleans(),
    }
)
sheets = st.fixed_dictionaries(
    {
        "width": st.sampled_from([16, 280, 840, 4096]),
        "height": st.sampled_from([16, 280, 333.25, 4096]),
        "strokes": st.lists(strokes, max_size=5),
        "picture": st.none() | st.sampled_from(["mnist-test/0", "mnist-test/7", "large"]),
    }
)


def random_drawing(rng: np.random.Generator) -> dict:
    """Return scribbles and zigzags, partly off the sheet, with erasers, and sometimes on an MNIST digit."""
    drawn_strokes = []
    for _ in range(rng.integers(0, 6)):
        count = int(rng.choice([1, 2, 10, 80]))
        walk = np.cumsum(rng.normal(0, 6, (count, 2)), 0) + rng.uniform(-30, 310, 2)
        points = walk if rng.random() < 0.6 else rng.uniform(-60, 340, (count, 2))
        points = points.round(int(rng.integers(0, 4))).tolist()
        width = float(rng.choice([0, 0.3, 8, 18, 36, 100]))
        drawn_strokes.append({"points": points, "width": width, "erase": bool(rng.random() < 0.4)})
    picture = f"mnist-test/{rng.integers(10_000)}" if rng.random() < 0.35 else None
    return {"width": 280, "height": 280, "strokes": drawn_strokes, "picture": picture}


def drawings_of_hypothesis() -> list[dict]:
    found: list[dict] = []

    @settings(max_examples=HYPOTHESIS, derandomize=True, database=None)
    @given(sheets)
    def gather(drawing):
        with suppress(InputError):  # the page can't make drawings that are refused
            parse(drawing)
            found.append(drawing)

    gather()
    return found


def ink(name: str) -> np.ndarray:
    if name != "large":
        return mnist.final_test().images[int(name.removeprefix("mnist-test/"))].numpy()
    return np.kron(mnist.final_test().images[8].numpy(), np.ones((13, 21), np.uint8))


@pytest.fixture(scope="module")
def drawings() -> list[dict]:
    rng = np.random.default_rng(16)
    people = [drawing for file in os.environ.get("PARITY", "").split() for drawing in drawings_of_people(Path(file))]
    return [random_drawing(rng) for _ in range(RANDOM)] + drawings_of_hypothesis() + people


@pytest.fixture(scope="module")
def prepared(drawings) -> list:
    return [prepare_drawing(drawing, ink) for drawing in drawings]


@pytest.fixture(scope="module")
def networks(tmp_path_factory) -> dict[str, LeNet]:
    """The shipped networks, random weights of both kinds with a threshold, and a network loaded from a file."""
    untrained_networks = {f"own-{kind.name}": untrained(5, kind).eval() for kind in (LeNet5, LeNet5Of1998)}
    for model in untrained_networks.values():
        model.threshold = 0.3
    file = tmp_path_factory.mktemp("weights") / "own.safetensors"
    checkpoint.save_checkpoint(untrained_networks["own-modern"], {"threshold": "0.2"}, file)
    shipped = {name: checkpoint.load_checkpoint(path)[0] for name, path in checkpoint.SHIPPED_OF.items()}
    return shipped | untrained_networks | {"loaded": checkpoint.load_checkpoint(file)[0]}


@pytest.fixture(scope="module")
def stage_cases(networks, prepared) -> list[dict]:
    """Some drawings with each network, with and without parts that are off."""
    with_ink = [i for i, one in enumerate(prepared) if one is not None][: STAGE_CASES // 2]
    return [
        {"network": list(networks)[i % len(networks)], "drawing": drawing, "off": off}
        for i, drawing in enumerate(with_ink)
        for off in ([], OFF)
    ]


@pytest.fixture(scope="module")
def cases(drawings, networks, stage_cases, tmp_path_factory) -> Path:
    """A folder with the scripts and their input, to open in a browser."""
    folder = tmp_path_factory.mktemp("parity")
    names = {drawing["picture"] for drawing in drawings if drawing.get("picture")}
    pictures = {name: ink(name) for name in names}
    content = {
        "drawings": drawings,
        "pictures": {
            name: {"width": ink.shape[1], "height": ink.shape[0], "pixels": ink.ravel().tolist()}
            for name, ink in pictures.items()
        },
        "networks": list(networks),
        "answering": list(checkpoint.SHIPPED_OF),
        "stageCases": stage_cases,
    }
    (folder / "cases.json").write_text(json.dumps(content))
    for name, model in networks.items():
        (folder / f"{name}.safetensors").write_bytes(weights_file(model))
    for script in SCRIPTS:
        shutil.copy(script, folder)
    scripts = "".join(f'<script src="{script.name}"></script>' for script in SCRIPTS)
    (folder / "index.html").write_text(f"<!doctype html><meta charset=utf-8>{scripts}")
    return folder


def command(browser: str, profile: Path) -> list[str]:
    if browser == "chromium":
        options = launch_options()
        return [options["executable_path"], "--headless=new", f"--user-data-dir={profile}", *options["args"]]
    path = shutil.which("firefox-esr") or shutil.which("firefox")
    if path is None:
        pytest.skip("There is no Firefox on this machine.")
    return [path, "--headless", "--no-remote", "--profile", str(profile)]


@pytest.fixture(scope="module", params=["chromium", "firefox"])
def results(request, cases, tmp_path_factory) -> Iterator[dict]:
    """The results that the browser, started with the page's address, sends in a request."""
    report, arrived = {}, threading.Event()

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=str(cases))

        def do_POST(self):
            report.update(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()
            arrived.set()

        def log_message(self, *_):
            pass

    program = command(request.param, tmp_path_factory.mktemp("profile"))
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/index.html"
        with subprocess.Popen([*program, address], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            reported = arrived.wait(SECONDS)
            process.terminate()
        server.shutdown()
    assert reported, f"{program[0]} has not reported"
    assert "fault" not in report, report
    assert request.param.title()[:6] in report["browser"] or os.path.basename(program[0]) == "chromium"
    return report


def test_the_input_is_the_same_to_the_last_bit(results, prepared):
    assert len(results["inputs"]) == len(prepared)
    for theirs, ours in zip(results["inputs"], prepared, strict=True):
        assert (theirs is None) == (ours is None)
        if ours:
            assert np.array_equal(np.frombuffer(base64.b64decode(theirs), np.uint8), ours.centred.ravel())


def test_every_drawing_gets_the_same_answer_for_the_same_reason(results, prepared, networks):
    for name in checkpoint.SHIPPED_OF:
        for theirs, ours in zip(results["answers"][name], answer(networks[name], prepared), strict=True):
            assert theirs[:2] == [ours.digit, ours.reason]
            assert theirs[2] == (ours.probabilities and pytest.approx(ours.probabilities, abs=1e-4))


def test_all_stages_have_the_same_values_with_and_without_parts_off(results, prepared, networks, stage_cases):
    for theirs, case in zip(results["stages"], stage_cases, strict=True):
        model = networks[case["network"]]
        [ours] = answer(model, [prepared[case["drawing"]]], switches(parse_off(case["off"])))
        assert_same_stages(theirs, ours, model)


def assert_same_stages(theirs: dict, ours: Answer, model: LeNet) -> None:
    for name, values in ours.seen.values.items():
        values = values.flatten().double()
        difference = (torch.tensor(theirs[name], dtype=torch.double) - values).abs().max()
        assert difference <= 1e-4 * max(float(values.max() - values.min()), 1e-6), name
    distances = model.layer("output").distances(ours.seen.values["output"])
    assert theirs["distances"] == (None if distances is None else pytest.approx(distances.tolist(), abs=1e-2))
