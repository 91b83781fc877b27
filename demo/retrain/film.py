"""The film of a run: its weights as they changed, from the first to the last, in bounded memory."""

from lenet.network.lenet5 import LeNet

# A LeNet-5 is 250 kB, so a film is at most 10 MB.
FRAMES = 40


class Film:
    """Weights by the step after which they were there; where there is no room, every other one goes."""

    def __init__(self, first: LeNet):
        self._frames = {0: first}
        self._added = 0
        self._spacing = 1

    def add(self, step: int, model: LeNet) -> None:
        kept = list(self._frames.items())
        if self._added % self._spacing:
            kept.pop()  # the one before was there only as the last
        if len(kept) == FRAMES:
            kept = kept[::2]
            self._spacing *= 2
        self._added += 1
        self._frames = dict([*kept, (step, model)])  # a new one, for others may be reading the old one

    def at(self, step: int) -> LeNet:
        """The weights that were there at this step, or nearest before it."""
        frames = self._frames
        return frames[max((each for each in frames if each <= step), default=0)]
