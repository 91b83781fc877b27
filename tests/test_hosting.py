"""docs/hosting.md, the Dockerfile and the front matter are correct."""

import dataclasses
import re
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from demo.panels.header.header import HeaderPanel
from demo.serving.limits import PREFIX, Limits
from hosting.site.template import fill
from lenet.reading import drawing, picture
from lenet.training import teaching as teach
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "hosting.md").read_text("utf-8")
FRONT = dict(re.findall(r"(?m)^(\w+): (.+)$", (ROOT / "README.md").read_text("utf-8").split("---")[1]))


def test_every_limit_is_documented_with_its_default():
    documented = re.findall(rf"\| `{PREFIX}(\w+)` \| ([\d,]+) \|", PAGE)
    assert [(name.lower(), int(value.replace(",", ""))) for name, value in documented] == list(
        dataclasses.asdict(Limits()).items()
    )


def test_the_bounds_of_drawings_pictures_and_examples_are_documented():
    text = " ".join(PAGE.split())
    assert f"at most {drawing.MAX_STROKES} strokes and {drawing.MAX_POINTS:,} points" in text
    assert f"{picture.MAX_PIXELS // 1_000_000} million pixels" in text
    assert f"{teach.MAX_EXAMPLES} examples" in text


@pytest.mark.parametrize(("space", "links"), [("ada/digits", 1), (None, 0)])
def test_the_menu_of_a_space_duplicates_it(space, links, monkeypatch):
    monkeypatch.delenv("SPACE_ID", raising=False)
    if space:
        monkeypatch.setenv("SPACE_ID", space)
    header = HeaderPanel()
    menu = fill(header.html_template, header.props)
    assert menu.count('href="https://huggingface.co/spaces/ada/digits?duplicate=true"') == links
    assert menu.count("Duplicate this Space") == links


def test_a_spaces_python_is_supported_by_everything():
    python = FRONT["python_version"].strip('"')
    project = re.search(r'requires-python = "(.+)"', (ROOT / "pyproject.toml").read_text("utf-8")).group(1)
    assert SpecifierSet(project).contains(python)
    for line in (ROOT / "requirements.txt").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            supported = metadata.metadata(Requirement(line).name).get("Requires-Python", "")
            assert SpecifierSet(supported).contains(python), line


def test_the_container_gets_every_file_that_the_app_needs_and_nothing_more():
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8")
    copied = set(" ".join(re.findall(r"(?m)^COPY (.+) \S+$", dockerfile)).split())
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert copied == {line[1:] for line in ignored if line.startswith("!")}
    assert all((ROOT / name).exists() for name in copied)
    assert re.search(r"(?m)^USER (?!root)", dockerfile)
    assert "HEALTHCHECK" in dockerfile
    assert "/health" in dockerfile
