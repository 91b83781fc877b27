"""Checkpoints are saved and loaded unchanged, and other files are refused in a sentence."""

import os

import pytest
import torch
from safetensors.torch import save_file

from lenet.errors import InputError
from lenet.network import checkpoint
from lenet.network.checkpoint import load_checkpoint, save_checkpoint
from lenet.network.lenet5 import LeNet5
from lenet.network.original import LeNet5Of1998


@pytest.fixture
def path(tmp_path):
    return tmp_path / "weights.safetensors"


def refusal(path) -> str:
    with pytest.raises(InputError) as fault:
        load_checkpoint(path)
    return str(fault.value)


def weights(**changed) -> dict[str, torch.Tensor]:
    """Return LeNet-5's weights with changes; None removes one."""
    changed = {name.replace("__", "."): value for name, value in changed.items()}
    return {name: value for name, value in (LeNet5().state_dict() | changed).items() if value is not None}


def test_weights_and_metadata_are_loaded_as_they_were_saved(path):
    model = LeNet5()
    save_checkpoint(model, {"seed": "7", "command": "python -m lenet.train"}, path)
    loaded, metadata = load_checkpoint(path)
    assert metadata == {"seed": "7", "command": "python -m lenet.train", "network": "modern"}
    for name, value in model.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], value)
    assert not loaded.training


def test_a_checkpoint_can_be_loaded_from_bytes():
    model = LeNet5()
    loaded, metadata = checkpoint.from_bytes(checkpoint.as_bytes(model, {"seed": "7"}), "mine.safetensors")
    assert metadata["seed"] == "7"
    assert torch.equal(loaded.conv1.weight, model.conv1.weight)
    with pytest.raises(InputError, match=r"^mine\.safetensors is not a whole safetensors file\.$"):
        checkpoint.from_bytes(b"", "mine.safetensors")


def test_a_missing_folder_is_created(tmp_path):
    save_checkpoint(LeNet5(), {}, tmp_path / "new" / "weights.safetensors")
    load_checkpoint(tmp_path / "new" / "weights.safetensors")


def test_a_checkpoint_contains_no_pickle(path):
    save_checkpoint(LeNet5(), {}, path)
    header_size = int.from_bytes(path.read_bytes()[:8], "little")
    assert path.stat().st_size == 8 + header_size + 4 * 61_706


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_weights_of_another_precision_are_loaded(path, dtype):
    save_file({name: value.to(dtype) for name, value in weights().items()}, path)
    assert load_checkpoint(path)[0].conv1.weight.dtype == torch.float32


def test_a_missing_file_is_reported(path):
    assert refusal(path) == f"There is no weights file {path}."


def test_a_folder_is_reported(tmp_path):
    assert refusal(tmp_path) == f"There is no weights file {tmp_path}."


@pytest.mark.parametrize("content", [b"", b"a letter", b"\xff" * 100])
def test_a_file_of_another_format_is_refused(path, content):
    path.write_bytes(content)
    assert refusal(path) == "weights.safetensors is not a whole safetensors file."


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("weights.pt", b"PK\x03\x04", "torch.load('in.pth', weights_only=True)"),
        ("weights.pth", b"\x80\x04N.", "save_file(torch.load("),
        ("weights.h5", b"\x89HDF\r\n\x1a\n", "holds a Keras model"),
        ("weights.keras", b"PK\x03\x04", "holds a Keras model"),
        ("weights.safetensors", b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
    ],
)
def test_files_of_other_programs_are_refused_with_the_way_to_convert_them(tmp_path, name, content, words):
    path = tmp_path / name
    path.write_bytes(content)
    assert words in refusal(path)


def test_a_pytorch_state_dict_is_read_after_the_conversion_in_the_message(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save(LeNet5().state_dict(), "in.pth")
    code = refusal(tmp_path / "in.pth").split("convert its state dict: ")[1]
    exec("import torch; " + code)
    load_checkpoint(tmp_path / "out.safetensors")


def test_a_truncated_file_is_refused(path):
    save_checkpoint(LeNet5(), {}, path)
    path.write_bytes(path.read_bytes()[:-1])
    assert refusal(path) == "weights.safetensors is not a whole safetensors file."


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"fc3__bias": None}, "is not LeNet-5: it has no fc3.bias."),
        (
            {"fc2__weight": torch.zeros(80, 120)},
            "is not this LeNet-5: its fc2.weight is 80 x 120 where 84 x 120 is right.",
        ),
        ({"conv1__bias": torch.tensor(0.0)}, "is not this LeNet-5: its conv1.bias is one number where 6 is right."),
        ({"fc4__bias": torch.zeros(1)}, "is not this LeNet-5: it also has fc4.bias."),
        (
            {"conv1__bias": torch.full((6,), torch.nan)},
            "is damaged: its conv1.bias holds values that are not finite numbers.",
        ),
        (
            {"conv1__bias": torch.full((6,), torch.inf)},
            "is damaged: its conv1.bias holds values that are not finite numbers.",
        ),
        (
            {"conv1__bias": torch.full((6,), 1e300, dtype=torch.double)},
            "is damaged: its conv1.bias holds values that are not finite numbers.",
        ),
        (
            {"conv1__bias": torch.zeros(6, dtype=torch.int64)},
            "is damaged: its conv1.bias holds values that are not finite numbers.",
        ),
    ],
)
def test_weights_of_another_network_are_refused(path, changed, sentence):
    save_file(weights(**changed), path)
    assert refusal(path) == f"weights.safetensors {sentence}"


@pytest.mark.parametrize("fails", ["fsync", "replace"])
def test_a_failed_save_does_not_change_the_old_file(path, monkeypatch, fails):
    def full(*_):
        raise OSError(28, "No space left on device")

    save_checkpoint(LeNet5(), {"run": "first"}, path)
    monkeypatch.setattr(os, fails, full)
    with pytest.raises(OSError, match="No space left on device"):
        save_checkpoint(LeNet5(), {"run": "second"}, path)
    assert load_checkpoint(path)[1]["run"] == "first"
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_the_shipped_weights_have_metadata_of_their_training():
    _, metadata = checkpoint.load_checkpoint()
    assert metadata["command"].startswith("python -m lenet.train")
    assert set(metadata) >= {"epochs", "seed", "date", "torch", "python", "validation_accuracy", "test_accuracy"}


def test_the_threshold_is_stored_with_the_weights(path):
    save_checkpoint(LeNet5(), {"threshold": "0.75"}, path)
    assert load_checkpoint(path)[0].threshold == 0.75


def test_weights_without_a_threshold_never_refuse(path):
    save_checkpoint(LeNet5(), {}, path)
    assert load_checkpoint(path)[0].threshold == 0


@pytest.mark.parametrize("stored", ["high", "", "nan", "2"])
def test_an_invalid_threshold_is_refused(path, stored):
    save_checkpoint(LeNet5(), {"threshold": stored}, path)
    assert refusal(path) == f"weights.safetensors is damaged: its threshold is {stored!r}, not a number from 0 to 1."


def test_the_metadata_name_the_network(path):
    save_checkpoint(LeNet5Of1998(), {}, path)
    loaded, metadata = load_checkpoint(path)
    assert type(loaded) is LeNet5Of1998
    assert metadata["network"] == "1998"


def test_an_unknown_network_is_refused(path):
    save_file(weights(), path, metadata={"network": "2012"})
    assert refusal(path) == "weights.safetensors holds the network '2012', which is none of modern, 1998."


@pytest.mark.parametrize(
    ("factor", "sentence"),
    [
        (1e30, "weights.safetensors is damaged: its weights are so large that the outputs are not finite numbers."),
        (0, "weights.safetensors is damaged: its network answers the same whatever is drawn."),
    ],
)
def test_weights_with_useless_outputs_are_refused(path, factor, sentence):
    model = LeNet5()
    with torch.no_grad():
        for weights in model.parameters():
            weights *= factor
    save_checkpoint(model, {}, path)
    assert refusal(path) == sentence
