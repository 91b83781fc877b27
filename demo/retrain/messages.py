"""What the retrain panel says about a run."""

from demo.retrain.run import Moment
from lenet.training.loop import Progress


def waiting(moment: Moment) -> str:
    if not moment.ahead:
        return "Getting MNIST ready …"
    runs = "another visitor's run is" if moment.ahead == 1 else f"{moment.ahead} other visitors' runs are"
    left = f" The one that is training needs {moment.seconds_ahead:.0f} s more." if moment.seconds_ahead else ""
    place = f"Busy, you are number {moment.ahead} in line: {runs} before yours, which starts by itself."
    return f"{place}{left} The page stays live."


def state(progress: Progress) -> str:
    where = f"Step {progress.step:,} of {progress.steps:,}, epoch {min(int(progress.epoch) + 1, epochs(progress))}"
    return f"{where}, loss {progress.loss:.3f}, {progress.seconds_left:.0f} s left"


def result(moment: Moment) -> str:
    """What is said once there are weights to keep or not."""
    if moment.early:
        return f"{moment.early} These are the best weights so far. Keep the new ones?"
    return f"Trained for {moment.progress.seconds:.1f} s. The weights before still answer. Keep the new ones?"


def epochs(progress: Progress) -> int:
    return round(progress.steps * progress.epoch / progress.step)
