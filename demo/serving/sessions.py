"""Limit Gradio's sessions, and calls whose answers are not fetched yet, fairly by address."""

from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager

from demo.serving.refused import Refused
from demo.store import first_to_go

# The number of readers of each session's, or call's, answers.
_reads: Counter[str] = Counter()


def is_read(session: str | None) -> bool:
    """Whether somebody reads the answers of this session; assumed if there is no session."""
    return not session or session in _reads


class Sessions:
    """At most `most` sessions. A full list drops the least recently used one, not in use, of the address with most."""

    def __init__(self, most: int, forget: Callable[[str], None]):
        self._most, self._forget = most, forget
        self._addresses: dict[str, str] = {}  # of each session, in order of last use

    def open(self, session: str, address: str) -> None:
        """Record that a session is used by this address. Raises Refused if there is no room for it."""
        self._addresses[session] = self._addresses.pop(session, address)
        if len(self._addresses) > self._most:
            idle = [each for each in self._addresses if each not in _reads and each != session]
            lost = first_to_go(self._addresses, idle)
            del self._addresses[lost or session]
            if not lost:
                raise Refused(503, "Too many people are on this page; try again in a few minutes.")
            self._forget(lost)

    @contextmanager
    def in_use(self, session: str) -> Generator[None]:
        """Mark a session as in use while its answers are read."""
        _reads[session] += 1
        try:
            yield
        finally:
            _reads[session] -= 1
            if not _reads[session]:
                del _reads[session]
