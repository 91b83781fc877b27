"""Where training runs: cuda, mps or cpu."""

import functools

import torch


def pick_device(name: str = "auto") -> torch.device:
    """The device called `name`; "auto" is cuda where there is one, else mps, else cpu.

    Raises ValueError where the machine has no such device.
    """
    found = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        name = next(kind for kind, there in found.items() if there)
    if name not in found:
        raise ValueError(f"The device must be auto, cuda, mps or cpu, not {name!r}.")
    if not found[name]:
        raise ValueError(f"This machine has no {name} device; use auto or cpu.")
    return torch.device(name)


@functools.cache  # one that is gone can't be asked for its name any more
def device_name(device: torch.device) -> str:
    """What people call a device, as in "Retrain on NVIDIA H100"."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return {"mps": "this Mac's GPU", "cpu": "this CPU"}[device.type]
