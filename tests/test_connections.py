"""Connections that are held without a whole request, tested on uvicorn as the page runs on it."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn

from demo.serving.connections import impatient

SECONDS = 0.2  # that a connection may be idle
HEAD = b"GET /%s HTTP/1.1\r\nHost: x\r\n\r\n"


async def app(scope, receive, send) -> None:
    """Answers at once; where it is asked for /slow, after three times as long as a connection may be idle."""
    await asyncio.sleep(3 * SECONDS if scope["path"] == "/slow" else 0)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Where a server listens that has no patience."""
    config = uvicorn.Config(app, port=0, lifespan="off", log_level="critical")
    server = uvicorn.Server(config)
    config.load()
    config.http_protocol_class = impatient(config.http_protocol_class, SECONDS)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join()


def answered(connection: socket.socket, path: bytes = b"") -> bool:
    """Whether a request is answered to the end."""
    connection.sendall(HEAD % path)
    answer = b""
    while piece := connection.recv(1000):
        answer += piece
        if answer.endswith(b"ok"):
            return True
    return False


def ended(connection: socket.socket) -> bool:
    """Whether the server has hung up, once there is nothing more to read."""
    try:
        return not connection.recv(1000)
    except TimeoutError:
        return False
    except ConnectionError:
        return True


@pytest.mark.parametrize("before", [0, 1])
@pytest.mark.parametrize("drop", [b"", b"x"])
def test_who_sends_nothing_or_a_head_byte_by_byte_is_hung_up_on(port, before, drop):
    with socket.create_connection(("127.0.0.1", port)) as connection:
        assert all(answered(connection) for _ in range(before))
        connection.settimeout(SECONDS / 10)
        begun = time.monotonic()
        while not ended(connection):
            assert time.monotonic() - begun < 50 * SECONDS
            connection.sendall(drop)


def test_who_asks_or_waits_for_an_answer_keeps_the_connection(port):
    with socket.create_connection(("127.0.0.1", port)) as connection:
        begun = time.monotonic()
        while time.monotonic() - begun < 5 * SECONDS:
            assert all(answered(connection, path) for path in (b"", b"slow", b""))
