"""The device that training runs on, cuda, mps or cpu, and its memory."""

import ctypes
import functools
import platform

import torch

# Parameters of glibc's mallopt, from malloc.h, and their values in bytes.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
KEPT, KEPT_BLOCK = 128 << 20, 32 << 20


def pick_device(name: str = "auto") -> torch.device:
    """Return the device called `name`; "auto" is cuda if there is one, else mps, else cpu. Raises ValueError."""
    found = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        name = next(kind for kind, there in found.items() if there)
    if name not in found:
        raise ValueError(f"The device must be auto, cuda, mps or cpu, not {name!r}.")
    if not found[name]:
        raise ValueError(f"This machine has no {name} device; use auto or cpu.")
    return torch.device(name)


@functools.cache  # the name can't be read once the device is no longer available
def device_name(device: torch.device) -> str:
    """Return a device's name for display, as in "Retrain on NVIDIA H100"."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return {"mps": "this Mac's GPU", "cpu": "this CPU"}[device.type]


@functools.cache  # once per process is enough
def keep_freed_memory() -> None:
    """Make glibc keep freed memory for reuse, in one pool for all threads.

    Otherwise it returns a batch's tensors to the system after every step, and getting the pages back takes about as
    long as the computation; and each thread of a server keeps a pool of its own.
    """
    if platform.libc_ver()[0] == "glibc":
        mallopt = ctypes.CDLL(None).mallopt
        for name, value in ((M_MMAP_THRESHOLD, KEPT_BLOCK), (M_TRIM_THRESHOLD, KEPT), (M_ARENA_MAX, 1)):
            mallopt(name, value)


def give_back_memory() -> None:
    """Return kept memory to the system. Blocks allocation in other threads for some milliseconds."""
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).malloc_trim(0)
