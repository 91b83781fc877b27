"""The messages about a run."""

from demo.retrain.run import Moment
from lenet.training.loop import Progress

UNFORESEEN = "something broke on the server. Everything is as it was before; try once more."


def waiting(moment: Moment) -> str:
    if moment.notice:
        return f"{moment.notice}."
    if not moment.ahead:
        return "Getting ready …"
    about = f" (about {moment.seconds_ahead:.0f} s)" if moment.seconds_ahead else ""
    if moment.ahead == 1:
        return f"Someone else is training. You are next{about}."
    return f"Others are training. You are number {moment.ahead} in the queue."


def state(progress: Progress) -> str:
    epoch = min(int(progress.epoch) + 1, epochs(progress))
    where = f"Step {progress.step:,} of {progress.steps:,}, epoch {epoch}"
    phase = f"{progress.phase}: " if progress.phase else ""
    return f"{phase}{where}, loss {progress.loss:.3f}, {progress.seconds_left:.0f} s left"


def result(early: str, seconds: float) -> str:
    """Return the question whether to keep the new weights; `early` says why the run ended early, if it did."""
    if early:
        return f"{early} These are the best weights so far. Keep them?"
    return f"Trained for {seconds:.1f} s. Keep the new weights?"


def taught(count: int) -> str:
    """Return the name of a network that was taught this number of examples."""
    return f"Taught {count} example{'s' * (count > 1)}"


def epochs(progress: Progress) -> int:
    return round(progress.steps * progress.epoch / progress.step)
