"""The comparison of the networks before and after a run, so that the visitor can decide whether to keep the new one."""

from typing import Any
from weakref import WeakKeyDictionary

from demo.panels.examples.examples import answers
from demo.panels.pixels import png
from demo.visitors import Visitors
from lenet import mnist
from lenet.errors import InputError
from lenet.mnist import Digits
from lenet.network.lenet5 import LeNet
from lenet.reading.answer import answer, prepare_drawing
from lenet.training.comparison import Change, Comparison
from lenet.training.evaluation import Evaluation, evaluate

# The number of changed digits that are shown.
SHOWN = 24
# Cached results on the test digits, because most runs start from the same network.
_evaluations: WeakKeyDictionary[LeNet, Evaluation] = WeakKeyDictionary()


def comparison(before: LeNet, after: LeNet, examples: Digits, drawing: Any, visitors: Visitors) -> dict:
    """Compare two networks for the page; `drawing` is the JSON value of the drawing on the sheet."""
    test = Comparison(_evaluation(before), _evaluation(after))
    percents = [f"{100 * each.accuracy:.2f} %" for each in (test.before, test.after)]
    rows = [_row("MNIST's 10,000 test digits", *percents, test.gain)]
    if count := len(examples.labels):
        was, now = (_right(model, examples) for model in (before, after))
        rows.append(_row("Your own examples", f"{was} of {count}", f"{now} of {count}", now - was))
    rows += _drawing_row(before, after, drawing, visitors)
    return {
        "accuracy": test.after.accuracy,
        "rows": rows,
        "loses": test.loses,
        "verdict": _verdict(test),
        "changes": [_picture(change) for change in test.changes[:SHOWN]],
        "others": max(0, len(test.changes) - SHOWN),
        "confusion": test.after.confusion.tolist(),
    }


def _evaluation(model: LeNet) -> Evaluation:
    if model not in _evaluations:
        _evaluations[model] = evaluate(model, mnist.final_test())
    return _evaluations[model]


def _verdict(test: Comparison) -> str:
    digits = abs(test.after.errors - test.before.errors)
    many = "1 test digit" if digits == 1 else f"{digits:,} test digits"
    if test.loses:
        return f"It reads {many} fewer than before, {-100 * test.gain:.2f} points. Better discard it."
    if test.gain < 0:
        return f"It reads {many} fewer than before, too few to matter."
    return f"It reads {many} more than before." if digits else "It reads as many test digits as before."


def _right(model: LeNet, examples: Digits) -> int:
    return sum(read == label for read, label in zip(answers(model, examples), examples.labels.tolist(), strict=True))


def _drawing_row(before: LeNet, after: LeNet, drawing: Any, visitors: Visitors) -> list[dict]:
    try:
        prepared = prepare_drawing(drawing, visitors.picture)
    except InputError:
        return []  # the sheet shows this error itself
    if prepared is None:
        return []
    read = [answer(model, [prepared])[0] for model in (before, after)]
    was, now = ("not sure" if each.digit is None else f"a {each.digit}" for each in read)
    return [_row("The drawing on the sheet", was, now, 0)]


def _row(what: str, before: str, after: str, gain: float) -> dict:
    return {"what": what, "before": before, "after": after, "kind": _kind(gain)}


def _picture(change: Change) -> dict:
    return {
        "source": png(mnist.final_test().images[change.index].numpy()),
        "words": f"A {change.label}: read as {change.was} before, as {change.now} now",
        "was": change.was,
        "now": change.now,
        "kind": _kind(change.better - change.worse),
    }


def _kind(gain: float) -> str:
    return "better" if gain > 0 else "worse" if gain < 0 else ""
