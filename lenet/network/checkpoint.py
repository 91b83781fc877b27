"""Weights and the facts of their training, in one safetensors file."""

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
# The shipped weights by their network's name.
SHIPPED_OF = {LeNet5.name: SHIPPED, LeNet5Of1998.name: FOLDER / "lenet5-1998.safetensors"}


def as_bytes(model: LeNet, facts: dict[str, str]) -> bytes:
    """What a file holds: the weights, and as its metadata the facts and which network's they are."""
    weights = {name: value.detach().cpu().contiguous() for name, value in model.state_dict().items()}
    return save(weights, metadata=facts | {"network": model.name})


def save_checkpoint(model: LeNet, facts: dict[str, str], path: Path) -> None:
    """Write weights and facts; `path` holds the old file until the new one is whole."""
    path = Path(path)
    content = as_bytes(model, facts)
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
    """Raise InputError where `save_checkpoint` could not write, before a run is spent on what it would."""
    if path.is_dir():
        raise InputError(f"{path} is a folder; name a file for the weights.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as fault:
        raise InputError(f"{path} can't be written: {fault.strerror}.") from fault


def load_checkpoint(path: Path = SHIPPED) -> tuple[LeNet, dict[str, str]]:
    """The network with the weights in a file, ready to answer, and the file's metadata. Raises InputError."""
    path = Path(path)
    if not path.is_file():
        raise InputError(f"There is no weights file {path}.")
    return from_bytes(path.read_bytes(), path.name)


def from_bytes(content: bytes, name: str) -> tuple[LeNet, dict[str, str]]:
    """The same for the content of a file of this name."""
    try:
        weights = load(content)
    except SafetensorError as fault:
        raise InputError(_what_it_is(content[:64], name)) from fault
    # The header is JSON after eight bytes with its length; safetensors gives no metadata of what is in memory.
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    facts = header.get("__metadata__") or {}
    model = _network(facts, name)()
    _check(weights, model, name)
    model.load_state_dict(weights)
    model.threshold = _threshold(facts, name)
    _check_outputs(model.eval(), name)
    return model, facts


def _what_it_is(start: bytes, name: str) -> str:
    """Names a file that is no safetensors file by its first bytes, and how to make one of it."""
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
    """What load_checkpoint gives for a file, and for the shipped weights of each network that the file is not of."""
    loaded = load_checkpoint(path)
    return [loaded, *(load_checkpoint(other) for name, other in SHIPPED_OF.items() if name != loaded[0].name)]


def _check(weights: dict[str, torch.Tensor], model: LeNet, name: str) -> None:
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


def _network(facts: dict[str, str], name: str) -> type[LeNet]:
    """Today's where the file does not say which."""
    network = facts.get("network", LeNet5.name)
    if network not in NETWORKS:
        raise InputError(f"{name} holds the network {network!r:.40}, which is none of {', '.join(NETWORKS)}.")
    return NETWORKS[network]


def _threshold(facts: dict[str, str], name: str) -> float:
    """The threshold chosen for the weights; 0, with which the network never declines, where none is stored."""
    stored = facts.get("threshold", "0")
    try:
        threshold = float(stored)
    except ValueError:
        threshold = math.nan
    if not 0 <= threshold <= 1:
        raise InputError(f"{name} is damaged: its threshold is {stored!r}, not a number from 0 to 1.")
    return threshold


@torch.no_grad()
def _check_outputs(model: LeNet, name: str) -> None:
    """Weights may be finite numbers each and too large together, or all zero."""
    blank, square = torch.zeros(2, 1, INPUT_SIDE, INPUT_SIDE)
    square[:, 10:22, 10:22] = 255
    outputs = model.read(torch.stack([blank, square]))
    if not outputs.isfinite().all():
        raise InputError(f"{name} is damaged: its weights are so large that the outputs are not finite numbers.")
    if (outputs[0] == outputs[1]).all():
        raise InputError(f"{name} is damaged: its network answers the same whatever is drawn.")


def _size(tensor: torch.Tensor) -> str:
    return " x ".join(map(str, tensor.shape)) or "one number"
