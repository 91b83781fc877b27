"""Two sets of weights side by side: what a run bought, and what it cost."""

from dataclasses import dataclass

from lenet.mnist import Digits
from lenet.network.lenet5 import LeNet
from lenet.training.evaluation import Evaluation, evaluate

# A fall of the accuracy by more than this is a loss, not chance: ten of the 10,000 test digits.
TOLERANCE = 0.001


@dataclass(frozen=True)
class Change:
    """One digit that is answered differently."""

    index: int
    label: int
    was: int
    now: int

    @property
    def better(self) -> bool:
        return self.now == self.label

    @property
    def worse(self) -> bool:
        return self.was == self.label


@dataclass(frozen=True)
class Comparison:
    """The same digits, read before and after."""

    before: Evaluation
    after: Evaluation

    @property
    def gain(self) -> float:
        """By how much the accuracy rose, as a share of the digits; negative where it fell."""
        return (self.before.errors - self.after.errors) / len(self.after.labels)

    @property
    def loses(self) -> bool:
        """Whether more was lost than can be put up with."""
        return round(self.gain, 6) < -TOLERANCE

    @property
    def changes(self) -> list[Change]:
        """The digits that changed sides: first those read right no more, then those read right now, then the rest."""
        was, now = (result.probabilities.argmax(1) for result in (self.before, self.after))
        found = (was != now).nonzero()[:, 0]
        columns = (found, self.after.labels[found], was[found], now[found])
        changes = [Change(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]
        return sorted(changes, key=lambda change: (not change.worse, not change.better))


def compare(before: LeNet, after: LeNet, digits: Digits) -> Comparison:
    """Read all digits with both networks."""
    return Comparison(evaluate(before, digits), evaluate(after, digits))
