"""A step that is captured once and replayed trains exactly like the step itself."""

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map_only

from lenet.network.lenet5 import LeNet5
from lenet.network.original import LeNet5Of1998
from lenet.training.distillation import Teacher
from lenet.training.loop import from_scratch, untrained
from lenet.training.recipe import Recipe
from lenet.training.step import WARM_UPS, CapturedStep, Step

CPU = torch.device("cpu")
STEPS = 8


class Recorder(TorchDispatchMode):
    """Records operations on tensors, as a CUDA graph does, and replays them without running Python again."""

    def __init__(self):
        super().__init__()
        self.operations = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        assert "_local_scalar_dense" not in str(func), "a GPU would have to wait for a number"
        result = func(*args, **(kwargs or {}))
        self.operations.append((func, args, kwargs or {}, result))
        return result

    def replay(self):
        with torch.no_grad():
            for operation, args, kwargs, result in self.operations:
                again = operation(*args, **kwargs)
                for old, new in zip(tensors(result), tensors(again), strict=True):
                    if old.data_ptr() != new.data_ptr():
                        old.copy_(new)


def tensors(result) -> list[torch.Tensor]:
    found = []
    tree_map_only(torch.Tensor, found.append, result)
    return found


class RecordedGraphs:
    """A replacement of CudaGraphs for the CPU."""

    captures = 0

    def warm_up(self, run):
        for _ in range(WARM_UPS):
            run()

    def capture(self, run):
        self.captures += 1
        with Recorder() as recorder:
            result = run()
        return recorder.replay, result


def batches(recipe: Recipe, sizes: list[int]) -> list[tuple[torch.Tensor, torch.Tensor]]:
    generator = torch.Generator().manual_seed(recipe.seed)
    return [
        (torch.rand(size, 1, 32, 32, generator=generator) * 255, torch.randint(11, (size,), generator=generator))
        for size in sizes
    ]


def train(run, step: Step, data) -> list[torch.Tensor]:
    losses = []
    for images, targets in data:
        losses.append(run(images, targets).clone())
        step.advance()
    return losses


@pytest.mark.parametrize("sizes", [[16] * STEPS, [16, 16, 5, 16, 16, 5, 16, 16]])
@pytest.mark.parametrize(
    ("network", "recipe"),
    [
        (LeNet5, Recipe(learning_rate=0.01)),
        (LeNet5, Recipe(learning_rate=0.05, optimiser="sgd")),
        (LeNet5Of1998, Recipe(learning_rate=0.003, optimiser="sgd")),
    ],
)
def test_replaying_trains_as_running_does(network, recipe, sizes):
    model, data = from_scratch(1, network), batches(recipe, sizes)
    plain, captured = (Step(model, recipe, STEPS, CPU, capturable=True) for _ in range(2))
    expected = train(plain, plain, data)
    actual = train(CapturedStep(captured, RecordedGraphs()), captured, data)
    assert all(torch.allclose(one, other, rtol=1e-4, atol=1e-5) for one, other in zip(expected, actual, strict=True))
    assert all(
        torch.allclose(*pair, rtol=1e-3, atol=1e-5) for pair in zip(plain.state(), captured.state(), strict=True)
    )


def test_the_learning_rate_follows_its_cycle_in_a_replayed_run():
    recipe = Recipe(learning_rate=0.01)
    step = Step(from_scratch(1), recipe, 40, CPU, capturable=True)
    run, data = CapturedStep(step, RecordedGraphs()), batches(recipe, [8] * 40)
    before, changes = step.model.fc3.weight.clone(), []
    for batch in data:
        run(*batch)
        step.advance()
        changes.append((step.model.fc3.weight - before).abs().mean().item())
        before = step.model.fc3.weight.clone()
    assert max(changes[5:25]) > 5 * max(changes[-3:])


def test_the_step_is_captured_once_and_the_warm_up_is_undone():
    recipe, graphs = Recipe(), RecordedGraphs()
    model = from_scratch(1)
    step = Step(model, recipe, STEPS, CPU, capturable=True)
    run = CapturedStep(step, graphs)
    [(images, targets), *_] = data = batches(recipe, [16] * STEPS)
    plain = Step(model, recipe, STEPS, CPU, capturable=True)
    assert torch.allclose(run(images, targets), plain(images, targets), atol=1e-5)
    assert step.optimiser.state[step.model.conv1.weight]["step"] == 1
    train(run, step, data[1:])
    assert graphs.captures == 1


def test_nothing_in_a_step_of_a_teacher_waits_for_a_number():
    step = Step(untrained(1, Teacher), Recipe(), STEPS, CPU, capturable=True)
    CapturedStep(step, RecordedGraphs())(*batches(Recipe(), [16])[0])


def test_a_step_that_waits_for_a_number_can_not_be_captured():
    step = Step(from_scratch(1), Recipe(), STEPS, CPU, capturable=True)
    step._average = lambda: step.total_loss.item()
    with pytest.raises(AssertionError, match="wait for a number"):
        CapturedStep(step, RecordedGraphs())(*batches(Recipe(), [16])[0])


def test_the_average_starts_at_the_weights_and_follows_slowly():
    step = Step(from_scratch(1), Recipe(learning_rate=0.01), 1_000, CPU)
    [batch] = batches(Recipe(), [16])
    step(*batch)
    step.advance()
    assert torch.equal(step.averaged.conv1.weight, step.model.conv1.weight)
    first = step.model.conv1.weight.clone()
    step(*batch)
    expected = first + (step.model.conv1.weight - first) / 50  # 5 % of 1,000 steps
    assert torch.allclose(step.averaged.conv1.weight, expected, atol=1e-7)
