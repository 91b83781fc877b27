"""What the server writes down: one line of JSON for each event that matters, and never what a visitor drew."""

import json
import sys
import traceback
from datetime import datetime, timezone


def log(event: str, **facts: object) -> None:
    """One line: the time, the event ("start", "run begun", "run ended", "refused", "fault", "stop") and its facts."""
    time = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
    print(json.dumps({"time": time, "event": event, **facts}), file=sys.stderr, flush=True)


def log_fault(fault: Exception, **facts: object) -> None:
    """One line for what nobody foresaw: its kind and its place, but not its message, which may quote a visitor."""
    place = traceback.extract_tb(fault.__traceback__)[-1]
    log("fault", **facts, fault=type(fault).__name__, where=f"{place.name}, line {place.lineno}")
