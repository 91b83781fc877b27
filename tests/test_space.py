"""`make space` uploads the files that a Space needs and no others, and explains every refusal."""

import subprocess
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from huggingface_hub import constants

from hosting.space import NEEDED, main, needed_files
from tests.conftest import ROOT
from tests.fake_hub import TOKEN, FakeHub, fake_hub

# huggingface_hub sends large files in a way that is deprecated in its HTTP library.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

SPACE = "ada/digits"
MAX_BYTES = 15_000_000  # bytes


class Result(NamedTuple):
    status: int
    out: str
    err: str


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with fake_hub() as running:
        yield running


@pytest.fixture
def command(hub: FakeHub, tmp_path, monkeypatch, capsys):
    """Run the command with the fake Hub."""
    for name, value in {"HF_ENDPOINT": hub.url, "HF_TOKEN": TOKEN}.items():
        monkeypatch.setenv(name, value)
    # Hide the developer's own token, and send large files over plain HTTP, because Xet can't be faked.
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "none"))
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)

    def command(*arguments: str) -> Result:
        status = main(list(arguments or (SPACE,)))
        return Result(status, *capsys.readouterr())

    return command


def test_a_new_space_gets_every_file_on_zero_gpu_and_the_command_ends_with_the_link(hub, command):
    result = command()
    assert result.status == 0, result.err
    assert result.out.splitlines()[-1] == f"{hub.url}/spaces/{SPACE}"
    request = hub.created[SPACE]
    assert (request["type"], request["sdk"], request["hardware"]) == ("space", "gradio", "zero-a10g")
    files = hub.spaces[SPACE]
    assert set(files) == {*needed_files(), ".gitattributes"}
    for name in set(needed_files()) - {"README.md"}:
        assert files[name] == (ROOT / name).read_bytes(), name
    settings, text = files["README.md"].split(b"\n---\n", 1)
    assert f"thumbnail: {hub.url}/spaces/{SPACE}/resolve/main/docs/drawing.webp" in settings.decode().splitlines()
    assert text == (ROOT / "README.md").read_bytes().split(b"\n---\n", 1)[1]


def test_publishing_again_removes_deleted_files_and_changes_the_hardware_only_on_request(hub, command):
    hub.spaces[SPACE] = {".gitattributes": b"", "README.md": b"old", "demo/page.py": b"old", "demo/gone.py": b"old"}
    assert "removing 1 ..." in command().out
    assert set(hub.spaces[SPACE]) == {*needed_files(), ".gitattributes"}
    assert not hub.hardware
    assert command(SPACE, "--hardware", "t4-small").status == 0
    assert hub.hardware == {SPACE: "t4-small"}


def test_a_space_with_another_project_is_not_changed(hub, command):
    other = {".gitattributes": b"", "README.md": b"mine", "thesis.tex": b"mine"}
    hub.spaces[SPACE] = dict(other)
    result = command()
    assert result.status == 1
    assert f"{SPACE} holds another project (thesis.tex, for one)" in result.err
    assert hub.spaces[SPACE] == other


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "does not accept this token"), (402, "ZeroGPU (the default) needs"), (403, "may not write to ada/digits")],
)
def test_a_refusal_is_a_sentence_that_says_what_to_do(hub, command, status, words):
    hub.refuse = status
    _refused(command(), words)


def test_without_a_token_the_message_says_where_to_make_one(hub, command, monkeypatch):
    monkeypatch.delenv("HF_TOKEN")
    _refused(command(), f"No token: make one that may write at {hub.url}/settings/tokens")


def test_offline_mode_is_reported(command, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    _refused(command(), "http://127.0.0.1:9 cannot be reached")


def test_an_invalid_name_is_refused(command):
    _refused(command("a/b/c"), "a/b/c is not a name that a Space can have")


def _refused(result: Result, words: str) -> None:
    assert result.status == 1
    assert words in result.err
    assert len(result.err.strip().splitlines()) == 1, result.err


def test_a_dry_run_lists_every_file_with_its_size_and_sends_nothing(hub, command, monkeypatch):
    monkeypatch.delenv("HF_TOKEN")
    result = command(SPACE, "--dry-run")
    *lines, total = result.out.splitlines()
    listed = {name: int(size.replace(",", "")) for size, name in (line.split() for line in lines)}
    assert listed == {name: (ROOT / name).stat().st_size for name in needed_files()}
    assert f"{sum(listed.values()):,}" in total
    assert sum(listed.values()) < MAX_BYTES
    assert not hub.spaces


def test_only_tracked_files_and_no_tests_or_benchmarks_are_uploaded():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert set(needed_files()) <= set(tracked)
    assert all(any(name == part or name.startswith(f"{part}/") for name in needed_files()) for part in NEEDED)
