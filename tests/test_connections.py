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

SECONDS = 0.2  # that a connection may be idle
MOST = 20  # connections
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
def port() -> Iterator[int]:
    """The port of a server with a short idle timeout."""
    config = uvicorn.Config(app, port=0, lifespan="off", log_level="critical")
    server = uvicorn.Server(config)
    config.load()
    config.http_protocol_class = limited(Limits(request_seconds=SECONDS, connections=MOST))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join()


def answered(connection: socket.socket, path: bytes = b"") -> bool:
    """Whether a request is answered completely."""
    connection.sendall(HEAD % path)
    answer = b""
    while piece := connection.recv(1000):
        answer += piece
        if answer.endswith(b"ok"):
            return True
    return False


def ended(connection: socket.socket) -> bool:
    """Whether the server has closed the connection after everything was read."""
    try:
        return not connection.recv(1000)
    except TimeoutError:
        return False
    except ConnectionError:
        return True


@pytest.mark.parametrize("before", [0, 1])
@pytest.mark.parametrize("drop", [b"", b"x"])
def test_an_idle_connection_is_closed_even_if_headers_arrive_byte_by_byte(port, before, drop):
    with socket.create_connection(("127.0.0.1", port)) as connection:
        assert all(answered(connection) for _ in range(before))
        connection.settimeout(SECONDS / 10)
        begun = time.monotonic()
        while not ended(connection):
            assert time.monotonic() - begun < 50 * SECONDS
            connection.sendall(drop)


def test_a_connection_with_requests_or_a_slow_answer_stays_open(port):
    with socket.create_connection(("127.0.0.1", port)) as connection:
        begun = time.monotonic()
        while time.monotonic() - begun < 5 * SECONDS:
            assert all(answered(connection, path) for path in (b"", b"slow", b""))


def test_a_reader_who_stops_reading_is_disconnected(port):
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(HEAD % b"large")
        begun = time.monotonic()
        time.sleep(4 * SECONDS)  # in which nothing is read
        read = 0
        try:
            while piece := connection.recv(1_000_000):
                read += len(piece)
        except ConnectionError:
            pass
        assert time.monotonic() - begun < 50 * SECONDS
        assert read < LARGE


@pytest.mark.parametrize("split", [1, 40, 60])
def test_a_chunked_body_is_hardly_read(port, split, monkeypatch):
    looked_at = []
    receive = h11.Connection.receive_data
    monkeypatch.setattr(
        h11.Connection, "receive_data", lambda own, data: looked_at.append(len(data)) or receive(own, data)
    )
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(head[:split])
        with suppress(ConnectionError):  # the server may end it before all is sent
            connection.sendall(head[split:] + b"1\r\nx\r\n" * 300_000)
            while connection.recv(1000):
                pass
    assert sum(looked_at) < 20_000


def test_when_full_an_idle_connection_of_the_address_with_most_is_closed(port):
    idle = [socket.create_connection(("127.0.0.1", port), source_address=("127.0.0.2", 0)) for _ in range(MOST)]
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
        kind, made = limited(Limits(new_connections_each=3)), [Transport() for _ in range(5)]
        for each in made:
            kind(uvicorn.Config(app), ServerState(), {}).connection_made(each)
        return [each.aborted for each in made]

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
