"""Puts what RESULTS.md says into the README's table of figures: `python -m benchmarks.quotes`.

A row of that table quotes the row of the same name, the number that its second cell begins with.
"""

import re
from pathlib import Path

from benchmarks.report import RESULTS

README = Path(__file__).resolve().parent.parent / "README.md"
TABLE = re.compile(r"(?<=\| measured \| \|\n\|---\|---\|\n)(?:\|.+\n)+")
ROW = re.compile(r"(?m)^\| ([^|]+?) \| ([^|]*?) \|")


def quoted(readme: str, results: str) -> str:
    """The README with the figures of the results. Raises KeyError where one that it quotes is not there."""
    figures = {name: value.split(" (")[0] for name, value in ROW.findall(results)}
    return TABLE.sub(lambda table: ROW.sub(lambda row: f"| {row[1]} | {figures[row[1]]} |", table[0]), readme)


def main() -> None:
    README.write_text(quoted(README.read_text("utf-8"), RESULTS.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
