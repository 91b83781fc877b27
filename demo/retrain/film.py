"""The film of a run: its weights at up to 40 steps, for the replay."""

from lenet.network.lenet5 import LeNet

# A LeNet-5 is 250 kB, so a film is at most 10 MB.
FRAMES = 40


class Film:
    """Weights by step; a full film drops every other frame."""

    def __init__(self, first: LeNet):
        self._frames = {0: first}
        self._added = 0
        self._spacing = 1

    def add(self, step: int, model: LeNet) -> None:
        kept = list(self._frames.items())
        if self._added % self._spacing:
            kept.pop()  # the last frame was only kept as the newest
        if len(kept) == FRAMES:
            kept = kept[::2]
            self._spacing *= 2
        self._added += 1
        self._frames = dict([*kept, (step, model)])  # replaced, because other threads may be reading the old one

    def at(self, step: int) -> LeNet:
        """Return the weights at this step, or at the last recorded step before it."""
        frames = self._frames
        return frames[max((each for each in frames if each <= step), default=0)]
