"""The split of strokes by writer, and the threshold chosen on one part."""

from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks.writers import SHEET, development_part, drawn, highest_threshold


@pytest.fixture
def files(tmp_path) -> tuple[Path, Path]:
    """Digits of 64 writers, and letters of these and 16 more, from two sources, ten samples of each writer."""
    paths = tmp_path / "digits.npz", tmp_path / "letters.npz"
    for path, writers in zip(paths, (64, 80), strict=True):
        names = np.repeat(np.arange(writers), 10)
        np.savez(path, writer=names, source=np.where(names % 2, "left", "right"))
    return paths


def test_all_samples_of_a_writer_are_in_one_part(files):
    sides = {}
    for path, chosen in zip(files, development_part(*files), strict=True):
        for writer, side in zip(np.load(path)["writer"].tolist(), chosen.tolist(), strict=True):
            assert sides.setdefault(writer, side) == side


def test_about_a_quarter_of_the_digits_is_held_out_always_the_same(files):
    digits, letters = development_part(*files)
    assert digits.double().mean() == pytest.approx(0.75, abs=0.1)
    assert torch.equal(development_part(*files)[0], digits)
    assert 0.5 < letters.double().mean() < digits.double().mean()


def highest_output(logits: torch.Tensor) -> torch.Tensor:
    return logits.amax(1)


def test_the_highest_threshold_that_keeps_the_requested_share_is_chosen():
    logits = torch.eye(10) * torch.arange(1.0, 11)[:, None]
    assert highest_threshold(logits, torch.arange(10), 0.7, highest_output) == 4
    misread = torch.arange(10).roll(1)
    assert highest_threshold(logits, misread, 0.7, highest_output) == 1


@pytest.mark.parametrize("where", [(0, 0), (1, 0), (0.5, 0.5), (1, 1)])
def test_a_drawing_has_the_requested_size_and_lies_within_its_sheet(where):
    line = np.array([[3.0, 5.0], [9.0, 25.0]])
    [stroke] = drawn([line], 20, 0.5, np.array(where))["strokes"]
    points = np.array(stroke["points"])
    assert np.ptp(points[:, 1]) == pytest.approx(SHEET / 2)
    assert np.ptp(points[:, 0]) == pytest.approx(SHEET / 2 * 6 / 20)
    assert points.min() >= 10
    assert points.max() <= SHEET - 10
