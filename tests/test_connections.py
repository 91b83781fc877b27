"""Limits of connections, tested on uvicorn with the page's settings."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from types import SimpleNamespace

import h11
import pytest
import uvicorn
from uvicorn.server import ServerState

from demo.serving.connections import allow_connections, limited
from demo.serving.limits import Limits
from tests.conftest import wait_until

SECONDS = 0.2  # that a connection may be idle
CONNECTIONS = 20  # that may be open
LARGE = 50_000_000
received = []
HEAD = b"GET /%s HTTP/1.1\r\nHost: x\r\n\r\n"


async def app(scope, receive, send) -> None:
    """Answers at once; /slow after three idle timeouts, /large with a very large body."""
    await asyncio.sleep(3 * SECONDS if scope["path"] == "/slow" else 0)
    received.append(len(scope["headers"]))
    body = b"x" * LARGE if scope["path"] == "/large" else b"ok"
    headers = [(b"content-length", str(len(body)).encode())]
    if any(name == b"transfer-encoding" for name, _ in scope["headers"]):
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture(scope="module")
def server() -> Iterator[uvicorn.Server]:
    """A server with a short idle timeout."""
    config = uvicorn.Config(app, port=0, lifespan="off", log_level="critical")
    server = uvicorn.Server(config)
    config.load()
    config.http_protocol_class = limited(Limits(request_seconds=SECONDS, connections=CONNECTIONS))
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_until(lambda: server.started)
    yield server
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def port(server) -> int:
    return server.servers[0].sockets[0].getsockname()[1]


def answered(connection: socket.socket, path: bytes = b"") -> bool:
    """Send a request; return whether the answer is complete."""
    connection.sendall(HEAD % path)
    answer = b""
    while piece := connection.recv(1000):
        answer += piece
        if answer.endswith(b"ok"):
            return True
    return False


def is_closed(connection: socket.socket) -> bool:
    """Return whether the server has closed the connection, of which everything was read."""
    try:
        return not connection.recv(1000)
    except TimeoutError:
        return False
    except ConnectionError:
        return True


@pytest.mark.parametrize("answers_before", [0, 1])
@pytest.mark.parametrize("trickle", [b"", b"x"])
def test_an_idle_connection_is_closed_even_if_headers_arrive_byte_by_byte(port, answers_before, trickle):
    def closed_before_the_next_byte() -> bool:
        closed = is_closed(connection)
        if not closed:
            connection.sendall(trickle)
        return closed

    with socket.create_connection(("127.0.0.1", port)) as connection:
        assert all(answered(connection) for _ in range(answers_before))
        connection.settimeout(SECONDS / 10)
        wait_until(closed_before_the_next_byte)


def test_a_connection_with_requests_or_a_slow_answer_stays_open(port):
    with socket.create_connection(("127.0.0.1", port)) as connection:
        started = time.monotonic()
        while time.monotonic() - started < 5 * SECONDS:
            assert all(answered(connection, path) for path in (b"", b"slow", b""))


def test_a_reader_who_stops_reading_is_disconnected(server, port):
    received_bytes = 0
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(HEAD % b"large")
        connection.recv(1)
        wait_until(lambda: not server.server_state.connections)  # without reading any more
        with suppress(ConnectionError):
            while piece := connection.recv(1_000_000):
                received_bytes += len(piece)
    assert received_bytes < LARGE


@pytest.mark.parametrize("split", [1, 40, 60])
def test_a_chunked_body_is_hardly_read(port, split, monkeypatch):
    parsed_sizes = []
    receive = h11.Connection.receive_data
    monkeypatch.setattr(
        h11.Connection, "receive_data", lambda self, data: parsed_sizes.append(len(data)) or receive(self, data)
    )
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(head[:split])
        with suppress(ConnectionError):  # the server may close it before everything is sent
            connection.sendall(head[split:] + b"1\r\nx\r\n" * 300_000)
            while connection.recv(1000):
                pass
    assert sum(parsed_sizes) < 20_000


def test_when_full_an_idle_connection_of_the_address_with_most_is_closed(port):
    idle = [socket.create_connection(("127.0.0.1", port), source_address=("127.0.0.2", 0)) for _ in range(CONNECTIONS)]
    with socket.create_connection(("127.0.0.1", port)) as connection:
        assert all(answered(connection) for _ in range(3))
    for each in idle:
        each.close()


class Transport(SimpleNamespace):
    """A stand-in for the transport of a connection from 1.2.3.4."""

    aborted = False

    def get_extra_info(self, name: str, default: object = None) -> object:
        return ("1.2.3.4", 1) if name == "peername" else default

    def abort(self) -> None:
        self.aborted = True


def test_an_address_has_a_limit_of_new_connections_per_second():
    async def connect() -> list[bool]:
        protocol_class, transports = limited(Limits(new_connections_each=3)), [Transport() for _ in range(5)]
        for transport in transports:
            protocol_class(uvicorn.Config(app), ServerState(), {}).connection_made(transport)
        return [transport.aborted for transport in transports]

    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(asyncio.run, connect()).result() == [False, False, False, True, True]


def test_the_limit_of_open_files_is_raised_for_the_connections(monkeypatch):
    limits = {"now": (1024, 4096)}
    monkeypatch.setattr("resource.getrlimit", lambda _: limits["now"])
    monkeypatch.setattr("resource.setrlimit", lambda _, new: limits.update(now=new))
    assert allow_connections(1000) == 1000
    assert limits["now"] == (1200, 4096)
    limits["now"] = (512, 512)
    assert allow_connections(1000) == 312
