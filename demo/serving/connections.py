"""Limit connections: close idle and unread ones, make room when there are too many, read no chunked bodies."""

import asyncio
import os
import resource
from collections import Counter

from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.protocols.http.h11_impl import H11Protocol

from demo.serving.limits import Limits
from demo.store import first_to_go

# Bytes read at a time until a request's headers are known, because they may announce a chunked body.
PIECE = 4096
# Open files besides connections: the program's own, and those of training runs.
OTHER_FILES = 200


def allow_connections(most: int) -> int:
    """Raise the process's limit of open files for `most` connections; return the number of connections it allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = most + OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        most = min(most, max(soft - OTHER_FILES, soft // 2))
    return most


def limited(limits: Limits) -> type[H11Protocol]:
    """Return uvicorn's protocol with these limits."""
    connections: dict[H11Protocol, str] = {}  # to the peers' addresses, in order of last use
    trusted = ProxyHeadersMiddleware(None, os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")).trusted_hosts
    new: Counter[str] = Counter()  # each peer's new connections in this second
    most = allow_connections(limits.connections)

    class Limited(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:
            super().connection_made(transport)
            self._refusing = False
            self._seen: object = None  # the request and the unsent bytes at the last check
            connections[self] = peer = self.client[0] if self.client else ""
            if not new:
                self.loop.call_later(1, new.clear)
            new[peer] += 1
            if peer not in trusted and new[peer] > limits.new_connections_each:
                transport.abort()
            elif len(connections) > most:
                self._make_room()
            self._look_later()

        def connection_lost(self, exc: Exception | None) -> None:
            connections.pop(self, None)
            self._next_look.cancel()
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            if self in connections:
                connections[self] = connections.pop(self)
            at, step = 0, len(data) if self._answering else PIECE
            while at < len(data) and not self._refusing and not self.transport.is_closing():
                super().data_received(data[at : at + step])
                at += step
                # The guard answers 411, because each chunk would cost as much as a request.
                self._refusing = self._answering and any(
                    name == b"transfer-encoding" for name, _ in self.cycle.scope["headers"]
                )

        @property
        def _answering(self) -> bool:
            return self.cycle is not None and not self.cycle.response_complete

        def _make_room(self) -> None:
            """Close the longest idle connection of the peer that has most; if none is idle, this one."""
            idle = [each for each in connections if each is not self and not each._answering]  # ty: ignore[missing-attribute]
            worst = first_to_go(connections, idle) or self
            connections.pop(worst)
            worst.transport.abort()

        def _look_later(self) -> None:
            self._next_look = self.loop.call_later(limits.request_seconds, self._look)

        def _look(self) -> None:
            unread = self.transport.get_write_buffer_size()
            seen = (self.cycle, unread)
            if seen == self._seen and (unread or not self._answering):
                self.transport.abort()
            else:
                # After a slow answer, the next request gets the full time again.
                self._seen = seen if unread or not self._answering else None
                self._look_later()

    return Limited
