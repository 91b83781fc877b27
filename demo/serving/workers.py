"""Worker processes: a call that takes too long, or too much memory, can be ended with its process.

Workers are forked from one template process, which is forked from the server when everything is loaded and only one
thread runs. So a new worker is ready in milliseconds and shares its memory with the others.
"""

import asyncio
import multiprocessing
import os
import resource
import select
import signal
import socket
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO, NoReturn

import torch

from lenet.network.device import give_back_memory

FORK, PREPARE = b"f", b"p"
# A worker that has grown by this many megabytes is replaced, which frees them.
MOST_GROWTH = 100
# Seconds without a call after which it returns freed memory: after wide erasers it then has 50 MB instead of 100.
IDLE = 1
_SIZE = struct.Struct("!Q?")  # a message's length, and whether the worker ends after it


class WorkerLost(RuntimeError):
    """A worker died during a call."""


class TooLong(RuntimeError):
    """A call exceeded its time limit; its worker was ended."""


class Workers:
    """Starts worker processes, which answer messages with `work(message)`.

    Create it while this process has a single thread. `prepare` is run once in the template, for all workers forked
    afterwards.
    """

    def __init__(self, work: Callable[[bytes], bytes], prepare: Callable[[], None]):
        self._control, theirs = socket.socketpair()
        context = multiprocessing.get_context("fork")
        context.Process(target=_template, args=(theirs, self._control, work, prepare), daemon=True).start()
        theirs.close()

    def prepare(self) -> None:
        """Let the template load what the first callers would otherwise wait for; returns at once."""
        self._control.send(PREPARE)

    def fork(self) -> "Worker":
        """Return a new worker; its calls wait until it is ready."""
        ours, theirs = socket.socketpair()
        socket.send_fds(self._control, [FORK], [theirs.fileno()])
        theirs.close()
        return Worker(ours)


class Worker:
    """One worker process, seen from the server."""

    def __init__(self, own: socket.socket):
        self._socket = own
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None  # until its first call
        self._process = 0
        self.ended = False

    async def call(self, content: bytes, seconds: float) -> bytes:
        """Return the worker's answer. Raises TooLong or WorkerLost; the worker has then `ended`."""
        try:
            reader, writer = self._streams or await asyncio.open_connection(sock=self._socket)
            self._streams = reader, writer
            if not self._process:
                self._process = int.from_bytes(await self._read(reader), "big")
            writer.write(_SIZE.pack(len(content), False) + content)
            return await asyncio.wait_for(self._read(reader), seconds)
        except asyncio.TimeoutError as fault:  # a kind of OSError since Python 3.11
            self.end()
            raise TooLong from fault
        except (OSError, asyncio.IncompleteReadError) as fault:
            self.end()
            raise WorkerLost from fault
        except asyncio.CancelledError:
            self.end()
            raise

    async def _read(self, reader: asyncio.StreamReader) -> bytes:
        size, last = _SIZE.unpack(await reader.readexactly(_SIZE.size))
        content = await reader.readexactly(size)
        if last:
            self.end()
        return content

    def end(self) -> None:
        """Kill the process, whatever it is doing."""
        self.ended = True
        if self._streams:
            self._streams[1].close()
        if self._process:
            with suppress(ProcessLookupError):
                os.kill(self._process, signal.SIGKILL)


def _template(control: socket.socket, servers: socket.socket, work: Callable, prepare: Callable) -> NoReturn:
    servers.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server ends its workers
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # ended workers leave no zombies
    torch.set_num_threads(1)  # a fork would lose the other threads
    while True:
        message, files = b"", []
        with suppress(OSError):
            message, files, *_ = socket.recv_fds(control, 1, 1)
        if not message:  # the server has ended
            os._exit(0)
        if message == PREPARE:
            prepare()
        elif os.fork():
            os.close(files[0])
        else:
            control.close()
            with socket.socket(fileno=files[0]) as own, own.makefile("rwb") as stream:
                _serve(own, stream, work)
            os._exit(0)


def _serve(own: socket.socket, stream: BinaryIO, work: Callable[[bytes], bytes]) -> None:
    def send(content: bytes, last: bool = False) -> None:
        stream.write(_SIZE.pack(len(content), last) + content)
        stream.flush()

    most = _peak_megabytes() + MOST_GROWTH
    with suppress(ConnectionError):  # the server has ended
        send(os.getpid().to_bytes(8, "big"))
        while True:
            if not select.select([own], [], [], IDLE)[0]:
                give_back_memory()
            if not (head := stream.read(_SIZE.size)):
                return
            answer = work(stream.read(_SIZE.unpack(head)[0]))
            send(answer, _peak_megabytes() > most)


def _peak_megabytes() -> float:
    """Return the largest resident memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
