"""Gradio's own files are compressed once."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import brotli
import httpx

from demo.serving.files import Files

TEXT = b"a script " * 1000


def fetch(*requests: dict) -> tuple[list[httpx.Response], list[str]]:
    """Return the answers to requests, one after another, and the files read for them."""
    reads = []

    async def app(scope, receive, send):
        reads.append(scope["path"])
        content_type = b"text/javascript" if scope["path"].endswith(".js") else b"font/woff2"
        status = 404 if "none" in scope["path"] else 200
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", content_type)]})
        await send({"type": "http.response.body", "body": TEXT[:5], "more_body": True})
        await send({"type": "http.response.body", "body": TEXT[5:]})

    async def fetch_all():
        async with httpx.AsyncClient(transport=httpx.ASGITransport(Files(app)), base_url="http://localhost") as client:
            return [await client.get(**request) for request in requests]

    with ThreadPoolExecutor(1) as thread:  # the main one has Playwright's event loop
        return thread.submit(asyncio.run, fetch_all()).result(), reads


def test_a_file_is_read_and_compressed_once_and_arrives_whole():
    answers, reads = fetch(*[{"url": "/assets/a.js", "headers": {"accept-encoding": "br"}}] * 3)
    assert all(answer.content == TEXT and answer.headers["content-encoding"] == "br" for answer in answers)
    assert int(answers[0].headers["content-length"]) == len(brotli.compress(TEXT, quality=5))
    assert reads == ["/assets/a.js"]


def test_missing_files_and_those_not_worth_compressing_are_passed_on():
    paths = ("/assets/a.woff2", "/assets/none.js")
    answers, reads = fetch(*({"url": path, "headers": {"accept-encoding": "br"}} for path in paths for _ in range(2)))
    assert [answer.status_code for answer in answers] == [200, 200, 404, 404]
    assert all(answer.content == TEXT and "content-encoding" not in answer.headers for answer in answers)
    assert len(reads) == 4


def test_a_client_that_accepts_no_compression_gets_the_file_uncompressed():
    (answer,), _ = fetch({"url": "/assets/a.js", "headers": {"accept-encoding": "identity"}})
    assert answer.content == TEXT
    assert "content-encoding" not in answer.headers
