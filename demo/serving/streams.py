"""Streams: the values that a panel's function yields, sent to the browser as lines of JSON as they are made.

Gradio's own way is its queue, which keeps a session and a message box for each visitor, and which goes on after the
visitor has left.
"""

from collections.abc import AsyncIterator, Callable, Generator
from contextlib import suppress

import anyio
import gradio as gr
import orjson
from anyio.to_thread import run_sync
from gradio.context import LocalContext
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from demo.serving.calls import ROUTE
from demo.serving.limits import LIMITS
from demo.serving.refused import parsed


def stream_routes(page: gr.Blocks) -> list[Route]:
    """Return a route for each function in the panels' `streams`, which get a request's JSON and the request."""
    return [
        Route(f"{ROUTE}{block.elem_id}/{function.__name__}", _answer_with(function), methods=["POST"])
        for block in page.blocks.values()
        for function in getattr(block, "streams", [])
    ]


def _answer_with(function: Callable[[object, Request], Generator[dict, None, None]]) -> Callable:
    limiter = anyio.CapacityLimiter(LIMITS.waiting_runs + 2)  # threads: all runs, one refused, one to stop

    async def answer(request: Request) -> Response:
        data = parsed(await request.body(), LIMITS)
        # The package `spaces` looks here for the visitor, whose GPU quota is used.
        LocalContext.request.set(request)
        LocalContext.blocks.set(request.app.get_blocks())
        return StreamingResponse(_lines(function(data, request), limiter), media_type="application/x-ndjson")

    return answer


async def _lines(values: Generator[dict, None, None], limiter: anyio.CapacityLimiter) -> AsyncIterator[bytes]:
    try:
        while (value := await run_sync(next, values, None, limiter=limiter)) is not None:
            yield orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY) + b"\n"
    finally:
        # Also when the reader has left. ValueError: the function is still computing at the end of the process.
        with anyio.CancelScope(shield=True), suppress(ValueError):
            await run_sync(values.close)
