"""The guard in front of Gradio: which requests are let in, how large and how often.

Gradio serves more than this page needs. Only the paths listed here are let in.
"""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import anyio
import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from demo.serving.address import visitor_of
from demo.serving.budgets import BYTES_FOR_ONE, FILE, GRADIOS, Budgets
from demo.serving.calls import ROUTE
from demo.serving.files import CLOSED, COMPRESSED, Files
from demo.serving.limits import LIMITS, Limits
from demo.serving.log import log, log_fault
from demo.serving.refused import BROKEN_OFF, LAST, OUR_FAULT, Refused, parsed
from demo.serving.sessions import Sessions
from demo.serving.turns import Turns
from demo.serving.uploads import FILE_MARK, UPLOAD, without_files

GRADIO = "/gradio_api"
AGENTS = f"{GRADIO}/mcp"
CALLS = f"{GRADIO}/call/"
# Paths at which the answers of a session, or of a call, are read.
READ = (f"{GRADIO}/queue/data", f"{GRADIO}/heartbeat/", CALLS)
DESCRIPTION = tuple(GRADIO + path for path in ("/info", "/info/", "/openapi.json"))
# Paths that the page, the API's clients and crawlers need; a name that ends in a slash includes everything below it.
FILES = (*COMPRESSED, "/theme.css", "/favicon.ico", "/manifest.json", "/pwa_icon", "/robots.txt")
OPEN = {
    "GET": (
        *("/", "/config", "/config/", "/health", "/weights/", *FILES, *READ, *DESCRIPTION, f"{AGENTS}/"),
        *(GRADIO + path for path in ("/app_id", "/startup-events", "/theme.css")),
    ),
    "POST": (
        *(ROUTE, UPLOAD, CALLS, f"{AGENTS}/"),
        *(GRADIO + path for path in ("/queue/join", "/run/", "/cancel", "/reset")),
    ),
    "HEAD": ("/", *FILES),
    "DELETE": (f"{AGENTS}/",),  # an MCP client ends its session
}
LONGEST_SESSION = 64
# Gradio parses requests in the thread that answers everybody: 5 ms for a small one, and 9 ms more for each 20,000
# bytes. With a pause of this many seconds per request and per 20,000 bytes, an address gets at most a third of that
# thread.
PAUSE = 0.02
# Requests that Gradio handles at a time, one per address; some take seconds.
GRADIOS_PLACES = 8

# The page uses its own files and inline scripts and styles, which Gradio evaluates, and nothing from other hosts.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self' data:; worker-src 'self' blob:; "
    "connect-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'"
)


class Guard:
    """ASGI middleware that answers refused requests with {"detail", "error": sentence} and passes on all others.

    `hosts` are the only host names that the app answers to on a user's own machine, so that other sites open in the
    browser can't use it. None allows any name, and any site that shows the page in a frame. `forget` drops one of
    Gradio's sessions, and `refresh` its cached description of the API.
    """

    def __init__(
        self,
        app: ASGIApp,
        limits: Limits = LIMITS,
        hosts: set[str] | None = None,
        forget: Callable[[str], None] = lambda session: None,
        refresh: Callable[[], None] = lambda: None,
        trusts_proxy: bool = False,
    ):
        self._app, self._limits, self._hosts, self._refresh = app, limits, hosts, refresh
        self._files = Files(app)
        self._budgets, self._sessions = Budgets(limits), Sessions(limits.sessions, forget)
        self._gradios = Turns(GRADIOS_PLACES, limits.waiting_calls, limits.waiting_calls_each)
        self._trusts_proxy = trusts_proxy
        policy = POLICY if hosts is None else POLICY + "; frame-ancestors 'self'"
        self._headers = [
            (b"content-security-policy", policy.encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"same-origin"),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            request = _Request(scope, receive)
            await self._answer(request, _Answer(send, self._headers, request.of_gradio))
        else:
            await send({"type": "websocket.close"})

    async def _answer(self, request: "_Request", answer: "_Answer") -> None:
        try:
            await self._let_in(request, answer)
        except Refused as refused:
            log("refused", status=refused.status, reason=str(refused))
            await answer.refuse(refused)
        except Exception as fault:  # Gradio fails on requests that none of its own clients sends
            log_fault(fault)
            await answer.refuse(Refused(400 if request.of_gradio else 500, OUR_FAULT))

    async def _let_in(self, request: "_Request", answer: "_Answer") -> None:
        size = _declared_size(request, self._limits)
        self._budgets.spend(request.visitor, _cost(request, size))
        _check_open(request)
        self._check_hosts(request)
        if not self._trusts_proxy:
            request.set_header(b"x-forwarded-host")
        with self._budgets.hold(request.visitor, size):
            content = await self._whole_body(request)
            if request.of_gradio and request.path != UPLOAD:
                await self._to_gradio(request, content, answer)
            else:
                app = self._files if request.path.startswith(COMPRESSED) else self._app
                await app(request.scope, request.once_more(content), answer.send)

    async def _to_gradio(self, request: "_Request", content: bytes, answer: "_Answer") -> None:
        """Pass a request on to Gradio, with limits per address of requests, sessions, and calls not fetched yet."""
        async with AsyncExitStack() as while_open:
            if request.path.startswith(AGENTS):  # Gradio calls itself on behalf of an agent, with the agent's headers
                request.set_header(b"x-forwarded-for", request.visitor.partition("/")[0])
            elif request.method == "POST":
                await while_open.enter_async_context(self._gradios.turn(request.visitor))
                await asyncio.sleep(PAUSE * (1 + len(content) / BYTES_FOR_ONE))
                if await request.is_disconnected():
                    raise Refused(400, BROKEN_OFF)
            if request.method == "POST":
                content = without_files(content, self._limits)
                if session := _session(parsed(content, self._limits), content):
                    self._sessions.open(session, request.visitor)
            elif request.path.startswith(READ):
                session = request.query_params.get("session_hash") or request.path.rsplit("/", 1)[1]
                while_open.enter_context(self._sessions.in_use(session))
            elif request.path in DESCRIPTION:
                self._refresh()
            await self._app(request.scope, request.once_more(content), answer.send)
        if answer.event and request.path.startswith(CALLS):
            self._sessions.open(answer.event, request.visitor)

    def _check_hosts(self, request: Request) -> None:
        host, origin = request.headers.get("host"), request.headers.get("origin")
        if self._hosts is not None and host and _host(f"//{host}") not in self._hosts:
            raise Refused(403, "This app runs on its user's own machine; --allow-host gives it another name.")
        if self._hosts is not None and origin and _host(origin) not in self._hosts:
            raise Refused(403, "Other sites' pages may not use what runs on this machine.")

    async def _whole_body(self, request: Request) -> bytes:
        """Return the body. Raises Refused if it does not arrive in time."""
        try:
            with anyio.fail_after(self._limits.request_seconds):
                return await request.body()
        except ClientDisconnect as fault:
            raise Refused(400, BROKEN_OFF) from fault
        except TimeoutError as fault:
            raise Refused(408, f"A request must come whole within {self._limits.request_seconds} s.", LAST) from fault


class _Request(Request):
    """A request with what the guard needs to know about it."""

    @cached_property
    def path(self) -> str:
        """The path without the prefix under which a proxy may serve the app."""
        return self.scope["path"].removeprefix(self.scope.get("root_path", "")) or "/"

    @cached_property
    def visitor(self) -> str:
        return visitor_of(self)

    @property
    def of_gradio(self) -> bool:
        return self.path.startswith(GRADIO)

    def set_header(self, name: bytes, value: str | None = None) -> None:
        """Replace a header, or remove it if there is no value."""
        new = [] if value is None else [(name, value.encode())]
        self.scope["headers"] = [each for each in self.scope["headers"] if each[0] != name] + new

    def once_more(self, body: bytes) -> Receive:
        """Return a `receive` function that returns this body in one piece, then waits until the client disconnects."""
        first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def received() -> Message:
            return first.pop() if first else await self.receive()

        return received


class _Answer:
    """The answer to a client, with the guard's headers."""

    def __init__(self, send: Send, headers: list[tuple[bytes, bytes]], of_gradio: bool):
        self._send, self._headers, self._of_gradio = send, headers, of_gradio
        self._started = False
        self.event: str | None = None  # the id of the call that Gradio has accepted

    async def send(self, message: Message) -> None:
        body = message.get("body", b"")
        if message["type"] == "http.response.start":
            if message["status"] == 500 and self._of_gradio:  # an invalid request; the body below becomes a 400
                return
            self._started = True
            message["headers"] = [*message.get("headers", ()), *self._headers]
        elif not self._started:
            await self.refuse(Refused(400, orjson.loads(body).get("error") or OUR_FAULT))
            return
        elif body.startswith(b'{"event_id"'):
            self.event = orjson.loads(body).get("event_id")
        await self._send(message)

    async def refuse(self, refused: Refused) -> None:
        """Answer with the sentence, under both names that clients look for, unless an answer has begun."""
        if not self._started:
            body = orjson.dumps({"detail": str(refused), "error": str(refused)})
            headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
            self._of_gradio = False
            headers += refused.headers
            await self.send({"type": "http.response.start", "status": refused.status, "headers": headers})
            await self.send({"type": "http.response.body", "body": body})


def _declared_size(request: Request, limits: Limits) -> int:
    """Return the body's declared length, which uvicorn enforces. Raises Refused."""
    if "transfer-encoding" in request.headers:
        raise Refused(411, "A request must declare its length.", LAST)
    size = int(request.headers.get("content-length", 0))
    if size > limits.body_bytes:
        raise Refused(413, f"A request may have at most {limits.body_bytes:,} bytes.", LAST)
    return size


def _cost(request: _Request, size: int) -> float:
    """Return how many requests this one counts as."""
    if request.path.startswith(FILES):
        return FILE
    return (GRADIOS if request.method == "POST" and request.of_gradio else 1) + size / BYTES_FOR_ONE


def _check_open(request: _Request) -> None:
    if request.method not in OPEN:
        raise Refused(405, "This server answers GET and POST only.")
    names, path = OPEN[request.method], request.path
    below = any(name != "/" and name.endswith("/") and path.startswith(name) for name in names)
    if not (below or path in names or f"{path}/" in names) or path.startswith(CLOSED):
        raise Refused(404, "There is nothing here; the page is at / and its API at /gradio_api/info.")


def _session(event: Any, content: bytes) -> str | None:
    """Return an event's session. Raises Refused for values that Gradio would store, fetch or trust."""
    if event is None:  # an empty body
        return None
    session = event.get("session_hash") if isinstance(event, dict) else 0  # 0 is no text
    if not (session is None or (isinstance(session, str) and len(session) <= LONGEST_SESSION)):
        raise Refused(400, f"A session_hash must be a text of at most {LONGEST_SESSION} characters.")
    if FILE_MARK in content or (b"\\u" in content and FILE_MARK in orjson.dumps(event)):
        raise Refused(400, "A file can't be handed over by its path or address here.")
    return session


def _host(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None
