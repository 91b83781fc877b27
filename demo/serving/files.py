"""Gradio's own files: compress each once, in another thread, and cache it, instead of at every request."""

import asyncio
from typing import Any

import brotli
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# A higher quality takes longer than it saves.
QUALITY = 5
COMPRESSED = ("/assets/", "/static/", "/svelte/")
# Not used by this page; takes half a second to compress.
CLOSED = ("/assets/PlotlyPlot",)
KINDS = ("text/", "application/javascript", "application/json", "image/svg")


class Files:
    """ASGI middleware around the app that serves the files, which must not change while it runs."""

    def __init__(self, app: ASGIApp):
        self._app = app
        self._kept: dict[str, tuple[list[tuple[bytes, bytes]], bytes]] = {}
        self._lock = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, headers = scope["path"], Headers(scope=scope)
        wants = "br" in headers.get("accept-encoding", "") and "if-none-match" not in headers
        if scope["method"] != "GET" or not wants or "range" in headers:
            await self._app(scope, receive, send)
            return
        async with self._lock:
            messages = [] if path in self._kept else await self._compress(path, scope, receive)
        if path in self._kept:
            head, body = self._kept[path]
            messages = [
                {"type": "http.response.start", "status": 200, "headers": head},
                {"type": "http.response.body", "body": body},
            ]
        for message in messages:
            await send(message)

    async def _compress(self, path: str, scope: Scope, receive: Receive) -> list[Message]:
        """Cache the compressed file; return the original answer if there is no file, or none worth compressing."""
        messages: list[Any] = []

        async def collect(message: Message) -> None:
            messages.append(message)

        await self._app(scope, receive, collect)
        headers = MutableHeaders(raw=list(messages[0]["headers"]))
        if messages[0]["status"] != 200 or not headers.get("content-type", "").startswith(KINDS):
            return messages
        body = b"".join(message.get("body", b"") for message in messages[1:])
        compressed = await asyncio.to_thread(brotli.compress, body, quality=QUALITY)
        headers["content-encoding"], headers["content-length"] = "br", str(len(compressed))
        headers.add_vary_header("accept-encoding")
        self._kept[path] = headers.raw, compressed
        return messages
