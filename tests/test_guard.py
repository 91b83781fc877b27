"""The door: what comes in, how large and how often, tested on a stand-in for Gradio."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import httpx
import pytest

from demo.serving.guard import GRADIO, Guard
from demo.serving.limits import Limits


async def gradio(scope, receive, send) -> None:
    """Answers with how many bytes came, or fails where it is asked to."""
    if scope["path"].endswith("/fail"):
        raise KeyError("unknown")
    body = (await receive())["body"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(len(body)).encode()})


def ask(guard: Guard, method: str, path: str, visitor: str = "1.2.3.4", times: int = 1, **options) -> httpx.Response:
    """The last of so many answers."""

    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(guard, client=(visitor, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            for _ in range(times):
                answer = await client.request(method, path, **options)
            return answer

    with ThreadPoolExecutor(1) as thread:  # the main one has Playwright's event loop
        return thread.submit(asyncio.run, asked()).result()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/config"),
        ("GET", "/assets/index.js"),
        ("GET", f"{GRADIO}/info"),
        ("GET", f"{GRADIO}/call/classify/123"),
        ("POST", f"{GRADIO}/call/classify"),
        ("POST", f"{GRADIO}/component_server"),
        ("POST", f"{GRADIO}/queue/join"),
    ],
)
def test_what_the_page_and_programs_need_comes_in(method, path):
    assert ask(Guard(gradio), method, path).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/docs"),
        ("GET", "/monitoring"),
        ("GET", "/login_check"),
        ("POST", "/login"),
        ("GET", f"{GRADIO}/file=/etc/passwd"),
        ("GET", f"{GRADIO}/proxy=http://example.org"),
        ("GET", f"{GRADIO}/runs"),
        ("POST", f"{GRADIO}/stream/1"),
        ("POST", f"{GRADIO}/process_recording"),
        ("POST", f"{GRADIO}/vibe-edit"),
        ("POST", "/"),
        ("POST", f"{GRADIO}/upload"),
        ("GET", f"{GRADIO}/upload_progress"),
    ],
)
def test_nothing_else_of_gradio_is_reached(method, path, capsys):
    answer = ask(Guard(gradio), method, path)
    assert answer.status_code == 404
    assert answer.json()["detail"] == "There is nothing here; the page is at / and its API at /gradio_api/info."
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["status"], line["path"]) == ("refused", 404, path)


def test_other_methods_are_refused():
    assert ask(Guard(gradio), "PUT", "/").status_code == 405


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_that_is_too_large_is_refused_whether_it_says_so_or_not(declared):
    async def stream():
        for _ in range(11):
            yield b"x" * 100

    guard = Guard(gradio, Limits(body_bytes=1000))
    content = b"x" * 1001 if declared else stream()
    answer = ask(guard, "POST", f"{GRADIO}/component_server/", content=content)
    assert answer.status_code == 413
    assert answer.json()["detail"] == "A request may have at most 1,000 bytes."


def test_a_body_as_large_as_may_be_arrives_whole():
    guard = Guard(gradio, Limits(body_bytes=1000))
    assert ask(guard, "POST", f"{GRADIO}/component_server/", content=b"x" * 1000).text == "1000"


def test_a_body_that_takes_too_long_is_refused_and_its_connection_ends():
    async def drip():
        while True:
            yield b"x"
            await asyncio.sleep(0.01)

    answer = ask(Guard(gradio, Limits(request_seconds=1)), "POST", f"{GRADIO}/component_server/", content=drip())
    assert answer.status_code == 408
    assert answer.headers["connection"] == "close"
    assert answer.json()["detail"] == "A request must come whole within 1 s."


def test_a_visitor_who_asks_too_often_waits_and_others_do_not(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("demo.serving.guard.time", SimpleNamespace(monotonic=lambda: now[0]))
    guard = Guard(gradio, Limits(requests_per_second=2, requests_at_once=4))
    assert ask(guard, "GET", "/config", times=4).status_code == 200
    refused = ask(guard, "GET", "/config")
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "1"
    assert refused.json()["detail"] == "More than 2 requests a second came from you; wait a moment."
    assert ask(guard, "GET", "/config", visitor="1.2.3.5").status_code == 200
    now[0] = 1.0
    assert ask(guard, "GET", "/config", times=2).status_code == 200
    assert ask(guard, "GET", "/config").status_code == 429


def test_refusals_in_a_row_are_one_line_in_the_log(capsys):
    guard = Guard(gradio, Limits(requests_per_second=1, requests_at_once=1))
    assert ask(guard, "GET", "/config", times=20).status_code == 429
    assert capsys.readouterr().err.count("\n") == 1


def test_the_pages_own_files_are_not_counted():
    guard = Guard(gradio, Limits(requests_per_second=1, requests_at_once=1))
    assert ask(guard, "GET", "/assets/index.js", times=20).status_code == 200


def test_a_household_of_ipv6_is_one_visitor():
    guard = Guard(gradio, Limits(requests_per_second=1, requests_at_once=1))
    assert ask(guard, "GET", "/config", visitor="2001:db8::1").status_code == 200
    assert ask(guard, "GET", "/config", visitor="2001:db8::2").status_code == 429
    assert ask(guard, "GET", "/config", visitor="2001:db8:0:1::1").status_code == 200


def test_other_sites_pages_may_not_use_what_runs_on_this_machine():
    for origin, status in (("https://example.org", 403), ("null", 403), ("http://localhost:5000", 200)):
        headers = {"origin": origin}
        assert ask(Guard(gradio), "POST", f"{GRADIO}/queue/join", headers=headers).status_code == status


def test_on_a_public_host_any_site_may_use_the_api():
    headers = {"origin": "https://example.org", "host": "digits.example"}
    assert ask(Guard(gradio), "POST", f"{GRADIO}/call/classify", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "content", ["{", "[" * 100_000, '{"session_hash": 7}', "[]", '{"session_hash": "%s"}' % ("x" * 65)]
)
def test_an_event_that_gradio_would_choke_on_or_keep_is_refused(content):
    answer = ask(Guard(gradio), "POST", f"{GRADIO}/queue/join", content=content)
    assert answer.status_code == 400


def test_no_request_makes_the_server_fetch_a_file_from_elsewhere():
    file = {"path": "https://example.org/x", "meta": {"_type": "gradio.FileData"}}
    for data, status in (([[[file]]], 400), ([{"a": {**file, "path": "/tmp/gradio/x"}}], 200)):
        assert ask(Guard(gradio), "POST", f"{GRADIO}/run/predict", json={"data": data}).status_code == status


def test_a_fault_is_one_sentence_for_the_client_and_one_line_for_the_log(capsys):
    answer = ask(Guard(gradio), "POST", f"{GRADIO}/run/fail")
    assert answer.status_code == 500
    assert answer.json()["error"] == "The server could not make sense of this request."
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["fault"]) == ("fault", "KeyError")


def test_a_prefix_of_a_proxy_is_not_part_of_the_path():
    scope_of = Guard(gradio)

    async def mounted(scope, receive, send):
        await scope_of({**scope, "root_path": "/digits"}, receive, send)

    assert ask(mounted, "GET", "/digits/config").status_code == 200
    assert ask(mounted, "GET", "/config").status_code == 200
    assert ask(mounted, "GET", "/digits/docs").status_code == 404
