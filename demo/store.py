"""A bounded store of objects under ids that can't be guessed, with fair eviction."""

import secrets
import threading
import time
from collections import Counter
from collections.abc import Hashable
from typing import Generic, TypeVar

Thing = TypeVar("Thing")
Key = TypeVar("Key", bound=Hashable)


def first_to_go(owners: dict[Key, str], idle: list[Key]) -> Key | None:
    """Return the key to evict: the first in `idle`, which is in order of last use, of the owner with most keys."""
    counts = Counter(owners.values())
    return max(idle, key=lambda each: counts[owners[each]], default=None)


class Store(Generic[Thing]):
    """Keeps at most `capacity` things until they are unused for `seconds`; a full store evicts the least recently used
    thing of the owner with most."""

    def __init__(self, capacity: int, seconds: float):
        self._capacity, self._seconds = capacity, seconds
        # Time of last use, owner and thing, in order of last use.
        self._things: dict[str, tuple[float, str, Thing]] = {}
        self._lock = threading.Lock()

    def keep(self, thing: Thing, owner: str = "") -> str:
        """Store a thing and return its id; `owner` is the visitor's address."""
        key = secrets.token_urlsafe(16)
        self.put(key, thing, owner)
        return key

    def put(self, key: str, thing: Thing, owner: str = "") -> None:
        """Store a thing under an id that another store has given it."""
        with self._lock:
            self._things[key] = time.monotonic(), owner, thing
            self._evict()

    def get(self, key: object) -> Thing | None:
        """Return the thing with this id; None if the id is unknown, expired or evicted."""
        with self._lock:
            self._evict()
            if not isinstance(key, str) or key not in self._things:
                return None
            _, owner, thing = self._things.pop(key)
            self._things[key] = time.monotonic(), owner, thing
            return thing

    def take_all(self) -> dict[str, Thing]:
        """Remove and return all things, by id."""
        with self._lock:
            things, self._things = self._things, {}
        return {key: thing for key, (_, _, thing) in things.items()}

    def _evict(self) -> None:
        oldest = time.monotonic() - self._seconds
        for key in [key for key, (used, _, _) in self._things.items() if used < oldest]:
            del self._things[key]
        while len(self._things) > self._capacity:
            owners = {key: owner for key, (_, owner, _) in self._things.items()}
            del self._things[first_to_go(owners, list(owners))]
