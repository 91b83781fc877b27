"""A bounded store: things under ids that can't be guessed."""

import secrets
import threading
import time
from typing import Generic, TypeVar

Thing = TypeVar("Thing")


class Store(Generic[Thing]):
    """Keeps at most `capacity` things, each until nobody has used it for `seconds`.

    Where there is no room, the one unused for longest goes.
    """

    def __init__(self, capacity: int, seconds: float):
        self._capacity, self._seconds = capacity, seconds
        self._things: dict[str, tuple[float, Thing]] = {}  # with the time of their last use
        self._lock = threading.Lock()

    def keep(self, thing: Thing) -> str:
        """Store a thing and return its id."""
        key = secrets.token_urlsafe(16)
        with self._lock:
            self._things[key] = time.monotonic(), thing
            self._forget()
        return key

    def get(self, key: object) -> Thing | None:
        """The thing with this id; None where the id is not, or no more, known."""
        with self._lock:
            self._forget()
            if not isinstance(key, str) or key not in self._things:
                return None
            _, thing = self._things.pop(key)
            self._things[key] = time.monotonic(), thing
            return thing

    def _forget(self) -> None:
        """Let go what is too old or too much; the things are in the order of their last use."""
        oldest = time.monotonic() - self._seconds
        for key, (used, _) in list(self._things.items()):
            if used >= oldest and len(self._things) <= self._capacity:
                break
            del self._things[key]
