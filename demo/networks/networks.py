"""Which network answers: today's, the one of 1998, or both side by side; with what each of them costs and reads."""

from demo.panel import Panel
from lenet.model import LeNet

# What a checkpoint's facts know of its accuracy, and what is said of it.
MEASURED = {"test_accuracy": "MNIST", "drawings_accuracy": "people’s drawings"}
# In a word or two, by the network's name.
KIND = {"modern": "ReLU, max-pooling, ten scores", "1998": "tanh, trained averages, ten codes"}


class Networks(Panel):
    """The switch between the shipped networks, each with the facts of its training; the first one answers at first."""

    def __init__(self, networks: list[tuple[LeNet, dict[str, str]]]):
        (first, facts), (other, other_facts) = networks
        super().__init__("networks", cards=[_card(first, "", facts), _card(other, other.name, other_facts)])


def _card(model: LeNet, weights: str, facts: dict[str, str]) -> dict:
    reads = [f"{float(facts[name]):.2%} of {what}" for name, what in MEASURED.items() if name in facts]
    return {
        "name": model.name,
        "weights": weights,
        "title": model.title,
        "kind": KIND[model.name],
        "told": ", ".join([f"{model.parameter_count():,} parameters", *reads]),
    }
