"""Contributions equal captum's DeepLIFT, and at every stage add up to the difference from the blank sheet."""

import copy
import warnings

import pytest
import torch
from captum.attr import DeepLift, LayerDeepLift
from torch import nn

from lenet import mnist
from lenet.explain.attribution import Contrast, attribute, class_weights, contrast_with_blank, pass_down
from lenet.network import NETWORKS
from lenet.network.lenet5 import INPUT, STAGE, STAGES, LeNet, LeNet5
from lenet.network.original import AMPLITUDE, SCALED_TANH, SLOPE
from lenet.reading.preparation import frame
from lenet.training.loop import untrained


@pytest.fixture(scope="module")
def digits() -> torch.Tensor:
    return LeNet5.normalise(frame(mnist.final_test().images[:100]).float())


def noise(count: int, seed: int) -> torch.Tensor:
    return torch.randn(count, 1, 32, 32, generator=torch.Generator().manual_seed(seed))


def contrast(model: LeNet, x: torch.Tensor, baseline: torch.Tensor) -> Contrast:
    """Return the contrast with this baseline; on a blank sheet's constant maps, the winners of pools are arbitrary."""
    model = copy.deepcopy(model).double()
    with torch.no_grad():
        return Contrast(model, *({INPUT: each.double(), **model.activations(each.double())} for each in (x, baseline)))


class Scale(nn.Module):
    def __init__(self, factor: float):
        super().__init__()
        self.factor = factor

    def forward(self, values):
        return values * self.factor


class Score(nn.Sequential):
    """The network's stages as modules that captum knows, followed by `head`."""

    def __init__(self, model: LeNet, stages: tuple[str, ...], head: nn.Module):
        parts = []
        for name in stages:
            layer = model.layer(name)
            # captum 0.9's hooks on a ReLU and on the following pool conflict if both hold the same tensor.
            parts += [Scale(1), nn.MaxPool2d(2)] if layer.kind == "max pooling" else [copy.deepcopy(layer)]
            if model.operations[name].activation is SCALED_TANH:
                parts += [Scale(SLOPE), nn.Tanh(), Scale(AMPLITUDE)]
            elif model.operations[name].activation:
                parts.append(nn.ReLU())
            if name == "S4":
                parts.append(nn.Flatten())
        super().__init__(*parts, head)


class Weighted(nn.Module):
    """The logits' weighted sum; captum runs inputs and baselines in one batch."""

    def __init__(self, weights: torch.Tensor):
        super().__init__()
        self.weights = weights

    def forward(self, logits):
        return (logits * self.weights.repeat(len(logits) // len(self.weights), 1)).sum(1, keepdim=True)


def captum_contributions(score: nn.Module, contrasted: Contrast, layer: nn.Module | None = None) -> torch.Tensor:
    method = DeepLift(score) if layer is None else LayerDeepLift(score, layer)
    baseline = contrasted.blank[INPUT].expand_as(contrasted.digits[INPUT])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # captum warns about its hooks and gradients
        return method.attribute(contrasted.digits[INPUT], baseline, target=0).detach()


def test_contributions_equal_captums_deeplift(shipped, digits):
    """At the input, which depends on the rules of all stages, and after each pool."""
    x = torch.cat([digits[:8], noise(8, 3)])
    contrasted = contrast(shipped, x, noise(1, 4))
    weights = class_weights(torch.arange(16) % 10, torch.arange(3, 19) % 10)
    ours = attribute(contrasted, weights)
    score = Score(contrasted.model, tuple(STAGE), Weighted(weights))
    for name, layer in {INPUT: None, "C1": score[1], "C3": score[5], "C5": score[10]}.items():
        expected = captum_contributions(score, contrasted, layer)
        assert expected.abs().max() > 0.1
        torch.testing.assert_close(ours[name], expected, rtol=1e-9, atol=1e-9, msg=name)


def test_contributions_of_the_1998_network_equal_captums_up_to_its_codes(digits):
    """The squared distance from a code is -(f - c)^2 and so changes by -(f + f0 - 2 c) (f - f0)."""
    model = untrained(7, NETWORKS["1998"])
    contrasted = contrast(model, digits[:3], noise(1, 4))
    weights = class_weights(torch.tensor([7, 2, 1]))
    ours = attribute(contrasted, weights)
    codes = contrasted.model.output.codes.double()
    sums = contrasted.digits["F6"] + contrasted.blank["F6"]
    slopes = torch.stack([-(weights[i, :, None] * (sums[i] - 2 * codes)).sum(0) for i in range(3)])
    torch.testing.assert_close(ours["F6"], slopes * contrasted.difference("F6"))
    expected = captum_contributions(Score(contrasted.model, tuple(STAGE)[:-1], Weighted(slopes)), contrasted)
    torch.testing.assert_close(ours[INPUT], expected, rtol=1e-9, atol=1e-9)


def test_a_pool_gives_its_difference_to_the_pixel_that_caused_it():
    """By hand: the digit's winner if the digit's maximum is larger, else the blank sheet's."""
    digit = {"C1": torch.zeros(1, 6, 28, 28).double(), "S2": torch.zeros(1, 6, 14, 14).double()}
    blank = {name: values.clone() for name, values in digit.items()}
    digit["C1"][0, 0, :2, :2] = torch.tensor([[1.0, 5.0], [2.0, 3.0]])
    blank["C1"][0, 0, :2, :2] = torch.tensor([[0.0, 1.0], [2.0, 0.0]])
    digit["C1"][0, 1, 2:4, 4:6] = torch.tensor([[1.0, 0.0], [0.0, 0.5]])
    blank["C1"][0, 1, 2:4, 4:6] = torch.tensor([[0.0, 0.0], [4.0, 0.0]])
    multipliers = pass_down(Contrast(LeNet5(), digit, blank), STAGE["S2"], torch.ones(1, 6, 14, 14).double())
    contributions = multipliers * (digit["C1"] - blank["C1"])
    assert contributions[0, 0, :2, :2].tolist() == [[0, 3], [0, 0]]  # 5 - 2, all of it from the 5
    assert contributions[0, 1, 2:4, 4:6].tolist() == [[0, 0], [-3, 0]]  # 1 - 4, from the pixel that had the 4
    assert contributions.sum() == 0


def assert_complete(model: LeNet, x: torch.Tensor, weights: torch.Tensor) -> None:
    contrasted = contrast_with_blank(model, x)
    changed = (weights * contrasted.difference("output")).sum(1)
    for name, contributions in attribute(contrasted, weights).items():
        torch.testing.assert_close(contributions.flatten(1).sum(1), changed, rtol=1e-4, atol=1e-9, msg=name)


def test_contributions_of_every_stage_add_up_to_the_lead_minus_the_blank_sheets(shipped, digits):
    assert_complete(shipped, digits, class_weights(shipped(digits).argmax(1)))


def test_contributions_against_another_class_add_up_to_the_difference_of_two_logits(shipped, digits):
    first, second = shipped(digits).topk(2).indices.T
    assert_complete(shipped, digits, class_weights(first, against=second))


@pytest.mark.parametrize("network", NETWORKS.values(), ids=list(NETWORKS))
def test_completeness_holds_for_an_untrained_network_and_for_noise(network):
    assert_complete(untrained(7, network), noise(20, 1), class_weights(torch.arange(20) % 10))


def test_only_ink_contributes_and_a_blank_sheet_contributes_nothing(shipped, digits):
    contributions = attribute(contrast_with_blank(shipped, digits), class_weights(torch.zeros(100, dtype=torch.long)))
    paper = frame(mnist.final_test().images[:100]) == 0
    assert paper.float().mean() > 0.8
    assert not contributions[INPUT][paper].any()
    blank = LeNet5.normalise(torch.zeros(1, 1, 32, 32))
    assert not attribute(contrast_with_blank(shipped, blank), class_weights(torch.tensor([3])))[INPUT].any()


def test_the_blank_sheet_is_normalised_paper(shipped, digits):
    contrasted = contrast_with_blank(shipped, digits[:2])
    torch.testing.assert_close(contrasted.blank[INPUT], LeNet5.normalise(torch.zeros(1, 1, 32, 32)).double())
    torch.testing.assert_close(contrasted.digits["output"].float(), shipped(digits[:2]), rtol=1e-4, atol=1e-4)


def test_the_network_stays_unchanged(shipped, digits):
    before = shipped(digits)
    contrast_with_blank(shipped, digits)
    assert torch.equal(shipped(digits), before)
    assert next(shipped.parameters()).dtype == torch.float32


def test_a_score_is_the_lead_over_the_mean_of_the_others_or_over_one_of_them():
    weights = class_weights(torch.tensor([3]))
    assert weights[0, 3] == 1
    assert float(weights.sum()) == pytest.approx(0)
    assert len(set(weights[0, [0, 1, 2, 4, 5, 6, 7, 8, 9]].tolist())) == 1
    assert class_weights(torch.tensor([3]), torch.tensor([8])).tolist() == [[0, 0, 0, 1, 0, 0, 0, 0, -1, 0]]


def test_every_stage_and_the_input_have_contributions(shipped, digits):
    contributions = attribute(contrast_with_blank(shipped, digits[:2]), class_weights(torch.tensor([7, 2])))
    assert set(contributions) == {INPUT, *(stage.name for stage in STAGES)}
    assert contributions["C3"].shape == (2, 16, 10, 10)
