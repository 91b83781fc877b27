"""Checkpoints: weights and metadata in one safetensors file."""

import json
import math
import os
import tempfile
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from lenet.errors import InputError
from lenet.network import NETWORKS
from lenet.network.lenet5 import INPUT_SIDE, LeNet, LeNet5
from lenet.network.original import LeNet5Of1998

FOLDER = Path(__file__).resolve().parents[2] / "checkpoints"
SHIPPED = FOLDER / "lenet5.safetensors"
# The shipped weights by network name.
SHIPPED_OF = {LeNet5.name: SHIPPED, LeNet5Of1998.name: FOLDER / "lenet5-1998.safetensors"}


def as_bytes(model: LeNet, metadata: dict[str, str]) -> bytes:
    """Return the content of a checkpoint file; the network's name is added to its metadata."""
    weights = {name: value.detach().cpu().contiguous() for name, value in model.state_dict().items()}
    return save(weights, metadata=metadata | {"network": model.name})


def save_checkpoint(model: LeNet, metadata: dict[str, str], path: Path) -> None:
    """Write a checkpoint file; an old file at `path` is replaced once the new one is complete."""
    path = Path(path)
    content = as_bytes(model, metadata)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def check_writable(path: Path) -> None:
    """Raise InputError if `save_checkpoint` could not write to `path`, so that no training run is wasted."""
    if path.is_dir():
        raise InputError(f"{path} is a folder; name a file for the weights.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as fault:
        raise InputError(f"{path} can't be written: {fault.strerror}.") from fault


def load_checkpoint(path: Path = SHIPPED) -> tuple[LeNet, dict[str, str]]:
    """Return the network with the weights of a file, in evaluation mode, and the metadata. Raises InputError."""
    path = Path(path)
    if not path.is_file():
        raise InputError(f"There is no weights file {path}.")
    return from_bytes(path.read_bytes(), path.name)


def from_bytes(content: bytes, name: str) -> tuple[LeNet, dict[str, str]]:
    """Return the same from the content of a file called `name`, which error messages quote."""
    try:
        weights = load(content)
    except SafetensorError as fault:
        raise InputError(_not_safetensors(content[:64], name)) from fault
    # safetensors has no function for the metadata of bytes in memory. The header is JSON, preceded by its length.
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    metadata = header.get("__metadata__") or {}
    model = _network(metadata, name)()
    _check(weights, model, name)
    model.load_state_dict(weights)
    model.threshold = _threshold(metadata, name)
    _check_outputs(model.eval(), name)
    return model, metadata


def _not_safetensors(start: bytes, name: str) -> str:
    """Return the error message for another kind of file, recognised by its first bytes: what it is and what to do."""
    if start.startswith(b"version https://git-lfs"):
        return f"{name} is only a pointer of Git LFS; get the file itself with 'git lfs pull'."
    if start.startswith(b"\x89HDF") or name.endswith((".keras", ".h5")):
        return f"{name} holds a Keras model, which can't be converted here; train one with python -m lenet.train."
    if start.startswith((b"PK", b"\x80")) or name.endswith((".pt", ".pth")):
        return (
            f"{name} holds pickled PyTorch data, which is not opened here because it can run code. "
            "If you trust it, convert its state dict: from safetensors.torch import save_file; "
            "save_file(torch.load('in.pth', weights_only=True), 'out.safetensors')"
        )
    return f"{name} is not a whole safetensors file."


def load_with_the_other(path: Path = SHIPPED) -> list[tuple[LeNet, dict[str, str]]]:
    """Load a checkpoint and, after it, the shipped weights of the other network."""
    loaded = load_checkpoint(path)
    return [loaded, *(load_checkpoint(other) for name, other in SHIPPED_OF.items() if name != loaded[0].name)]


def _check(weights: dict[str, torch.Tensor], model: LeNet, name: str) -> None:
    """Raise InputError unless the weights have the names and shapes of this network's, and finite values."""
    expected = model.state_dict()
    for key in expected:
        if key not in weights:
            raise InputError(f"{name} is not LeNet-5: it has no {key}.")
        if weights[key].shape != expected[key].shape:
            raise InputError(
                f"{name} is not this LeNet-5: its {key} is {_size(weights[key])} where {_size(expected[key])} is right."
            )
        if not weights[key].is_floating_point() or not weights[key].float().isfinite().all():
            raise InputError(f"{name} is damaged: its {key} holds values that are not finite numbers.")
    extra = sorted(set(weights) - set(expected))
    if extra:
        raise InputError(f"{name} is not this LeNet-5: it also has {extra[0]}.")


def _network(metadata: dict[str, str], name: str) -> type[LeNet]:
    """Return the class of the network that the metadata names; the modern one if they name none."""
    network = metadata.get("network", LeNet5.name)
    if network not in NETWORKS:
        raise InputError(f"{name} holds the network {network!r:.40}, which is none of {', '.join(NETWORKS)}.")
    return NETWORKS[network]


def _threshold(metadata: dict[str, str], name: str) -> float:
    """Return the stored confidence threshold; 0, with which nothing is refused, if there is none."""
    stored = metadata.get("threshold", "0")
    try:
        threshold = float(stored)
    except ValueError:
        threshold = math.nan
    if not 0 <= threshold <= 1:
        raise InputError(f"{name} is damaged: its threshold is {stored!r}, not a number from 0 to 1.")
    return threshold


@torch.no_grad()
def _check_outputs(model: LeNet, name: str) -> None:
    """Raise InputError if the outputs are not finite (weights too large) or always the same (weights all zero)."""
    blank, square = torch.zeros(2, 1, INPUT_SIDE, INPUT_SIDE)
    square[:, 10:22, 10:22] = 255
    outputs = model.read(torch.stack([blank, square]))
    if not outputs.isfinite().all():
        raise InputError(f"{name} is damaged: its weights are so large that the outputs are not finite numbers.")
    if (outputs[0] == outputs[1]).all():
        raise InputError(f"{name} is damaged: its network answers the same whatever is drawn.")


def _size(tensor: torch.Tensor) -> str:
    return " x ".join(map(str, tensor.shape)) or "one number"
