"""Teaching corrects misread examples and keeps the accuracy on MNIST."""

import copy

import pytest
import torch

from lenet import mnist
from lenet.errors import InputError
from lenet.mnist import Digits
from lenet.network.lenet5 import LeNet5
from lenet.reading.preparation import frame
from lenet.training.evaluation import evaluate
from lenet.training.loop import Progress
from lenet.training.teaching import MAX_EXAMPLES, examples, teach
from visitor.drawings import a_drawing, a_stroke

CPU = torch.device("cpu")
# A seven upside down, which the network misreads.
ODD = a_drawing(a_stroke([[80, 230], [220, 230], [160, 60]]))


@pytest.fixture(scope="module")
def taught(shipped) -> list[Progress]:
    return list(teach(shipped, examples([{"drawing": ODD, "digit": 7}]), *mnist.training_and_validation(), 1, CPU))


def test_examples_are_prepared_like_any_drawing():
    digits = examples([{"drawing": ODD, "digit": 4}, {"drawing": a_drawing(a_stroke()), "digit": 7}])
    assert digits.images.shape == (2, 32, 32)
    assert digits.labels.tolist() == [4, 7]
    assert digits.images.max() == 255


def test_an_empty_list_has_no_examples():
    assert [len(part) for part in examples([])] == [0, 0]


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ({}, "Examples must be a list of drawings and the digits that they are."),
        ([7], "Example 1 must be an object with a drawing and its digit, a whole number from 0 to 9."),
        ([{"drawing": ODD, "digit": 10}], "Example 1 must be an object with a drawing and its digit"),
        ([{"drawing": ODD, "digit": True}], "Example 1 must be an object with a drawing and its digit"),
        ([{"drawing": a_drawing(), "digit": 1}], "Example 1 has nothing drawn on it."),
        ([{"drawing": a_drawing(picture="mnist-test/3"), "digit": 0}], "MNIST's test digits are for measuring only"),
        ([{"drawing": ODD, "digit": 4}] * (MAX_EXAMPLES + 1), "There are 101 examples; at most 100 are learnt from."),
    ],
)
def test_invalid_examples_are_refused_in_a_sentence(value, sentence):
    with pytest.raises(InputError) as fault:
        examples(value)
    assert str(fault.value).startswith(sentence)


@pytest.mark.slow
def test_a_misread_example_is_read_correctly_afterwards(shipped, taught):
    odd = examples([{"drawing": ODD, "digit": 7}])
    assert evaluate(shipped, odd).accuracy == 0
    assert evaluate(taught[-1].model, odd).accuracy == 1


@pytest.mark.slow
def test_teaching_keeps_the_accuracy_on_mnist(shipped, taught):
    _, validation = mnist.training_and_validation()
    lost = evaluate(shipped, validation).accuracy - evaluate(taught[-1].model, validation).accuracy
    assert lost <= 0.002


@pytest.mark.slow
def test_teaching_does_not_change_the_given_network_and_depends_only_on_the_seed(few_digits):
    images, labels = few_digits
    model = LeNet5().eval()
    before = copy.deepcopy(model.state_dict())
    odd = Digits(frame(images[:3])[:, 0], labels[:3])
    runs = [list(teach(model, odd, few_digits, few_digits, 1, CPU))[-1].model for _ in range(2)]
    assert all(map(torch.equal, model.state_dict().values(), before.values()))
    assert all(map(torch.equal, runs[0].state_dict().values(), runs[1].state_dict().values()))


@pytest.mark.slow
def test_a_taught_network_keeps_its_threshold(few_digits):
    images, labels = few_digits
    model = LeNet5().eval()
    model.threshold = 0.4
    last = list(teach(model, Digits(frame(images[:1])[:, 0], labels[:1]), few_digits, few_digits, 1, CPU))[-1]
    assert last.model.threshold == 0.4
