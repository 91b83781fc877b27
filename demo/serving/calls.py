"""Calls of the panels and of the API: each waits for its turn and is computed in a worker process.

The panels use routes of their own instead of Gradio's, which copies the whole page for every new session (17 ms and
170 kB, even for a forged request) and computes in the server's process.
"""

import asyncio
import pickle
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from demo.panels.panel import Panel
from demo.serving.address import visitor_of
from demo.serving.limits import LIMITS, Limits
from demo.serving.log import log_fault
from demo.serving.refused import BROKEN_OFF, OUR_FAULT, Refused, parsed
from demo.serving.turns import Turns
from demo.serving.workers import TooLong, Worker, WorkerLost, Workers
from demo.visitors import Visitors
from lenet.errors import InputError

Function = Callable[[Any], Any]
ROUTE = "/lenet/"
# Places for quick calls, and as many for slow ones; an address holds at most one of each.
PLACES = 2
# Seconds without a call after which a spare worker ends, which frees some 50 MB.
REST = 5


def quick(function: Function) -> Function:
    """Mark a function that takes milliseconds, so that it does not wait for functions that take seconds."""
    function.quick = True  # ty: ignore[missing-attribute]
    return function


class Calls:
    """Functions by name, from JSON values to JSON values, called in worker processes.

    `add` all functions, `start` once while the process has a single thread, then `call`.
    """

    def __init__(self, visitors: Visitors, limits: Limits = LIMITS):
        self._visitors, self._limits = visitors, limits
        self._functions: dict[str, Function] = {}

    def add(self, name: str, function: Function) -> None:
        """Add a function, which raises InputError for invalid values."""
        self._functions[name] = function

    def add_panel(self, panel: Panel) -> None:
        """Add the functions that a panel's script may call."""
        for name, function in panel.functions.items():
            self.add(f"{panel.elem_id}/{name}", function)

    def start(self, prepare: Callable[[], None]) -> None:
        """Fork the workers' template process, which runs `prepare` as soon as the server answers."""
        self.workers = Workers(self._work, prepare)
        limits = self._limits
        self._quick = _Lane(self.workers, limits, limits.quick_seconds, limits.waiting_quick_calls, ready=PLACES)
        # Forked when they are needed, so that the template is prepared by then.
        self._slow = _Lane(self.workers, limits, limits.call_seconds, limits.waiting_calls, ready=0)

    async def call(
        self, name: str, content: bytes, address: str, has_left: Callable[[], Awaitable[bool]] | None = None
    ) -> bytes:
        """Call a function with `content`, which is JSON, for the visitor with this address; return its answer as JSON.

        Nothing is computed if `has_left` says that the caller has disconnected. Raises Refused.
        """
        function = self._functions.get(name)
        if function is None:
            raise Refused(404, "There is no function of this name here.")
        lane = self._quick if getattr(function, "quick", False) else self._slow
        async with lane.turn(address) as waited:
            if waited and has_left and await has_left():
                raise Refused(400, BROKEN_OFF)
            lent = self._visitors.lend(parsed(content, self._limits))
            answer, kept = pickle.loads(await lane.answer(pickle.dumps((name, content, lent))))
        if not answer:
            raise Refused(500, OUR_FAULT)
        self._visitors.take_over(kept, address)
        return answer

    def _work(self, payload: bytes) -> bytes:
        """Compute one call in a worker; return its JSON, empty if it failed, and the objects to keep for the
        visitor."""
        name, content, lent = pickle.loads(payload)
        self._visitors.borrow(lent)
        try:
            answer = self._functions[name](orjson.loads(content or b"null"))
            written = orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY)  # some numbers are numpy's
        except InputError as fault:
            written = orjson.dumps({"error": str(fault)})
        except Exception as fault:  # unexpected: log it and go on
            log_fault(fault, path=name)
            written = b""
        return pickle.dumps((written, self._visitors.hand_over()))

    def route(self) -> Route:
        """Return the route by which the panels' scripts call functions: POST /lenet/NAME with JSON."""
        return Route(ROUTE + "{name:path}", self._respond, methods=["POST"])

    async def _respond(self, request: Request) -> Response:
        content = await request.body()
        name, has_left = request.path_params["name"], request.is_disconnected
        return Response(await self.call(name, content, visitor_of(request), has_left), media_type="application/json")


class _Lane:
    """Worker processes, and the turns that the calls take."""

    def __init__(self, workers: Workers, limits: Limits, seconds: int, most_waiting: int, ready: int):
        self._seconds = seconds
        self._workers, self._ready = workers, ready
        # Spare workers have a timer that ends them; permanent ones have none.
        self._idle: dict[Worker, asyncio.TimerHandle | None] = {workers.fork(): None for _ in range(ready)}
        self._turns = Turns(PLACES, most_waiting, limits.waiting_calls_each)
        self.turn = self._turns.turn

    async def answer(self, payload: bytes) -> bytes:
        """Return a worker's answer; the caller must hold a turn. Raises Refused."""
        worker, timer = self._idle.popitem() if self._idle else (self._workers.fork(), None)
        if timer:
            timer.cancel()
        try:
            return await worker.call(payload, self._seconds)
        except TooLong as fault:
            sentence = f"This took longer than {self._seconds} s, the most that an answer may take."
            raise Refused(503, sentence) from fault
        except WorkerLost as fault:
            raise Refused(503, "The answer was lost on the server; try once more.") from fault
        finally:
            if not worker.ended:
                self._keep(worker)

    def _keep(self, worker: Worker) -> None:
        spare = len(self._idle) >= self._ready
        self._idle[worker] = asyncio.get_running_loop().call_later(REST, self._end, worker) if spare else None

    def _end(self, worker: Worker) -> None:
        del self._idle[worker]
        worker.end()
