"""The network as a convolution over a whole line."""

import numpy as np
import pytest
import torch

from lenet.network import NETWORKS
from lenet.network.decision import with_reject_class
from lenet.network.lenet5 import LeNet5
from lenet.reading.drawing import parse
from lenet.reading.preparation import prepare_line
from lenet.reading.space_displacement import STEP, Band, over, read_band
from visitor.drawings import a_drawing, a_line


@pytest.mark.parametrize("network", NETWORKS.values())
@torch.inference_mode()
def test_it_equals_the_network_at_each_place(network):
    torch.manual_seed(0)
    model, line = network().eval(), torch.randn(40, 77)
    outputs = over(model, line)
    assert outputs.shape == (3, 12, 11)
    windows = line.unfold(0, 32, STEP).unfold(1, 32, STEP)
    expected = with_reject_class(model(windows.flatten(0, 1).unsqueeze(1))).log_softmax(1)
    assert torch.allclose(outputs.flatten(0, 1), expected, atol=1e-4)


def test_a_single_digit_is_found_at_its_place(shipped):
    line = parse(a_line("2"))
    band = read_band(shipped, line)
    place = int(band.shares[:, 2].argmax())
    assert band.shares[place, 2] > 0.9
    points = line.strokes[0].points[:, 0]
    assert points.min() < band.left + place * band.step < points.max()


def test_its_text_leaves_out_non_digits_and_repetitions():
    classes = [10, 3, 3, 10, 3, 7, 10, 10]
    assert Band(np.eye(11)[classes], 0, 1).text == "337"


def test_an_empty_sheet_has_no_band_and_a_dot_has_a_short_one():
    model = LeNet5().eval()
    assert read_band(model, parse(a_drawing())) is None
    wide = {"width": 4096, "height": 16, "strokes": [{"points": [[0, 8], [4096, 8]], "width": 1}]}
    assert len(read_band(model, parse(wide)).shares) < 300


def test_a_line_keeps_its_proportions_and_is_centred_by_mass():
    ink = np.zeros((80, 240), np.uint8)
    ink[:, 20:40] = 255
    line = prepare_line(ink, 80)
    assert line.shape == (40, 60 + 32)
    rows, columns = np.nonzero(line)
    assert (rows.min(), rows.max()) == (10, 29) or (rows.min(), rows.max()) == (11, 30)
    assert (columns.min(), columns.max()) == (16 + 5, 16 + 9)


@pytest.mark.parametrize("bottom", [80, 76, 72, 68, 62])
def test_the_mass_of_a_line_is_within_half_a_row_of_the_middle(bottom):
    ink = np.zeros((80, 240), np.uint8)
    ink[:bottom, 20:40] = 255
    line = prepare_line(ink, 80).astype(float)
    row = (line.sum(1) * (np.arange(len(line)) + 0.5)).sum() / line.sum()
    assert abs(row - 20.5) <= 0.5
