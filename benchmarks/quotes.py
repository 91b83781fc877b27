"""Copy figures from RESULTS.md into the README's tables: `python -m benchmarks.quotes`.

A row there has the name of a row of RESULTS.md, and gets the number at the beginning of its second cell.
"""

import re
from pathlib import Path

from benchmarks.report import RESULTS

README = Path(__file__).resolve().parent.parent / "README.md"
TABLE = re.compile(r"(?<=\| \|\n\|---\|---\|\n)(?:\|.+\n)+|(?<=\| % \|\n\|---\|---\|\n)(?:\|.+\n)+")
ROW = re.compile(r"(?m)^\| ([^|]+?) \| ([^|]*?) \|")


def quoted(readme: str, results: str) -> str:
    """Return the README with the figures of the results. Raises ValueError if a row is missing or ambiguous there."""
    measured = ROW.findall(results)

    def quote(row: re.Match) -> str:
        [value] = [value for name, value in measured if name == row[1]]
        return f"| {row[1]} | {value.split(' (')[0]} |"

    return TABLE.sub(lambda table: ROW.sub(quote, table[0]), readme)


def main() -> None:
    README.write_text(quoted(README.read_text("utf-8"), RESULTS.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
