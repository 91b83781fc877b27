"""Limits per address: its rate of requests, and its open requests."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from demo.serving.limits import Limits
from demo.serving.refused import LAST, Refused

# The number of addresses remembered; those without open requests are forgotten first.
ADDRESSES = 10_000
BYTES_FOR_ONE = 20_000  # this many bytes of a body count as one more request
FILE = 0.1  # the cost of one of the page's own files, in requests
GRADIOS = 4  # the cost of a call through Gradio, in requests


@dataclass
class _Budget:
    left: float  # requests allowed at the time `at`; grows with time
    at: float
    requests: int = 0  # open requests
    bytes: int = 0  # in open requests


class Budgets:
    """A token bucket for each address, and its open requests."""

    def __init__(self, limits: Limits):
        self._limits = limits
        self._budgets: dict[str, _Budget] = {}  # in order of last use
        self._bytes = 0

    def spend(self, address: str, cost: float) -> None:
        """Take the cost of a request from the address's bucket. Raises Refused if too little is left."""
        limits, now = self._limits, time.monotonic()
        budget = self._of(address, now)
        left = min(budget.left + (now - budget.at) * limits.requests_per_second, limits.requests_at_once)
        budget.left, budget.at = left - (cost if left >= cost else 0), now
        if left < cost:
            sentence = f"More than {limits.requests_per_second} requests a second came from you; wait a moment."
            raise Refused(429, sentence, ((b"retry-after", b"1"), *LAST))

    @contextmanager
    def hold(self, address: str, size: int) -> Generator[None]:
        """Count a request of this size while it is open. Raises Refused if the budget is spent."""
        limits, budget = self._limits, self._of(address, time.monotonic())
        if budget.requests >= limits.open_requests_each or budget.bytes + size > limits.open_bytes_each:
            raise Refused(503, "Too many of your requests are under way; wait until some are answered.")
        if self._bytes + size > limits.open_bytes:
            raise Refused(503, "The server has too much to answer at the moment; try again in a few seconds.")
        budget.requests, budget.bytes, self._bytes = budget.requests + 1, budget.bytes + size, self._bytes + size
        try:
            yield
        finally:
            budget.requests, budget.bytes, self._bytes = budget.requests - 1, budget.bytes - size, self._bytes - size

    def _of(self, address: str, now: float) -> _Budget:
        budget = self._budgets.pop(address, None) or _Budget(self._limits.requests_at_once, now)
        self._budgets[address] = budget
        if len(self._budgets) > ADDRESSES:
            del self._budgets[next(each for each, held in self._budgets.items() if not held.requests)]
        return budget
