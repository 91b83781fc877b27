"""pyproject.toml, requirements.txt and the imports agree, and a checkout can be installed."""

import re
import subprocess
import sys
from importlib.metadata import requires, version
from pathlib import Path

import pytest
import tomlkit
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomlkit.parse((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
REQUIREMENTS = [Requirement(line) for line in PROJECT["dependencies"]]
FRONT = dict(re.findall(r"(?m)^(\w+): (.+)$", (ROOT / "README.md").read_text("utf-8").split("---")[1]))
# The import names of packages, if different.
MODULES = {"pillow": "PIL", "opencv-python-headless": "cv2"}
# starlette comes with Gradio, and spaces with a ZeroGPU Space.
INSTALLED_WITH_GRADIO = {"starlette", "spaces"}


def test_requirements_txt_lists_the_dependencies_of_the_project():
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#")] == PROJECT["dependencies"]


def test_the_installed_versions_are_within_the_ranges():
    for each in REQUIREMENTS:
        assert each.specifier.contains(version(each.name), prereleases=True), each.name


def test_a_space_gets_a_gradio_within_the_range():
    gradio = next(each for each in REQUIREMENTS if each.name == "gradio")
    assert gradio.specifier.contains(FRONT["sdk_version"])


def test_every_imported_package_is_a_dependency_or_brought_by_gradio():
    own = {"demo", "lenet", "app", *sys.stdlib_module_names}
    known = {MODULES.get(each.name, each.name) for each in REQUIREMENTS} | INSTALLED_WITH_GRADIO
    known |= {Requirement(each).name.replace("-", "_") for each in requires("gradio")}
    for file in [ROOT / "app.py", *(ROOT / "demo").rglob("*.py"), *(ROOT / "lenet").rglob("*.py")]:
        for name in re.findall(r"(?m)^\s*(?:from|import) (\w+)", file.read_text("utf-8")):
            assert name in own | known, f"{file.relative_to(ROOT)} imports {name}"


@pytest.mark.slow
def test_the_network_reads_a_digit_from_any_folder_once_the_checkout_is_on_the_path(tmp_path):
    script = (
        "from lenet import mnist; from lenet.network.checkpoint import load_checkpoint;"
        "print(load_checkpoint()[0].name, len(mnist.final_test().images))"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert result.stdout.split() == ["modern", "10000"], result.stderr
