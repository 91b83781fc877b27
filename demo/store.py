"""A bounded store: things under ids that can't be guessed."""

import secrets
import threading
from collections import OrderedDict
from typing import Generic, TypeVar

Thing = TypeVar("Thing")


class Store(Generic[Thing]):
    """Keeps at most `capacity` things; where there is no room, the one unused for longest goes."""

    def __init__(self, capacity: int):
        self._capacity = capacity
        self._things: OrderedDict[str, Thing] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, thing: Thing) -> str:
        """Store a thing and return its id."""
        key = secrets.token_urlsafe(16)
        with self._lock:
            self._things[key] = thing
            while len(self._things) > self._capacity:
                self._things.popitem(last=False)
        return key

    def get(self, key: object) -> Thing | None:
        """The thing with this id; None where the id is not, or no more, known."""
        with self._lock:
            if not isinstance(key, str) or key not in self._things:
                return None
            self._things.move_to_end(key)
            return self._things[key]
