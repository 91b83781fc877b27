"""The server's log: one line of JSON per event, never with anything that a visitor sent."""

import json
import sys
import time
import traceback
from collections import Counter
from datetime import datetime, timezone

# The most lines a minute of an event that requests can cause; further ones are only counted.
MOST_A_MINUTE = 30
BOUNDED = ("refused", "fault")

_minute, _written = 0, Counter()


def log(event: str, **details: object) -> None:
    """Log an event ("start", "run begun", "run ended", "refused", "fault", "stop") with the time and details."""
    if event in BOUNDED and not _has_room(event):
        return
    now = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
    print(json.dumps({"time": now, "event": event, **details}), file=sys.stderr, flush=True)


def log_fault(fault: BaseException, **details: object) -> None:
    """Log an unexpected exception: its type and place, but not its message, which may quote a visitor."""
    places = traceback.extract_tb(fault.__traceback__)
    where = f"{places[-1].name}, line {places[-1].lineno}" if places else "unknown"
    log("fault", **details, fault=type(fault).__name__, where=where)


def _has_room(event: str) -> bool:
    """Whether one more line of this event may be written in this minute; log how many the last minute left out."""
    global _minute
    minute = int(time.monotonic() // 60)
    if minute != _minute:
        left_out = {name: count - MOST_A_MINUTE for name, count in _written.items() if count > MOST_A_MINUTE}
        _minute = minute
        _written.clear()
        if left_out:
            log("left out", **left_out)
    _written[event] += 1
    return _written[event] <= MOST_A_MINUTE
