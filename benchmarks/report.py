"""Writes a benchmark's table into RESULTS.md, with the machine, the versions and the command beside it."""

import os
import platform
import re
import statistics
import sys
from datetime import date
from importlib.metadata import version
from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")
TITLE = "# Measured\n\nEach section is written by the command that it names. Timings are one machine's.\n"


def spread(values: list[float], digits: int = 1) -> str:
    """Median, and lowest and highest, of some measurements."""
    low, middle, high = (f"{f(values):.{digits}f}" for f in (min, statistics.median, max))
    return f"{middle} ({low}–{high})"


def write_section(title: str, module: str, rows: list[tuple[str, ...]], picture: Path | None = None) -> None:
    """Replace or add the section with this title; the first of the rows is the table's head. The picture is beside."""
    head, *body = ["| " + " | ".join(row) + " |" for row in rows]
    table = "\n".join([head, "|" + "---|" * len(rows[0]), *body])
    section = f"## {title}\n\n`python -m {module}`, {_where()}\n\n{table}\n"
    if picture:
        section += f"\n![The curves of the same]({picture.name})\n"
    print(section)
    text = RESULTS.read_text("utf-8") if RESULTS.exists() else TITLE
    kept = [part for part in re.split(r"(?m)^(?=## )", text) if not part.startswith(f"## {title}\n")]
    RESULTS.write_text("\n".join(part.strip() + "\n" for part in [*kept, section]), "utf-8")


def _where() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("torch", "gradio"))
    python = ".".join(map(str, sys.version_info[:3]))
    processor = f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}"
    return f"{date.today().isoformat()}: {processor}, Python {python}, {packages}."
