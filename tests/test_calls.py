"""Calls of the panels and of the API, with workers in this process; test_workers.py tests real ones."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import httpx
import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware

from demo.serving import calls as module
from demo.serving.calls import Calls, quick
from demo.serving.guard import Guard
from demo.serving.limits import Limits
from demo.serving.refused import OUR_FAULT
from demo.serving.workers import TooLong, WorkerLost
from demo.visitors import Lent, Visitors
from lenet.errors import InputError
from lenet.network.lenet5 import LeNet5


def echo(data):
    return {"data": data}


def numbers(_):
    return {"digit": np.int64(7), "place": np.float64(1.5)}


def fail(data):
    raise InputError("This is not right.") if data == "input" else KeyError("unforeseen")


class InlineWorkers:
    """Workers that compute at once in this process, or raise a given exception."""

    def __init__(self, work, prepare):
        self._work = work
        self.ended = False
        self.fault = None

    def fork(self):
        return self

    async def call(self, content, seconds):
        if self.fault:
            raise self.fault
        return self._work(content)

    def end(self):
        self.ended = True


@pytest.fixture
def calls(monkeypatch) -> Calls:
    monkeypatch.setattr(module, "Workers", InlineWorkers)
    calls = Calls(Visitors(LeNet5()), Limits(request_values=2000))
    calls.add_panel(SimpleNamespace(elem_id="panel", functions={"echo": echo, "quick": quick(numbers), "fail": fail}))
    calls.start(lambda: None)
    return calls


@pytest.fixture
def post(calls):
    app = Starlette(routes=[calls.route()], middleware=[Middleware(Guard)])

    def post(name: str, **body) -> httpx.Response:
        async def send():
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
                return await client.post(f"/lenet/{name}", **body)

        with ThreadPoolExecutor(1) as thread:  # the main one has Playwright's event loop
            return thread.submit(asyncio.run, send()).result()

    return post


def test_a_call_is_answered_by_the_function_that_it_names(post):
    answer = post("panel/echo", json=[1, {"a": None}])
    assert (answer.status_code, answer.json()) == (200, {"data": [1, {"a": None}]})


def test_numpys_numbers_become_json_numbers(post):
    assert post("panel/quick", json=None).json() == {"digit": 7, "place": 1.5}


def test_invalid_input_is_answered_with_a_sentence(post):
    answer = post("panel/fail", json="input")
    assert (answer.status_code, answer.json()) == (200, {"error": "This is not right."})


def test_an_unexpected_error_is_one_sentence_for_the_caller_and_one_line_in_the_log(post, capsys):
    answer = post("panel/fail", json="")
    assert (answer.status_code, answer.json()["error"]) == (500, OUR_FAULT)
    assert '"fault": "KeyError"' in capsys.readouterr().err


@pytest.mark.parametrize("content", ["{", "[" * 1500, "NaN", "\xff"])
def test_invalid_json_is_refused_in_a_sentence(post, content):
    answer = post("panel/echo", content=content)
    assert (answer.status_code, answer.json()["error"]) == (400, "The request is not JSON, or nested too deeply.")


def test_a_request_with_too_many_values_is_not_parsed(post):
    assert post("panel/echo", content="[" + "1," * 1998 + "1]").status_code == 200
    answer = post("panel/echo", content="[" + "1," * 2000 + "1]")
    assert (answer.status_code, answer.json()["error"]) == (413, "A request may hold at most 2,000 values.")


@pytest.mark.parametrize("name", ["panel/__class__", "panel/unknown", "echo", "unknown/echo"])
def test_only_the_panels_functions_can_be_called(post, name):
    assert post(name, json=1).status_code == 404


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (TooLong(), "This took longer than 60 s, the most that an answer may take."),
        (WorkerLost(), "The answer was lost on the server; try once more."),
    ],
)
def test_a_timed_out_or_lost_call_is_answered_with_the_reason(post, calls, fault, sentence):
    calls.workers.fault = fault
    answer = post("panel/echo", json=1)
    assert (answer.status_code, answer.json()["error"]) == (503, sentence)


@pytest.mark.parametrize(("name", "ends"), [("panel/echo", True), ("panel/quick", False)])
def test_a_spare_worker_ends_after_a_while_without_calls(calls, monkeypatch, name, ends):
    monkeypatch.setattr(module, "REST", 0)

    async def call_and_wait():
        await calls.call(name, b"1", "1.2.3.4")
        await asyncio.sleep(0.01)
        return calls.workers.ended

    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(asyncio.run, call_and_wait()).result() == ends


def test_a_call_whose_caller_has_disconnected_is_not_computed(calls):
    computed = []
    calls.add("count", lambda data: computed.append(data))

    async def has_disconnected():
        return True

    async def call():
        async with calls._slow.turn("1.2.3.4"):
            waiting = asyncio.create_task(calls.call("count", b"1", "1.2.3.4", has_disconnected))
            await asyncio.sleep(0)
        with pytest.raises(module.Refused):
            await waiting

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, call()).result()
    assert not computed


def test_a_worker_answers_with_the_visitors_own_weights_and_picture_and_hands_over_new_ones(post, monkeypatch):
    visitors, worker = Visitors(LeNet5()), Visitors(LeNet5())
    weights, ink = visitors.keep(LeNet5()), np.eye(3, dtype=np.uint8)
    name = visitors.keep_picture(ink)

    def use_visitors_objects(data):
        _, known = worker.model(data["weights"])
        return {
            "known": known,
            "ink": worker.picture(data["drawing"]["picture"]).tolist(),
            "new": worker.keep_picture(ink + 1),
        }

    calls = Calls(worker)
    calls.add("use", use_visitors_objects)
    calls.start(lambda: None)
    calls._visitors = visitors
    monkeypatch.setattr(calls.workers, "_work", lambda payload: in_worker(payload))

    def in_worker(payload):
        calls._visitors = worker
        try:
            return Calls._work(calls, payload)
        finally:
            calls._visitors = visitors

    app = Starlette(routes=[calls.route()])

    async def send():
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
            request = {"weights": weights, "drawing": {"picture": name, "strokes": []}}
            return (await client.post("/lenet/use", json=request)).json()

    with ThreadPoolExecutor(1) as thread:
        answer = thread.submit(asyncio.run, send()).result()
    assert answer["known"]
    assert answer["ink"] == ink.tolist()
    assert visitors.picture(answer["new"]).tolist() == (ink + 1).tolist()
    assert worker.hand_over() == Lent()
