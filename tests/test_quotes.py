"""The README quotes what was measured."""

import pytest

from benchmarks.quotes import README, TABLE, quoted
from benchmarks.report import RESULTS

RESULT = "## A\n\n| what | median | n |\n|---|---|---|\n| strokes a second | 46.2 (40.4–54.8) | 15 |\n"


def table(row: str) -> str:
    return f"Fast.\n\n| measured | |\n|---|---|\n{row}\n\n| other | 7 |\n"


def test_every_figure_of_the_readme_is_in_the_results():
    readme = README.read_text("utf-8")
    assert TABLE.search(readme)
    assert quoted(readme, RESULTS.read_text("utf-8")) == readme


def test_a_changed_figure_is_quoted_and_nothing_else_changes():
    assert quoted(table("| strokes a second | 12.0 |"), RESULT) == table("| strokes a second | 46.2 |")


@pytest.mark.parametrize("results", ["", RESULT * 2])
def test_a_figure_that_is_missing_or_measured_twice_cannot_be_quoted(results):
    with pytest.raises(ValueError, match="unpack"):
        quoted(table("| strokes a second | 12.0 |"), results)
