"""The order in which waiting calls get a worker."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from demo.serving.refused import Refused
from demo.serving.turns import Turns


def in_a_loop(scenario) -> None:
    with ThreadPoolExecutor(1) as thread:  # the main one has Playwright's event loop
        thread.submit(asyncio.run, scenario()).result()


class Callers:
    """Calls that hold their turns until they are ended, and the order of the turns."""

    def __init__(self, turns: Turns):
        self.turns, self.order, self.ends = turns, [], {}

    async def begin(self, address: str, name: str) -> asyncio.Task:
        self.ends[name] = asyncio.Event()

        async def call() -> None:
            async with self.turns.turn(address):
                self.order.append(name)
                await self.ends[name].wait()

        task = asyncio.create_task(call())
        await self.settle()
        return task

    async def end(self, name: str) -> None:
        self.ends[name].set()
        await self.settle()

    async def settle(self) -> None:
        for _ in range(10):
            await asyncio.sleep(0)


def test_an_address_has_one_running_call_however_many_places_are_free():
    async def scenario():
        callers = Callers(Turns(2, 10, 5))
        for name in ("a1", "a2", "a3"):
            await callers.begin("a", name)
        assert callers.order == ["a1"]
        await callers.begin("b", "b1")
        assert callers.order == ["a1", "b1"]

    in_a_loop(scenario)


def test_addresses_take_turns_however_many_calls_each_has():
    async def scenario():
        callers = Callers(Turns(1, 10, 5))
        for address, name in [("a", "a1"), ("a", "a2"), ("a", "a3"), ("b", "b1"), ("c", "c1")]:
            await callers.begin(address, name)
        for name in ("a1", "b1", "c1", "a2", "a3"):
            assert callers.order[-1] == name
            await callers.end(name)

    in_a_loop(scenario)


def test_a_waiting_call_that_is_cancelled_leaves_the_queue():
    async def scenario():
        callers = Callers(Turns(1, 10, 5))
        await callers.begin("a", "a1")
        waiting = await callers.begin("b", "b1")
        await callers.begin("c", "c1")
        waiting.cancel()
        await callers.settle()
        await callers.end("a1")
        assert callers.order == ["a1", "c1"]
        await callers.end("c1")
        await callers.begin("b", "b2")
        assert callers.order == ["a1", "c1", "b2"]

    in_a_loop(scenario)


def test_a_call_cancelled_when_it_gets_its_turn_frees_its_place():
    async def scenario():
        callers = Callers(Turns(1, 10, 5))
        await callers.begin("a", "a1")
        waiting = await callers.begin("b", "b1")
        callers.ends["a1"].set()
        await asyncio.sleep(0)
        waiting.cancel()
        await callers.settle()
        await callers.begin("c", "c1")
        assert callers.order[-1] == "c1"

    in_a_loop(scenario)


def test_too_many_waiting_calls_are_refused_by_address_and_in_all():
    async def scenario():
        callers = Callers(Turns(1, 3, 2))
        for name in ("a1", "a2", "a3"):
            await callers.begin("a", name)
        with pytest.raises(Refused, match=r"^2 requests from your address wait already"):
            await (await callers.begin("a", "a4"))
        await callers.begin("b", "b1")
        with pytest.raises(Refused, match=r"^Too many people wait for an answer"):
            await (await callers.begin("c", "c1"))

    in_a_loop(scenario)
