"""The curves of benchmarks (benchmarks/curves.py)."""

from benchmarks.curves import Plot, save

PLOTS = [
    Plot("visitors", "updates", {"": [(1, 20), (50, 20), (100, 14)]}, goal=20, from_zero=True),
    Plot("points", "ms", {"median": [(1, 2), (100, 30)], "highest": [(1, 4), (100, 60)]}, log="xy"),
]


def test_the_same_curves_make_the_same_small_file_with_every_axis_named(tmp_path):
    first, second = tmp_path / "first.svg", tmp_path / "second.svg"
    save(PLOTS, first)
    save(PLOTS, second)
    assert first.read_bytes() == second.read_bytes()
    assert len(first.read_bytes()) < 100_000
    for text in ("visitors", "updates", "points", "ms", "median", "highest"):
        assert f">{text}</text>" in first.read_text("utf-8")
