"""What a network is shown: every digit once an epoch, or a teacher's word on distorted copies."""

import pytest
import torch

from lenet.mnist import Digits
from lenet.network.decision import with_reject_class
from lenet.reading.preparation import frame
from lenet.train import from_scratch, train, untrained
from lenet.training.batches import ask, batches, lessons, steps
from lenet.training.distillation import Teacher
from lenet.training.recipe import Recipe

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def digits(few_digits) -> Digits:
    images, labels = few_digits
    return Digits(images[:200], labels[:200])


def test_every_digit_is_shown_once_an_epoch_with_its_label(digits):
    shown = list(batches(digits, Recipe(epochs=1, batch_size=64), CPU))
    pictures, labels = (torch.cat(parts) for parts in zip(*shown, strict=True))
    assert [len(labels) for _, labels in shown] == [64, 64, 64, 8]
    assert sorted(labels.tolist()) == sorted(digits.labels.tolist())
    assert torch.equal(pictures.sum(0), frame(digits.images).float().sum(0))


def test_another_epoch_has_another_order(digits):
    shown = list(batches(digits, Recipe(epochs=2, batch_size=200, hardest=1.0), CPU))
    assert not torch.equal(shown[0][1], shown[1][1])


def test_later_epochs_show_the_digits_with_the_largest_losses(digits):
    recipe = Recipe(epochs=3, batch_size=200, hardest=0.1)
    shown = batches(digits, recipe, CPU)
    pictures, _ = next(shown)
    ink = pictures.sum((1, 2, 3))
    pictures, _ = shown.send(ink)  # as if the digits with the most ink were the hardest
    assert sorted(pictures.sum((1, 2, 3)).tolist()) == sorted(ink.topk(20).values.tolist())
    pictures, _ = shown.send(torch.zeros(20))  # these are learnt, so others come next
    assert sorted(pictures.sum((1, 2, 3)).tolist()) == sorted(ink.topk(40).values[20:].tolist())
    assert steps(digits, recipe) == 3


def test_a_fraction_shows_the_first_digits_only(digits):
    recipe = Recipe(epochs=1, batch_size=64, fraction=0.25)
    assert steps(digits, recipe) == 1
    [(_, labels)] = batches(digits, recipe, CPU)
    assert sorted(labels.tolist()) == sorted(digits.labels[:50].tolist())


@pytest.mark.parametrize(("fraction", "hardest"), [(1.0, 1.0), (0.05, 1.0), (0.5, 0.09), (0.05, 0.01)])
def test_no_batch_is_of_one_digit_alone_which_could_not_be_normalised(digits, fraction, hardest):
    recipe = Recipe(epochs=3, batch_size=9, fraction=fraction, hardest=hardest)
    sizes = [len(labels) for _, labels in batches(Digits(digits.images[:199], digits.labels[:199]), recipe, CPU)]
    assert min(sizes) > 1
    assert len(sizes) == steps(Digits(digits.images[:199], digits.labels[:199]), recipe)


def test_the_mean_of_what_teachers_say_goes_with_the_picture_that_they_saw(digits):
    teachers = [untrained(seed, Teacher).eval() for seed in (1, 2)]
    recipe = Recipe(epochs=2, batch_size=64, augmentation=0.6, hardest=1.0)
    shown = list(lessons(ask(teachers, digits, recipe, CPU), 8, recipe))
    assert len(shown) == 8
    for pictures, shares in shown:
        assert pictures.shape == (64, 1, 32, 32)
        one, other = (with_reject_class(teacher.read(pictures)).softmax(1) for teacher in teachers)
        assert torch.allclose(shares, (one + other) / 2, atol=1e-6)


def test_a_teacher_is_asked_the_same_whatever_the_seed_and_batch_size_of_who_learns(digits):
    teachers = [untrained(1, Teacher).eval()]
    recipes = (Recipe(epochs=1, augmentation=0.6, seed=seed, batch_size=64 * seed) for seed in (1, 2))
    one, other = (ask(teachers, digits, recipe, CPU) for recipe in recipes)
    assert torch.equal(one.pictures, other.pictures)
    orders = (next(lessons(one, 1, Recipe(epochs=1, seed=seed)))[0] for seed in (1, 2))
    assert not torch.equal(*orders)


def test_teachers_are_asked_about_nothing_that_was_left_out(digits):
    some = Digits(digits.images[:129], digits.labels[:129])  # a batch, and one digit that would be alone
    asked = ask([untrained(1, Teacher).eval()], some, Recipe(epochs=2, hardest=1.0), CPU)
    assert len(asked.pictures) == len(asked.shares) == 2 * 128
    assert torch.allclose(asked.shares.sum(1), torch.ones(2 * 128), atol=1e-5)


def test_a_network_learns_what_its_teacher_says_and_not_the_labels(digits):
    teacher = Teacher()
    last_layer = teacher[-1]
    with torch.no_grad():
        last_layer.weight.zero_()
        last_layer.bias.copy_(torch.eye(10)[7] * 9)  # it takes everything for a 7
    recipe = Recipe(epochs=8, batch_size=50, learning_rate=0.01, hardest=1.0)
    *_, last_record = train(from_scratch(1), digits, digits, recipe, CPU, ask([teacher], digits, recipe, CPU))
    assert (last_record.model.read(frame(digits.images)).argmax(1) == 7).all()
