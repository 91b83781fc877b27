"""The exception for refused requests, and the parser of requests' JSON."""

from typing import Any

import orjson

from demo.serving.limits import Limits

OUR_FAULT = "The server could not make sense of this request."
BROKEN_OFF = "The request broke off."
Headers = tuple[tuple[bytes, bytes], ...]
LAST: Headers = ((b"connection", b"close"),)  # close the connection after this answer


class Refused(Exception):
    """A refused request with its HTTP status; the message is a sentence for the user."""

    def __init__(self, status: int, sentence: str, headers: Headers = ()):
        super().__init__(sentence)
        self.status, self.headers = status, headers


def parsed(content: bytes, limits: Limits) -> Any:
    """Parse a request's JSON. Raises Refused if it is not JSON or has too many values."""
    # Each value except the first follows one of these marks; counting them is much faster than parsing.
    values = sum(content.count(mark) for mark in (b",", b"[", b"{"))
    if values > limits.request_values:
        raise Refused(413, f"A request may hold at most {limits.request_values:,} values.")
    try:
        return orjson.loads(content or b"null")
    except ValueError as fault:
        raise Refused(400, "The request is not JSON, or nested too deeply.") from fault
