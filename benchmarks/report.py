"""Write a benchmark's table into RESULTS.md, with its command, date, machine, versions and weights."""

import hashlib
import os
import platform
import re
import statistics
import sys
from datetime import date
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import torch

from lenet.network.checkpoint import SHIPPED_OF, load_checkpoint

RESULTS = Path(__file__).with_name("RESULTS.md")
TITLE = (
    "# Measured\n\nEach section was written by the command that it names, with the weights that it names. Timings are "
    "one machine's: compare them as ratios.\n"
)


def spread(values: list[float], digits: int = 1) -> str:
    """Format the median, lowest and highest measurement, and the number of them."""
    low, middle, high = (f"{f(values):.{digits}f}" for f in (min, statistics.median, max))
    return f"{middle} ({low}–{high}, n = {len(values)})"


def write_section(title: str, module: str, rows: list[tuple[str, ...]], picture: Path | None = None) -> None:
    """Replace or add the section with this title. The first row is the table's header; the picture follows the
    table."""
    head, *body = ["| " + " | ".join(row) + " |" for row in rows]
    table = "\n".join([head, "|" + "---|" * len(rows[0]), *body])
    section = f"## {title}\n\n`python -m {module}`, {_where()}\n\n{table}\n"
    if picture:
        section += f"\n![The same as curves]({os.path.relpath(picture, RESULTS.parent)})\n"
    print(section)
    text = RESULTS.read_text("utf-8") if RESULTS.exists() else TITLE
    kept = [part for part in re.split(r"(?m)^(?=## )", text) if not part.startswith(f"## {title}\n")]
    RESULTS.write_text("\n".join(part.strip() + "\n" for part in [*kept, section]), "utf-8")


def _where() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("torch", "gradio") if find_spec(name))
    python = ".".join(map(str, sys.version_info[:3]))
    weights = ", ".join(map(weights_name, SHIPPED_OF.values()))
    return f"{date.today().isoformat()}: {_machine()}, Python {python}, {packages}. Weights: {weights}."


def weights_name(path: Path) -> str:
    """Return a weights file's name, the beginning of its SHA-256, and the date of its training."""
    trained_on = load_checkpoint(path)[1].get("date", "unknown date")
    return f"{path.stem} {hashlib.sha256(path.read_bytes()).hexdigest()[:8]} of {trained_on}"


def _machine() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    model = re.search(r"model name\s*: (.+)", cpuinfo.read_text()) if cpuinfo.exists() else None
    processor = model[1] if model else platform.processor() or platform.machine()
    gpu = f", {torch.cuda.get_device_name()}" if torch.cuda.is_available() else ""
    return f"{os.cpu_count()} cores of {processor}{gpu}, {platform.system()}"
