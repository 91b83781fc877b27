"""Turns for calls: each address has at most one call running, and addresses alternate."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from demo.serving.refused import Refused


class Turns:
    """A fixed number of places for calls; an address gets at most one, even if others are free.

    So with two places, one address alone can never keep another one waiting.
    """

    def __init__(self, places: int, most_waiting: int, most_waiting_each: int):
        self._places, self._most, self._most_each = places, most_waiting, most_waiting_each
        self._running: set[str] = set()
        self._waiting: list[tuple[str, asyncio.Future[None]]] = []  # in order of their turns

    @asynccontextmanager
    async def turn(self, address: str) -> AsyncGenerator[bool]:
        """Wait for this address's turn and hold it; yield whether it had to wait. Raises Refused if too many wait."""
        if sum(each == address for each, _ in self._waiting) >= self._most_each:
            sentence = f"{self._most_each} requests from your address wait already; try again in a few seconds."
            raise Refused(503, sentence)
        if len(self._waiting) >= self._most:
            raise Refused(503, "Too many people wait for an answer; try again in a few seconds.")
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((address, mine))
        self._let_in()
        waited = not mine.done()
        try:
            await mine
            yield waited
        finally:
            if mine.cancelled():  # cancelled while it waited
                self._waiting.remove((address, mine))
            else:
                self._running.remove(address)
                self._waiting.sort(key=lambda each: each[0] == address)  # this address goes to the end
            self._let_in()

    def _let_in(self) -> None:
        for address, call in list(self._waiting):
            if len(self._running) < self._places and address not in self._running and not call.cancelled():
                self._waiting.remove((address, call))
                self._running.add(address)
                call.set_result(None)
