"""What the server writes down: one line of JSON for each event that matters, and never what a visitor drew."""

import json
import sys
from datetime import datetime, timezone


def log(event: str, **facts: object) -> None:
    """One line: the time, the event ("start", "run begun", "run ended", "refused", "fault", "stop") and its facts."""
    time = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
    print(json.dumps({"time": time, "event": event, **facts}), file=sys.stderr, flush=True)
