"""Who holds a connection and asks for nothing is hung up on: uvicorn itself waits for a request's head for ever."""

import asyncio
from typing import Any


def impatient(protocol: type[asyncio.Protocol], seconds: float) -> type[asyncio.Protocol]:
    """uvicorn's `protocol`, with connections that end once no request came and none was answered for so long.

    Each is looked at every so many seconds, so that it may last for up to twice as long.
    """

    class Impatient(protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:
            super().connection_made(transport)
            self._idle_after: Any = None  # the request, in uvicorn's words the cycle, after which it was found idle
            self._look_later()

        def connection_lost(self, fault: Exception | None) -> None:
            self._next_look.cancel()
            super().connection_lost(fault)

        def _look_later(self) -> None:
            self._next_look = asyncio.get_running_loop().call_later(seconds, self._look)

        def _look(self) -> None:
            answering = self.cycle is not None and not self.cycle.response_complete
            if not answering and self.cycle is self._idle_after:
                self.transport.abort()
            else:
                self._idle_after = self if answering else self.cycle
                self._look_later()

    return Impatient
