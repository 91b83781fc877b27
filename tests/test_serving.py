"""The running app and its environment: proxies, hosts, headers, and a classroom of visitors."""

import asyncio
import json
import resource
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from benchmarks.serving import Server, Visitor
from tests.conftest import running_app
from visitor.drawings import a_drawing, a_stroke

pytestmark = pytest.mark.slow  # each starts a program


class Refusing(BaseHTTPRequestHandler):
    """A proxy that answers every request with 503."""

    def do_GET(self) -> None:
        self.send_error(503)

    do_HEAD = do_POST = do_CONNECT = do_GET

    def log_message(self, format: str, *values: object) -> None:
        pass


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """The app with proxies that refuse or don't exist, and with server-side rendering set as on a Space."""
    log = tmp_path_factory.mktemp("app") / "output.txt"
    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        proxies = {"http_proxy": f"http://127.0.0.1:{proxy.server_port}", "https_proxy": "http://127.0.0.1:9"}
        settings = {**proxies, "ALL_PROXY": "socks5://127.0.0.1:9", "GRADIO_SSR_MODE": "true"}
        with running_app(log, "--mcp", **settings) as (url, process):
            yield Server(url, process), log
        proxy.shutdown()


def test_it_starts_behind_broken_proxies_and_without_server_side_rendering(app):
    server, log = app
    assert httpx.get(f"{server.url}/health").json() == {"status": "ok"}
    assert httpx.get(f"{server.url}/unknown").status_code == 404
    assert "Traceback" not in log.read_text()


def test_the_page_forbids_frames_and_other_hosts(app):
    policy = httpx.get(app[0].url).headers["content-security-policy"]
    assert "frame-ancestors 'self'" in policy
    assert "://" not in policy


def test_agents_can_not_make_the_server_fetch_a_file(app):
    file = {"path": "http://127.0.0.1:9/x", "url": "http://127.0.0.1:9/x", "meta": {"_type": "gradio.FileData"}}
    tool = {"name": "classify", "arguments": {"drawing": file}}
    answer = httpx.post(
        f"{app[0].url}/gradio_api/mcp/", json={"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": tool}
    )
    assert answer.status_code == 400
    assert answer.json()["error"] == "A file can't be handed over by its path or address here."


def test_a_forged_host_is_not_served_to_others(app):
    headers = {"x-forwarded-host": "evil.example"}
    for _ in range(2):
        assert "evil.example" not in httpx.get(f"{app[0].url}/gradio_api/info", headers=headers).text
        assert "evil.example" not in httpx.get(f"{app[0].url}/gradio_api/info").text


def test_hostile_values_leave_no_traceback_in_the_log(app):
    server, log = app
    for value in ({"data": [1]}, {"data": "x"}, {"fn_index": 10**6, "data": []}, {"data": [None] * 99}, {}):
        for path in ("run/predict", "run/classify", "call/classify", "call/v2/explain", "queue/join"):
            answer = httpx.post(f"{server.url}/gradio_api/{path}", json=value)
            assert answer.status_code < 500, (path, value)
    assert "Traceback" not in log.read_text()


def test_an_invalid_raw_request_is_answered_with_a_sentence(app):
    server, _ = app
    answer = httpx.post(f"{server.url}/lenet/networks/file", json={"id": "guessed", "kind": "onnx"})
    assert answer.json() == {"error": "There are no shipped weights with this id; send the content of your own."}


def test_the_server_works_with_a_full_temporary_folder(app):
    """With this limit, the server can't write to any file."""
    server, _ = app
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    try:
        uploaded = httpx.post(f"{server.url}/gradio_api/upload", files={"files": b"x" * 1_500_000})
    finally:
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert len(uploaded.json()[0]) > 1_500_000


def test_a_classroom_behind_one_address_is_served(app):
    """Thirty draw, five teach and five open explanations, all at once; nobody is refused."""
    server, _ = app
    drawing, address = a_drawing(a_stroke()), "127.5.0.1"

    async def draw(number: int) -> None:
        pupil = Visitor(server, number, address=address)
        for moves in range(5):
            assert "error" not in await pupil.draw(20 + moves)
            await asyncio.sleep(0.5)
        pupil.leave()

    async def explain(number: int) -> None:
        pupil = Visitor(server, number, address=address)
        for _ in range(2):
            assert "error" not in await pupil.call("/lenet/trace/explain", {"drawing": drawing, "weights": ""})
        pupil.leave()

    async def teach(number: int) -> None:
        """Wait for the end of at most two runs; for the others, which would take half a minute, being queued is
        enough."""
        body = {"examples": [{"drawing": drawing, "digit": 7}] * 3, "drawing": drawing, "weights": ""}
        transport = httpx.AsyncHTTPTransport(local_address=address)
        async with (
            httpx.AsyncClient(transport=transport, timeout=300) as pupil,
            pupil.stream("POST", f"{server.url}/lenet/progress/train", json=body) as answer,
        ):
            async for line in answer.aiter_lines():
                last = json.loads(line)
                if number and last["state"] == "waiting":
                    return
        assert last["state"] == "choice", last

    async def lesson() -> None:
        await asyncio.gather(*map(draw, range(30)), *map(explain, range(30, 35)), *map(teach, range(5)))

    with ThreadPoolExecutor(1) as thread:  # the main one has Playwright's event loop
        thread.submit(asyncio.run, lesson()).result()
