"""Training batches: MNIST's digits, or soft labels of distorted copies."""

import itertools
import time
from dataclasses import replace

import pytest
import torch

from lenet.mnist import Digits
from lenet.network.decision import NOT_A_DIGIT, with_reject_class
from lenet.network.lenet5 import LeNet5
from lenet.reading.preparation import frame
from lenet.training.batches import DISTORTED_TOGETHER, MnistBatches
from lenet.training.distillation import (
    SEEDS,
    SoftLabelBatches,
    Teacher,
    distil,
    estimated_seconds,
    soft_labels,
    teacher_recipes,
    train_teacher,
)
from lenet.training.loop import from_scratch, learn, untrained
from lenet.training.recipe import Recipe

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def digits(few_digits) -> Digits:
    images, labels = few_digits
    return Digits(images[:200], labels[:200])


def test_every_digit_comes_once_per_epoch_with_its_label(digits):
    batches = list(MnistBatches(digits, Recipe(epochs=1, batch_size=64), CPU))
    images, labels = (torch.cat(parts) for parts in zip(*batches, strict=True))
    assert [len(labels) for _, labels in batches] == [64, 64, 64, 8]
    assert sorted(labels.tolist()) == sorted(digits.labels.tolist())
    assert torch.equal(images.sum(0), frame(digits.images).float().sum(0))


def test_another_epoch_has_another_order(digits):
    batches = list(MnistBatches(digits, Recipe(epochs=2, batch_size=200, hardest=1.0), CPU))
    assert not torch.equal(batches[0][1], batches[1][1])


def test_later_epochs_have_the_digits_with_the_highest_losses(digits):
    recipe = Recipe(epochs=3, batch_size=200, hardest=0.1)
    batches = MnistBatches(digits, recipe, CPU)
    iterator = iter(batches)
    images, _ = next(iterator)
    ink = images.sum((1, 2, 3))
    batches.record(ink)  # as if the digits with the most ink had the highest losses
    images, _ = next(iterator)
    assert sorted(images.sum((1, 2, 3)).tolist()) == sorted(ink.topk(20).values.tolist())
    batches.record(torch.zeros(20))  # their losses are 0 now, so others come next
    images, _ = next(iterator)
    assert sorted(images.sum((1, 2, 3)).tolist()) == sorted(ink.topk(40).values[20:].tolist())
    assert len(batches) == 3


def test_a_fraction_uses_only_the_first_digits(digits):
    batches = MnistBatches(digits, Recipe(epochs=1, batch_size=64, fraction=0.25), CPU)
    assert len(batches) == 1
    [(_, labels)] = batches
    assert sorted(labels.tolist()) == sorted(digits.labels[:50].tolist())


@pytest.mark.parametrize(("fraction", "hardest"), [(1.0, 1.0), (0.05, 1.0), (0.5, 0.09), (0.05, 0.01)])
def test_no_batch_has_a_single_digit_which_batch_norm_needs(digits, fraction, hardest):
    recipe = Recipe(epochs=3, batch_size=9, fraction=fraction, hardest=hardest)
    batches = MnistBatches(Digits(digits.images[:199], digits.labels[:199]), recipe, CPU)
    sizes = [len(labels) for _, labels in batches]
    assert min(sizes) > 1
    assert len(sizes) == len(batches)


def test_each_of_the_batches_that_a_gpu_distorts_together_has_non_digits(digits):
    recipe = Recipe(epochs=1, batch_size=16, augmentation=0.6)
    batches = MnistBatches(digits, recipe, CPU)
    indices, images, labels = batches._distorted(torch.arange(160), torch.Generator().manual_seed(1))
    assert DISTORTED_TOGETHER * recipe.batch_size > 160
    assert images.shape == (160, 1, 32, 32)
    is_digit = labels != NOT_A_DIGIT
    assert torch.equal(labels[is_digit], digits.labels[indices[is_digit]])
    assert sum(bool((part == NOT_A_DIGIT).any()) for part in labels.split(16)) >= 5


def test_a_soft_label_is_the_mean_answer_of_the_teachers_to_its_image(digits):
    teachers = [untrained(seed, Teacher).eval() for seed in (1, 2)]
    recipe = Recipe(epochs=2, batch_size=64, augmentation=0.6, copies=2)
    batches = list(SoftLabelBatches(soft_labels(teachers, digits, recipe, CPU), digits, recipe))
    assert len(batches) == 8
    for images, shares in batches:
        assert images.shape == (64, 1, 32, 32)
        one, other = (with_reject_class(teacher.read(images)).softmax(1) for teacher in teachers)
        assert torch.allclose(shares, (one + other) / 2, atol=0.02)  # in bfloat16 it depends on the batch


def test_soft_labels_are_the_same_for_every_seed_and_batch_size(digits):
    teachers = [untrained(1, Teacher).eval()]
    recipes = [Recipe(epochs=1, augmentation=0.6, copies=1, seed=seed, batch_size=64 * seed) for seed in (1, 2)]
    one, other = (soft_labels(teachers, digits, recipe, CPU) for recipe in recipes)
    assert torch.equal(one.images, other.images)
    firsts = (next(iter(SoftLabelBatches(one, digits, replace(recipe, batch_size=8)))) for recipe in recipes)
    assert not torch.equal(*(images for images, _ in firsts))


def test_every_copy_of_the_digits_is_distorted_differently(digits):
    labels = soft_labels([untrained(1, Teacher).eval()], digits, Recipe(epochs=1, augmentation=0.6, copies=3), CPU)
    assert len(labels.images) == len(labels.shares) == 3 * 200
    assert len(labels.images.flatten(1).unique(dim=0)) > 590
    assert torch.allclose(labels.shares.sum(1), torch.ones(3 * 200), atol=1e-3)


def test_a_network_learns_the_soft_labels_and_not_the_labels(digits):
    teacher = Teacher()
    last_layer = teacher[-1]
    with torch.no_grad():
        last_layer.weight.zero_()
        last_layer.bias.copy_(torch.eye(10)[7] * 9)  # the teacher reads everything as a 7
    recipe = Recipe(epochs=8, batch_size=50, learning_rate=0.01, copies=1)
    batches = SoftLabelBatches(soft_labels([teacher], digits, recipe, CPU), digits, recipe)
    *_, last_record = learn(from_scratch(1), batches, digits, recipe, CPU)
    assert (last_record.model(LeNet5.normalise(frame(digits.images).float())).argmax(1) == 7).all()


def test_distillation_trains_the_teachers_first_and_only_shows_the_weights_of_the_network(digits):
    recipe = Recipe(epochs=2, batch_size=50, teacher_epochs=1, copies=1)
    records = list(distil(from_scratch(1), digits, digits, recipe, CPU))
    phases = list(dict.fromkeys(record.phase for record in records))
    assert phases == [*(f"Teacher {i} of {len(SEEDS)}" for i in range(1, len(SEEDS) + 1)), "LeNet-5"]
    assert all((record.now is None) == (record.phase != "LeNet-5") for record in records)
    assert [record.model is None for record in records] == [True] * (len(records) - 1) + [False]
    assert isinstance(records[-1].model, LeNet5)


def test_the_time_of_a_distillation_is_estimated_in_proportion_to_its_parts(digits, monkeypatch):
    recipe = Recipe(epochs=20, batch_size=10, teacher_epochs=20, copies=5)
    clock = itertools.count()
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock))  # each call advances it by a second
    short = estimated_seconds(recipe, digits, CPU)
    assert estimated_seconds(replace(recipe, copies=50, epochs=200), digits, CPU) > 4 * short > 0


def test_the_same_recipe_trains_the_same_teacher(digits):
    recipe, *_ = teacher_recipes(Recipe(teacher_epochs=1), CPU)
    one, other = ([*train_teacher(digits, digits, recipe, CPU)][-1].model for _ in range(2))
    assert all(map(torch.equal, one.state_dict().values(), other.state_dict().values()))
