"""Where training runs: cuda, mps or cpu."""

import ctypes
import functools
import platform

import torch

# glibc's names for what mallopt sets, from malloc.h, and the most that is kept.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
KEPT, KEPT_BLOCK = 128 << 20, 32 << 20  # bytes


def pick_device(name: str = "auto") -> torch.device:
    """The device called `name`; "auto" is cuda if there is one, else mps, else cpu. Raises ValueError."""
    found = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        name = next(kind for kind, there in found.items() if there)
    if name not in found:
        raise ValueError(f"The device must be auto, cuda, mps or cpu, not {name!r}.")
    if not found[name]:
        raise ValueError(f"This machine has no {name} device; use auto or cpu.")
    return torch.device(name)


@functools.cache  # a device that is gone has no name any more
def device_name(device: torch.device) -> str:
    """A device's name for people, as in "Retrain on NVIDIA H100"."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return {"mps": "this Mac's GPU", "cpu": "this CPU"}[device.type]


@functools.cache  # once a process is enough
def keep_freed_memory() -> None:
    """Let glibc keep freed memory for later, for all threads together.

    Else it returns a batch's tensors to the system at every step, and getting the pages again takes a CPU about as long
    as the arithmetic; and every thread of a server keeps memory of its own.
    """
    if platform.libc_ver()[0] == "glibc":
        mallopt = ctypes.CDLL(None).mallopt
        for name, value in ((M_MMAP_THRESHOLD, KEPT_BLOCK), (M_TRIM_THRESHOLD, KEPT), (M_ARENA_MAX, 1)):
            mallopt(name, value)


def give_back_memory() -> None:
    """Return to the system what keep_freed_memory kept. For some milliseconds other threads can't allocate."""
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).malloc_trim(0)
