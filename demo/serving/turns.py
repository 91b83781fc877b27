"""Whose call is next: each address has one running at a time and its own queue, and the addresses take turns."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager


class Busy(RuntimeError):
    """Too many calls wait already; the message is one sentence for people."""


class Turns:
    """A fixed number of places for calls; an address gets at most one, however many are free.

    With two places, one address alone can therefore never keep another one waiting.
    """

    def __init__(self, places: int, most_waiting: int, most_waiting_each: int):
        self._free, self._most, self._most_each = places, most_waiting, most_waiting_each
        self._running: set[str] = set()
        # In the order of their turns: an address that had one goes to the end.
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}

    @asynccontextmanager
    async def turn(self, address: str) -> AsyncGenerator[bool]:
        """Waits for this address's turn and holds it; gives whether it had to wait. Raises Busy where too many do."""
        if len(self._waiting.get(address, ())) >= self._most_each:
            raise Busy(f"{self._most_each} requests from your address wait already; try again in a few seconds.")
        if sum(map(len, self._waiting.values())) >= self._most:
            raise Busy("Too many people wait for an answer; try again in a few seconds.")
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(address, deque()).append(mine)
        self._let_in()
        waited = not mine.done()
        try:
            await mine
            yield waited
        finally:
            if mine.cancelled():  # its caller gave up while it waited
                self._remove(address, mine)
            else:
                self._free += 1
                self._running.remove(address)
                if address in self._waiting:
                    self._waiting[address] = self._waiting.pop(address)
            self._let_in()

    def _let_in(self) -> None:
        for address in [each for each in self._waiting if each not in self._running][: self._free]:
            mine, queue = self._waiting[address][0], self._waiting.pop(address)
            queue.popleft()
            if queue:
                self._waiting[address] = queue
            if not mine.cancelled():
                mine.set_result(None)
                self._free -= 1
                self._running.add(address)

    def _remove(self, address: str, mine: asyncio.Future[None]) -> None:
        queue = self._waiting.get(address, deque())
        if mine in queue:
            queue.remove(mine)
        if not queue:
            self._waiting.pop(address, None)
