"""The README quotes what was measured."""

import pytest

from benchmarks.quotes import README, TABLE, quoted
from benchmarks.report import RESULTS

RESULT = "## A\n\n| what | median | n |\n|---|---|---|\n| strokes a second | 46.2 (40.4–54.8) | 15 |\n"


def table(row: str) -> str:
    return f"Fast.\n\n| measured | |\n|---|---|\n{row}\n\n| other | 7 |\n"


def test_every_figure_of_the_readme_is_the_one_that_was_measured():
    readme = README.read_text("utf-8")
    assert TABLE.search(readme)
    assert quoted(readme, RESULTS.read_text("utf-8")) == readme


def test_a_figure_that_has_changed_is_quoted_anew_and_nothing_else_is_touched():
    assert quoted(table("| strokes a second | 12.0 |"), RESULT) == table("| strokes a second | 46.2 |")


@pytest.mark.parametrize("results", ["", RESULT * 2])
def test_a_figure_that_nobody_measured_or_that_has_two_meanings_can_not_be_quoted(results):
    with pytest.raises(ValueError, match="unpack"):
        quoted(table("| strokes a second | 12.0 |"), results)
