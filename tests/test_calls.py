"""The browser's calls of the panels' functions, over HTTP."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import httpx
import numpy as np
import pytest
from starlette.applications import Starlette

from demo.serving.calls import SHORT, call_routes, quick
from demo.serving.guard import GRADIO


@quick
def echo(data):
    return {"data": data, "thread": threading.current_thread().name}


def slow_echo(data):
    return echo(data)


def numbers(_):
    return {"digit": np.int64(7), "place": np.float64(1.5)}


@pytest.fixture
def post():
    panel = SimpleNamespace(_id=7, server_fns=[echo, slow_echo, numbers])
    page = SimpleNamespace(blocks={7: panel, 8: SimpleNamespace(_id=8)})
    app = Starlette(routes=call_routes(page))

    def post(content=None, **call) -> httpx.Response:
        async def posted():
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
                body = {"content": content} if content else {"json": {"component_id": panel._id, **call}}
                return await client.post(f"{GRADIO}/component_server/", **body)

        with ThreadPoolExecutor(1, "loop") as thread:  # the main one has Playwright's event loop
            return thread.submit(asyncio.run, posted()).result()

    return post


def test_a_call_is_answered_by_the_function_that_it_names(post):
    for name in ("echo", "slow_echo"):
        answer = post(fn_name=name, data=[1, {"a": None}])
        assert answer.status_code == 200
        assert answer.json()["data"] == [1, {"a": None}]


def test_numbers_of_numpys_are_answered_as_numbers(post):
    assert post(fn_name="numbers", data=None).json() == {"digit": 7, "place": 1.5}


def test_only_a_short_call_of_a_quick_function_does_without_a_thread(post):
    loop = "loop_0"
    assert post(fn_name="echo", data="x").json()["thread"] == loop
    assert post(fn_name="echo", data="x" * SHORT).json()["thread"] != loop
    assert post(fn_name="slow_echo", data="x").json()["thread"] != loop


@pytest.mark.parametrize(
    "content",
    ["", "{", "null", "[]", "7", '{"fn_name": "echo"}', '{"component_id": [], "fn_name": {}, "data": 1}', "[" * 9999],
)
def test_what_is_no_call_is_named_in_a_sentence(post, content):
    answer = post(content=content or " ")
    assert answer.status_code == 400
    assert answer.json() == {"error": "A call names a component_id and fn_name of the page, and its data."}


@pytest.mark.parametrize("name", ["__class__", "postprocess", "unknown", "get_config"])
def test_nothing_but_the_panels_functions_can_be_called(post, name):
    assert post(fn_name=name, data=1).status_code == 400
