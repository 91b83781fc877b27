"""Refused requests, and which JSON is not parsed."""

from typing import Any

import orjson

from demo.serving.limits import Limits

OUR_FAULT = "The server could not make sense of this request."
BROKEN_OFF = "The request broke off."
Headers = tuple[tuple[bytes, bytes], ...]
LAST: Headers = ((b"connection", b"close"),)  # the connection ends with this answer


class Refused(Exception):
    """A request that is not answered, with its HTTP status; the message is one sentence for people."""

    def __init__(self, status: int, sentence: str, headers: Headers = ()):
        super().__init__(sentence)
        self.status, self.headers = status, headers


def parsed(content: bytes, limits: Limits) -> Any:
    """The value in a request's JSON. Raises Refused where it is not JSON or holds too many values."""
    # Each value but the first follows one of these; counting them costs far less than reading them.
    values = sum(content.count(mark) for mark in (b",", b"[", b"{"))
    if values > limits.request_values:
        raise Refused(413, f"A request may hold at most {limits.request_values:,} values.")
    try:
        return orjson.loads(content or b"null")
    except ValueError as fault:
        raise Refused(400, "The request is not JSON, or nested too deeply.") from fault
