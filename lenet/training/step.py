"""One step of training, captured as a CUDA graph on a GPU.

A step of LeNet-5 consists of about eighty small operations. A GPU finishes each before Python starts the next, so on
CUDA the step is captured once as a graph and then replayed with a single launch. CPU and MPS run it directly.
"""

import copy
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lenet.network.decision import with_reject_class
from lenet.training.recipe import Recipe

# The averaged weights are a mean over about this share of the run's steps, the last ones.
AVERAGED_SHARE = 0.05
MOMENTUM = 0.9
WARM_UPS = 3


class Step:
    """Forward, loss, backward, optimiser and moving average, on copies of `model`.

    With `capturable`, all values that change between steps are tensors, so that the step can be replayed; beta1 and
    momentum are then constant instead of following the learning rate's cycle.
    """

    def __init__(self, model: nn.Module, recipe: Recipe, steps: int, device: torch.device, capturable: bool = False):
        self.model: Any = copy.deepcopy(model).to(device).to(memory_format=torch.channels_last).train()
        self.averaged = copy.deepcopy(self.model).eval()
        self.optimiser = _optimiser(self.model, recipe, device, capturable)
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimiser, recipe.learning_rate, total_steps=max(2, steps), cycle_momentum=not capturable
        )
        self.total_loss = torch.zeros((), device=device)  # since the reader last reset it
        self._pairs = list(zip(self.averaged.state_dict().values(), self.model.state_dict().values(), strict=True))
        self._newest = 1 - (1 - 1 / max(1.0, AVERAGED_SHARE * steps))
        self._share = torch.ones((), device=device)  # the newest weights' share in the average; 1 at first

    def __call__(self, images: Tensor, targets: Tensor) -> Tensor:
        """Train on one batch (lenet.training.batches); return the losses of its images, (N,)."""
        losses = F.cross_entropy(with_reject_class(self.model.read(images)), targets, reduction="none")
        loss = losses.mean()
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        self._average()
        self.total_loss += loss.detach()
        return losses.detach()

    def advance(self) -> None:
        """Set the learning rate for the next step."""
        self.schedule.step()
        self._share.fill_(self._newest)

    @torch.no_grad()
    def _average(self) -> None:
        for averaged, current in self._pairs:
            if averaged.is_floating_point():
                averaged.lerp_(current, self._share)
            else:  # an index or a count
                averaged.copy_(current)

    def state(self) -> list[Tensor]:
        """Return every tensor that a step changes, except for the optimiser's own."""
        return [self.total_loss, *(tensor for pair in self._pairs for tensor in pair)]


class CudaGraphs:
    """PyTorch's CUDA graphs."""

    def warm_up(self, run: Callable[[], Tensor]) -> None:
        """Run on a side stream, as PyTorch requires before a capture, so that libraries choose their kernels."""
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(WARM_UPS):
                run()
        torch.cuda.current_stream().wait_stream(stream)

    def capture(self, run: Callable[[], Tensor]) -> tuple[Callable[[], None], Tensor]:
        """Return a function that replays the operations of `run`, and the tensor that then holds their result."""
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, capture_error_mode="thread_local"):
            result = run()
        return graph.replay, result


class CapturedStep:
    """A step that is captured at its first batch and replayed for batches of the same size. Other batches, such as the
    last of an epoch, run without the graph."""

    def __init__(self, step: Step, graphs=None):
        self._step, self._graphs = step, graphs or CudaGraphs()
        self._captured: tuple[Tensor, Tensor, Callable[[], None], Tensor] | None = None

    def __call__(self, images: Tensor, targets: Tensor) -> Tensor:
        self._captured = self._captured or self._capture(images.clone(), targets.clone())
        own_images, own_targets, replay, losses = self._captured
        if images.shape != own_images.shape:
            return self._step(images, targets)
        own_images.copy_(images)
        own_targets.copy_(targets)
        replay()
        return losses

    def _capture(self, images: Tensor, targets: Tensor) -> tuple[Tensor, Tensor, Callable[[], None], Tensor]:
        """Capture the step on these tensors, and undo the changes made by the warm-up."""
        state = self._step.state()
        before = [tensor.clone() for tensor in state]
        run = partial(self._step, images, targets)
        self._graphs.warm_up(run)
        replay, losses = self._graphs.capture(run)
        for tensor, value in zip(state, before, strict=True):
            tensor.copy_(value)
        for own in self._step.optimiser.state.values():  # which had no state before the first step
            for tensor in own.values():
                tensor.zero_()
        return images, targets, replay, losses


def _optimiser(model: nn.Module, recipe: Recipe, device: torch.device, capturable: bool) -> torch.optim.Optimizer:
    rate = torch.tensor(recipe.learning_rate, device=device) if capturable else recipe.learning_rate
    if recipe.optimiser == "sgd":
        return torch.optim.SGD(model.parameters(), lr=rate, momentum=MOMENTUM, fused=capturable)
    return torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.01, fused=True, capturable=capturable)
