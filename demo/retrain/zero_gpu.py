"""On a ZeroGPU Space a run is lent a GPU for as long as it needs one; anywhere else it just runs."""

import math
import os
from collections.abc import Callable, Iterator

from lenet.training.loop import Progress


def lend(work: Callable[[], Iterator[Progress]], seconds: float) -> Iterator[Progress]:
    """All that `work` yields, with a GPU for at most so many seconds. `work` must be one that can be pickled."""
    yield from work()


if os.environ.get("SPACES_ZERO_GPU"):
    import spaces

    lend = spaces.GPU(duration=lambda work, seconds: math.ceil(seconds))(lend)
