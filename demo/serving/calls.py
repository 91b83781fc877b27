"""The browser's calls of the panels' functions: a route of our own in the place of Gradio's.

Gradio's copies the whole page for every session that it has not seen (17 ms and 170 kB, by anybody's raw request),
runs each function in one of forty threads, which take longer to take turns than most answers take, and goes through
each answer once more before it writes it.
"""

from collections.abc import Callable
from typing import Any

import anyio
import gradio as gr
import orjson
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from demo.serving.guard import GRADIO

# Calls this short, in bytes, are answered in less time than it takes to hand them to a thread, if they are quick.
SHORT = 8_000
THREADS = 2


def quick(function: Callable) -> Callable:
    """Marks a function that answers a short call in a millisecond: it needs no thread."""
    function.quick = True  # ty: ignore[missing-attribute]
    return function


def call_routes(page: gr.Blocks) -> list[Route]:
    """The routes that answer {"component_id", "fn_name", "data"} with what the function makes of the data."""
    functions = {
        (block._id, function.__name__): function
        for block in page.blocks.values()
        for function in getattr(block, "server_fns", [])
    }
    limiter = None  # there can be none before there is an event loop

    async def answer(request: Request) -> Response:
        nonlocal limiter
        limiter = limiter or anyio.CapacityLimiter(THREADS)
        body = await request.body()
        try:
            call = orjson.loads(body)
            function = functions[call["component_id"], call["fn_name"]]
            data = call["data"]
        except (ValueError, TypeError, KeyError):
            return _json(400, {"error": "A call names a component_id and fn_name of the page, and its data."})
        if len(body) <= SHORT and getattr(function, "quick", False):
            return _json(200, function(data))
        return _json(200, await run_sync(function, data, limiter=limiter))

    return [Route(f"{GRADIO}/component_server{end}", answer, methods=["POST"]) for end in ("", "/")]


def _json(status: int, content: Any) -> Response:
    # Some of an explanation's numbers are numpy's.
    written = orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY)
    return Response(written, status, media_type="application/json")
