"""The door between the internet and Gradio: what may come in, how large, how slowly and how often.

Gradio serves more than this page needs, each of it by anybody's raw request. Here only what is listed comes in.
"""

import json
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

import anyio
import orjson

from demo.serving.address import address_of
from demo.serving.limits import LIMITS, Limits
from demo.serving.log import log, log_fault

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

# What the page, the API's clients and crawlers need; a name that ends in a slash stands for all below it.
FILES = ("/assets/", "/static/", "/svelte/", "/theme.css", "/favicon.ico", "/manifest.json", "/robots.txt")
GRADIO = "/gradio_api"
OPEN = {
    "GET": (
        *("/", "/config", "/config/", "/health", *FILES),
        *(GRADIO + path for path in ("/info", "/info/", "/openapi.json", "/app_id", "/startup-events", "/theme.css")),
        *(GRADIO + path for path in ("/call/", "/queue/data", "/heartbeat/", "/mcp/")),
    ),
    "POST": tuple(
        GRADIO + path for path in ("/component_server/", "/queue/join", "/run/", "/call/", "/cancel", "/reset", "/mcp/")
    ),
}
OPEN["HEAD"] = ("/", *FILES)
OPEN["DELETE"] = (f"{GRADIO}/mcp/",)  # how a client of MCP says goodbye
# Requests that are kept by their session.
EVENTS = tuple(GRADIO + path for path in ("/queue/join", "/run/", "/call/", "/cancel"))
LONGEST_SESSION = 64
# Names that only this machine has. Other sites' pages, open in a browser here, must not use what it runs.
LOCAL = ("localhost", "127.0.0.1", "::1", "0.0.0.0")
# So many visitors' recent requests are remembered.
ADDRESSES = 10_000


class Refused(Exception):
    """A request that does not come in, with its HTTP status; the message is one sentence for people."""

    def __init__(
        self, status: int, sentence: str, headers: tuple[tuple[bytes, bytes], ...] = (), worth_a_line: bool = True
    ):
        super().__init__(sentence)
        self.status, self.headers, self.worth_a_line = status, headers, worth_a_line


class Guard:
    """ASGI middleware: answers what is refused with {"detail", "error": sentence}, and hands on all else."""

    def __init__(self, app: Callable, limits: Limits = LIMITS):
        self._app, self._limits = app, limits
        # Of each visitor the requests left, when that was, and whether the last one was refused.
        self._visitors: OrderedDict[str, tuple[float, float, bool]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def sent(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            path = _path(scope)
            if not path.startswith(FILES):
                self._count(scope)
            _check_open(scope["method"], path)
            _check_origin(scope)
            body = await self._whole_body(scope, receive)
            if path.startswith(EVENTS):
                _check_event(body)
            await self._app(scope, _received(body, receive), sent)
        except Refused as refusal:
            if refusal.worth_a_line:
                log("refused", status=refusal.status, path=scope["path"][:200], reason=str(refusal))
            await _answer(send, refusal)
        except Exception as fault:  # Gradio's own, on what no client of its own sends
            log_fault(fault, path=scope["path"][:200])
            if not started:  # else it is too late for a sentence
                await _answer(send, Refused(500, "The server could not make sense of this request."))

    def _count(self, scope: Scope) -> None:
        """Take one from what the visitor has left of requests, which grows again with time."""
        visitor, now = address_of(scope["client"][0] if scope.get("client") else ""), time.monotonic()
        left, then, refused = self._visitors.pop(visitor, (self._limits.requests_at_once, now, False))
        left = min(left + (now - then) * self._limits.requests_per_second, self._limits.requests_at_once)
        self._visitors[visitor] = left - (left >= 1), now, left < 1
        if len(self._visitors) > ADDRESSES:
            self._visitors.popitem(last=False)
        if left < 1:
            sentence = f"More than {self._limits.requests_per_second} requests a second came from you; wait a moment."
            raise Refused(429, sentence, ((b"retry-after", b"1"),), worth_a_line=not refused)

    async def _whole_body(self, scope: Scope, receive: Receive) -> bytes:
        """The body, if it comes in time and is not too large."""
        try:
            with anyio.fail_after(self._limits.request_seconds):
                return await self._received_body(scope, receive)
        except TimeoutError as fault:
            sentence = f"A request must come whole within {self._limits.request_seconds} s."
            raise Refused(408, sentence, ((b"connection", b"close"),)) from fault

    async def _received_body(self, scope: Scope, receive: Receive) -> bytes:
        most = self._limits.body_bytes
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > most:
            raise _too_large(most)
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Refused(400, "The request broke off.")
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > most:
                raise _too_large(most)
        return body


def _path(scope: Scope) -> str:
    """The path without the prefix under which a proxy may serve the app."""
    return scope["path"].removeprefix(scope.get("root_path", "")) or "/"


def _check_open(method: str, path: str) -> None:
    if method not in OPEN:
        raise Refused(405, "This server answers GET and POST only.")
    exact = path in OPEN[method] or f"{path}/" in OPEN[method]
    below = any(name != "/" and name.endswith("/") and path.startswith(name) for name in OPEN[method])
    if not (exact or below):
        raise Refused(404, "There is nothing here; the page is at / and its API at /gradio_api/info.")


def _check_origin(scope: Scope) -> None:
    headers = dict(scope["headers"])
    origin = headers.get(b"origin", b"").decode("latin-1")
    host = _host("//" + headers.get(b"host", b"").decode("latin-1"))
    if origin and scope["method"] == "POST" and host in LOCAL and _host(origin) not in LOCAL:
        raise Refused(403, "Other sites' pages may not use what runs on this machine.")


def _check_event(body: bytes) -> None:
    """Of an event of the page or a call of the API, what Gradio keeps or takes for granted."""
    try:
        event = orjson.loads(body or b"{}")
    except ValueError as fault:
        raise Refused(400, "The request is not JSON, or nested too deeply.") from fault
    session = event.get("session_hash") if isinstance(event, dict) else 0
    if not (session is None or (isinstance(session, str) and len(session) <= LONGEST_SESSION)):
        raise Refused(400, f"A session_hash must be a text of at most {LONGEST_SESSION} characters.")
    if _has_address(event):
        raise Refused(400, "A file must be one that was uploaded here, not an address.")


def _has_address(event: Any) -> bool:
    """Whether there is a file in it that Gradio would fetch from another host."""
    left = [event]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            if str(value.get("path")).startswith(("http:", "https:")):
                return True
            left.extend(value.values())
        elif isinstance(value, list):
            left.extend(value)
    return False


def _received(body: bytes, receive: Receive) -> Receive:
    """Receives the body in one piece, and then what else comes: the word that the client is gone."""
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def received() -> Message:
        return first.pop() if first else await receive()

    return received


def _host(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def _too_large(most: int) -> Refused:
    return Refused(413, f"A request may have at most {most:,} bytes.")


async def _answer(send: Send, refusal: Refused) -> None:
    """Gradio's clients look for a sentence under either name."""
    body = json.dumps({"detail": str(refusal), "error": str(refusal)}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *refusal.headers]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
