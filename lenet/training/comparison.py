"""Compare two sets of weights on the same digits."""

from dataclasses import dataclass

from lenet.training.evaluation import Evaluation

# A larger drop in accuracy is reported as a loss; a smaller one is chance. Ten of the 10,000 test digits.
TOLERANCE = 0.001


@dataclass(frozen=True)
class Change:
    """A digit that is answered differently after training."""

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
    """Evaluations of the same digits before and after training."""

    before: Evaluation
    after: Evaluation

    @property
    def gain(self) -> float:
        """The rise in accuracy, as a share of the digits; negative where it fell."""
        return (self.before.errors - self.after.errors) / len(self.after.labels)

    @property
    def loses(self) -> bool:
        """Whether the accuracy fell by more than the tolerance."""
        return round(self.gain, 6) < -TOLERANCE

    @property
    def changes(self) -> list[Change]:
        """The changed digits: first those that got worse, then those that got better, then the rest."""
        was, now = (result.probabilities.argmax(1) for result in (self.before, self.after))
        found = (was != now).nonzero()[:, 0]
        columns = (found, self.after.labels[found], was[found], now[found])
        changes = [Change(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]
        return sorted(changes, key=lambda change: (not change.worse, not change.better))
