"""The benchmarks: the list, the time limit, and the sections of RESULTS.md."""

import re
from importlib.util import find_spec

import pytest

from benchmarks import report
from benchmarks.__main__ import LIMIT, NAMES, _run
from benchmarks.report import RESULTS, spread, weights_name, write_section
from lenet.network.checkpoint import SHIPPED_OF


@pytest.mark.parametrize("name", NAMES)
def test_every_listed_benchmark_exists(name):
    assert find_spec(f"benchmarks.{name}")


@pytest.mark.parametrize(
    ("name", "limit", "expected"),
    [("report", LIMIT, "finished"), ("none", LIMIT, "failed"), ("report", 0, "took too long")],
)
def test_a_failed_benchmark_is_recorded_and_does_not_stop_the_others(name, limit, expected):
    minutes, ended = _run(name, limit)
    assert ended == expected
    assert float(minutes) < LIMIT


def test_a_section_names_command_versions_and_weights_and_replaces_the_one_of_the_same_title(tmp_path, monkeypatch):
    monkeypatch.setattr(report, "RESULTS", tmp_path / "RESULTS.md")
    write_section("Speed", "benchmarks.speed", [("what", "ms"), ("old", "1")])
    write_section("Speed", "benchmarks.speed", [("what", "ms"), ("new", "2")])
    text = (tmp_path / "RESULTS.md").read_text("utf-8")
    assert text.count("## Speed") == 1
    assert "| old |" not in text
    assert "| new | 2 |" in text
    for part in ("`python -m benchmarks.speed`", "torch ", *map(weights_name, SHIPPED_OF.values())):
        assert part in text


def test_weights_are_named_by_the_hash_of_their_file_and_the_date_of_their_training():
    for path in SHIPPED_OF.values():
        assert re.fullmatch(rf"{path.stem} [0-9a-f]{{8}} of \d{{4}}-\d\d-\d\d", weights_name(path))


def test_a_spread_is_the_median_with_lowest_highest_and_count():
    assert spread([3.0, 1.0, 2.0]) == "2.0 (1.0–3.0, n = 3)"


def test_titles_are_unique_and_sections_of_one_command_have_one_date():
    sections = re.split(r"(?m)^## ", RESULTS.read_text("utf-8"))[1:]
    titles = [section.splitlines()[0] for section in sections]
    assert len(set(titles)) == len(titles)
    dates = re.findall(r"(?m)^`(python -m [^`]+)`, (.+)$", RESULTS.read_text("utf-8"))
    assert len(dict(dates)) == len(set(dates))
