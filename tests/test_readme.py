"""The README is correct: its front matter, its commands and its example."""

import re
from importlib.metadata import version
from pathlib import Path

from lenet.network.checkpoint import SHIPPED_OF, load_checkpoint
from lenet.network.lenet5 import LeNet5

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")
FRONT = dict(re.findall(r"(?m)^(\w+): (.+)$", README.split("---")[1]))


def test_the_front_matter_is_a_spaces_and_names_the_gradio_that_is_tested():
    assert FRONT["sdk"] == "gradio"
    assert FRONT["sdk_version"] == version("gradio")
    assert (ROOT / FRONT["app_file"]).is_file()
    assert FRONT["license"] == "mit"
    assert len(FRONT["short_description"]) <= 60


def test_the_printed_network_is_up_to_date():
    assert repr(LeNet5()) in README


def test_the_accuracies_are_those_of_the_shipped_weights_metadata():
    accuracies = re.findall(r"(?m)^\| [^|]+ \| (\d+\.\d+) % \| (?:10,000|1,579) \|$", README)
    metadata = [load_checkpoint(SHIPPED_OF[network])[1] for network in ("modern", "1998")]
    names = ("test_accuracy", "drawings_accuracy")
    assert accuracies == [f"{100 * float(each[name]):.2f}" for each in metadata for name in names]


def test_every_file_that_is_named_exists():
    for name in re.findall(r"\]\((?!http)([^)]+)\)", README):
        assert (ROOT / name.partition("#")[0]).exists(), name


def test_the_example_program_runs_as_written(app_url, capsys):
    program = re.search(r"```python\n(.+?)```", README, re.DOTALL).group(1)
    exec(program.replace("http://127.0.0.1:7860", app_url), {})
    assert "'digit': 7" in capsys.readouterr().out
