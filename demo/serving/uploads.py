"""Pictures in calls of the API: files uploaded by gradio_client, or data URLs.

Nothing is stored: an upload is answered with its content as a data URL, which the client then sends as the file's path.
"""

import base64
import io
from typing import Any
from urllib.parse import unquote_to_bytes

import numpy as np
import orjson
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartParser
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from demo.serving.limits import LIMITS, Limits
from demo.serving.refused import parsed
from lenet.errors import InputError
from lenet.reading.picture import open_picture

UPLOAD = "/gradio_api/upload"
# Marks a file in a value, which Gradio would fetch from its address or read from its path.
FILE_MARK = b"gradio.FileData"
DATA_URL = "data:"
# Uploads stay in memory, so that they need no temporary folder.
MultiPartParser.spool_max_size = LIMITS.body_bytes


def route() -> Route:
    """Return the route to which gradio_client uploads files; it replaces Gradio's own."""
    return Route(UPLOAD, _upload, methods=["POST"])


async def _upload(request: Request) -> JSONResponse:
    async with request.form(max_files=1, max_fields=1) as form:
        files = [await value.read() for value in form.values() if isinstance(value, UploadFile)]
    return JSONResponse([f"{DATA_URL};base64,{base64.b64encode(content).decode()}" for content in files])


def without_files(content: bytes, limits: Limits) -> bytes:
    """Replace uploaded files in a call's JSON by their data URLs. Raises Refused."""
    if FILE_MARK not in content or DATA_URL.encode() not in content:
        return content
    call = parsed(content, limits)
    if isinstance(call, dict) and isinstance(call.get("data"), list):
        call["data"] = [_url(value) or value for value in call["data"]]
    return orjson.dumps(call)


def _url(value: Any) -> str | None:
    """Return the data URL in an uploaded file's path; None for other values."""
    path = value.get("path") if isinstance(value, dict) else None
    return path if isinstance(path, str) and path.startswith(DATA_URL) else None


def picture_in(value: Any) -> np.ndarray | None:
    """Return the ink, (H, W) uint8, of a picture in a data URL; None for other values. Raises InputError."""
    if not (isinstance(value, str) and value.startswith(DATA_URL)):
        return None
    head, comma, text = value.partition(",")
    try:
        content = base64.b64decode(text, validate=True) if head.endswith(";base64") else unquote_to_bytes(text)
    except ValueError:
        comma = ""
    if not comma:
        raise InputError("The data URL is not whole; data:image/png;base64,... is how a picture is sent as one.")
    return open_picture(io.BytesIO(content))
