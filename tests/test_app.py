"""The command that starts the page."""

import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from demo.serving.server import check_address

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent


def start(*arguments: str) -> subprocess.CompletedProcess:
    """Start the app in a way that fails; test_page.py tests successful starts."""
    return subprocess.run([sys.executable, "app.py", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120)


def test_a_missing_weights_file_is_reported_in_a_sentence():
    result = start("--weights", "none.safetensors")
    assert result.returncode == 1
    assert result.stderr.strip() == "There is no weights file none.safetensors."


def test_weights_of_another_kind_are_reported_in_a_sentence():
    result = start("--weights", "README.md")
    assert result.returncode == 1
    assert result.stderr.strip() == "README.md is not a whole safetensors file."


def test_a_used_port_is_reported_in_a_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = start("--port", str(port))
    assert result.returncode == 1
    assert result.stderr == f"Port {port} of 127.0.0.1 is taken; choose another one with --port.\n"


def test_a_missing_temporary_folder_is_reported_in_a_sentence():
    command = f"ulimit -f 0; exec {sys.executable} app.py"
    result = subprocess.run(["sh", "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert result.returncode == 1
    sentence = "No folder for temporary files can be written to; make room, or name another one with TMPDIR.\n"
    assert result.stderr == sentence


@pytest.mark.parametrize(
    ("host", "port", "sentence"),
    [
        ("127.0.0.1", 0, "--port must be a number from 1 to 65535, not 0."),
        ("127.0.0.1", 70000, "--port must be a number from 1 to 65535, not 70000."),
        (
            "no.such.host.invalid",
            7860,
            "--host must be an address or a name of this machine; 'no.such.host.invalid' is unknown.",
        ),
        ("192.0.2.1", 7860, "--host must be an address of this machine, which 192.0.2.1 is not."),
    ],
)
def test_an_unusable_address_is_reported_in_a_sentence(host, port, sentence):
    with pytest.raises(OSError, match=f"^{re.escape(sentence)}$"):
        check_address(host, port)


def test_a_start_imports_nothing_that_only_some_visitors_need():
    forbidden = ["matplotlib", "onnx"]
    script = f"import sys; sys.modules.update(dict.fromkeys({forbidden}))\nimport app"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, timeout=120)
