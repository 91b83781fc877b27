"""The guard, in front of a stand-in for Gradio."""

import asyncio
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import httpx
import orjson
import pytest

from demo.serving.guard import GRADIO, Guard
from demo.serving.limits import Limits
from demo.serving.log import MOST_A_MINUTE
from demo.serving.refused import OUR_FAULT
from demo.serving.server import LOCAL, known_hosts

CALL = "/lenet/pad/read"


@pytest.fixture(autouse=True)
def empty_log(monkeypatch):
    monkeypatch.setattr("demo.serving.log._written", Counter())


async def gradio(scope, receive, send) -> None:
    """Answers with the number of bytes received, or fails on request."""
    if scope["path"].endswith("/fail"):
        raise KeyError("unknown")
    body = (await receive())["body"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(len(body)).encode()})


def fetch(guard: Guard, method: str, path: str, visitor: str = "1.2.3.4", times: int = 1, **options) -> httpx.Response:
    """Send a request this many times; return the last answer."""

    async def fetch_all() -> httpx.Response:
        transport = httpx.ASGITransport(guard, client=(visitor, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            for _ in range(times):
                answer = await client.request(method, path, **options)
            return answer

    with ThreadPoolExecutor(1) as thread:  # the main one has Playwright's event loop
        return thread.submit(asyncio.run, fetch_all()).result()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/config"),
        ("GET", "/assets/index.js"),
        ("GET", f"{GRADIO}/info"),
        ("GET", f"{GRADIO}/call/classify/123"),
        ("POST", f"{GRADIO}/call/classify"),
        ("POST", "/lenet/pad/read"),
        ("POST", f"{GRADIO}/queue/join"),
    ],
)
def test_requests_of_the_page_and_of_programs_are_let_in(method, path):
    assert fetch(Guard(gradio), method, path).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/docs"),
        ("GET", "/assets/PlotlyPlot-D9Pvz5DK.js"),
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
        ("POST", f"{GRADIO}/component_server"),
        ("GET", f"{GRADIO}/upload_progress"),
    ],
)
def test_other_paths_of_gradio_are_refused(method, path, capsys):
    answer = fetch(Guard(gradio), method, path)
    assert answer.status_code == 404
    assert answer.json()["detail"] == "There is nothing here; the page is at / and its API at /gradio_api/info."
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["status"]) == ("refused", 404)
    assert set(line) == {"time", "event", "status", "reason"}


def test_other_methods_are_refused():
    assert fetch(Guard(gradio), "PUT", "/").status_code == 405


def test_a_body_declared_too_large_is_refused_before_it_arrives():
    guard = Guard(gradio, Limits(body_bytes=1000))
    answer = fetch(guard, "POST", CALL, content=b"x" * 1001)
    assert answer.status_code == 413
    assert answer.headers["connection"] == "close"
    assert answer.json()["detail"] == "A request may have at most 1,000 bytes."


def test_the_largest_allowed_body_arrives_complete():
    guard = Guard(gradio, Limits(body_bytes=1000))
    assert fetch(guard, "POST", CALL, content=b"x" * 1000).text == "1000"


def test_a_chunked_body_is_refused_and_its_connection_closed():
    async def chunks():
        yield b"x"

    answer = fetch(Guard(gradio), "POST", CALL, content=chunks())
    assert answer.status_code == 411
    assert answer.headers["connection"] == "close"
    assert answer.json()["detail"] == "A request must declare its length."


def test_a_slow_body_is_refused_and_its_connection_closed():
    async def drip():
        while True:
            yield b"x"
            await asyncio.sleep(0.01)

    headers = {"content-length": "1000"}
    answer = fetch(Guard(gradio, Limits(request_seconds=1)), "POST", CALL, content=drip(), headers=headers)
    assert answer.status_code == 408
    assert answer.headers["connection"] == "close"
    assert answer.json()["detail"] == "A request must come whole within 1 s."


def test_the_rate_limit_of_a_visitor_does_not_affect_others(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("demo.serving.budgets.time", SimpleNamespace(monotonic=lambda: now[0]))
    guard = Guard(gradio, Limits(requests_per_second=2, requests_at_once=4))
    assert fetch(guard, "GET", "/config", times=4).status_code == 200
    refused = fetch(guard, "GET", "/config")
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "1"
    assert refused.json()["detail"] == "More than 2 requests a second came from you; wait a moment."
    assert fetch(guard, "GET", "/config", visitor="1.2.3.5").status_code == 200
    now[0] = 1.0
    assert fetch(guard, "GET", "/config", times=2).status_code == 200
    assert fetch(guard, "GET", "/config").status_code == 429


def test_a_large_request_counts_as_several(monkeypatch):
    monkeypatch.setattr("demo.serving.budgets.time", SimpleNamespace(monotonic=lambda: 0.0))
    guard = Guard(gradio, Limits(requests_at_once=100))
    body = b"x" * 1_000_000
    assert fetch(guard, "POST", CALL, content=body).status_code == 200
    assert fetch(guard, "POST", CALL, content=body).status_code == 429
    assert fetch(guard, "POST", CALL, content=b"x").status_code == 200


def test_ten_of_the_pages_own_files_count_as_one_request(monkeypatch):
    monkeypatch.setattr("demo.serving.budgets.time", SimpleNamespace(monotonic=lambda: 0.0))
    guard = Guard(gradio, Limits(requests_at_once=2))
    assert fetch(guard, "GET", "/assets/index.js", times=19).status_code == 200
    assert fetch(guard, "GET", "/assets/index.js", times=3).status_code == 429


def test_many_refusals_write_few_lines_into_the_log(capsys):
    assert fetch(Guard(gradio), "GET", "/nothing", times=200).status_code == 404
    assert capsys.readouterr().err.count("\n") <= MOST_A_MINUTE + 1


def test_a_visitor_has_a_limit_of_open_requests_and_others_are_not_affected():
    busy = asyncio.Event()

    async def slow(scope, receive, send):
        if scope["path"].endswith("/slow"):
            await busy.wait()
        await gradio(scope, receive, send)

    guard = Guard(slow, Limits(open_requests_each=2, open_bytes_each=1000, open_bytes=1500))

    async def scenario():
        busy.clear()

        async def post(visitor, path, size=1):
            transport = httpx.ASGITransport(guard, client=(visitor, 1))
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                return await client.post(path, content=b"x" * size)

        waiting = [asyncio.create_task(post("1.2.3.4", "/lenet/slow", 400)) for _ in range(2)]
        await asyncio.sleep(0)
        while guard._budgets._bytes < 800:
            await asyncio.sleep(0.01)
        refused = await post("1.2.3.4", CALL)
        assert refused.status_code == 503
        assert refused.json()["error"] == "Too many of your requests are under way; wait until some are answered."
        assert (await post("1.2.3.5", CALL, 600)).status_code == 200
        full = await post("1.2.3.5", CALL, 900)
        assert full.status_code == 503
        assert full.json()["error"].startswith("The server has too much to answer at the moment")
        busy.set()
        assert [(await each).status_code for each in waiting] == [200, 200]
        assert (await post("1.2.3.4", CALL)).status_code == 200

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, scenario()).result()


def test_a_household_of_ipv6_is_one_visitor():
    guard = Guard(gradio, Limits(requests_per_second=1, requests_at_once=1))
    assert fetch(guard, "GET", "/config", visitor="2001:db8::1").status_code == 200
    assert fetch(guard, "GET", "/config", visitor="2001:db8::2").status_code == 429
    assert fetch(guard, "GET", "/config", visitor="2001:db8:0:1::1").status_code == 200


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("localhost:7860", None, 200),
        ("127.0.0.1", "http://localhost:5000", 200),
        ("[::1]:7860", "http://[::1]:7860", 200),
        ("digits.home", "http://digits.home", 200),
        ("localhost", "https://example.org", 403),
        ("localhost", "null", 403),
        ("rebound.example", None, 403),
        ("foo.localhost", None, 403),
        ("localhost.", None, 403),
        ("[::ffff:127.0.0.1]", None, 403),
        ("127.0.0.1", "http://foo.localhost", 403),
    ],
)
@pytest.mark.parametrize("path", [f"{GRADIO}/queue/join", f"{GRADIO}/mcp/", "/lenet/pad/read"])
def test_an_app_on_ones_own_machine_answers_only_to_known_hosts_and_origins(path, host, origin, status):
    guard = Guard(gradio, hosts={*LOCAL, "digits.home"})
    headers = {"host": host} | ({"origin": origin} if origin else {})
    assert fetch(guard, "POST", path, json={}, headers=headers).status_code == status


def test_a_public_app_answers_to_any_host_and_origin():
    headers = {"origin": "https://example.org", "host": "digits.example"}
    assert fetch(Guard(gradio), "POST", f"{GRADIO}/call/classify", json={}, headers=headers).status_code == 200


def test_the_host_names_are_limited_if_the_app_only_listens_locally():
    assert known_hosts("127.0.0.1", ["Digits.home"]) == {*LOCAL, "digits.home"}
    assert known_hosts("[::1]", []) == LOCAL
    assert known_hosts("localhost", []) == LOCAL
    assert known_hosts("0.0.0.0", []) is None


async def echo_headers(scope, receive, send) -> None:
    """Answers with the forwarding headers that it receives."""
    headers = {name.decode(): value.decode() for name, value in scope["headers"] if name.startswith(b"x-forwarded")}
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps(headers).encode()})


def test_a_forwarded_host_is_only_accepted_from_trusted_proxies():
    headers = {"x-forwarded-host": "evil.example"}
    assert fetch(Guard(echo_headers), "GET", f"{GRADIO}/info", headers=headers).json() == {}
    assert fetch(Guard(echo_headers, trusts_proxy=True), "GET", f"{GRADIO}/info", headers=headers).json() == headers


def test_the_description_of_the_api_is_not_cached():
    refreshes = []
    guard = Guard(gradio, refresh=lambda: refreshes.append(1))
    for path in (f"{GRADIO}/info", f"{GRADIO}/openapi.json", "/config"):
        fetch(guard, "GET", path)
    assert len(refreshes) == 2


def test_gradios_own_requests_for_an_agent_count_for_the_agent():
    headers = {"x-forwarded-for": "9.9.9.9"}
    answer = fetch(Guard(echo_headers), "POST", f"{GRADIO}/mcp/", json={}, headers=headers, visitor="1.2.3.4")
    assert answer.json() == {"x-forwarded-for": "1.2.3.4"}


def test_every_answer_says_what_the_page_may_load_and_who_may_show_it():
    local, public = fetch(Guard(gradio, hosts=LOCAL), "GET", "/"), fetch(Guard(gradio), "GET", "/nothing")
    for answer in (local, public):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'self';" in answer.headers["content-security-policy"]
        assert "http" not in answer.headers["content-security-policy"]
    assert "frame-ancestors 'self'" in local.headers["content-security-policy"]
    assert "frame-ancestors" not in public.headers["content-security-policy"]


def test_there_are_no_websockets():
    async def connect():
        sent = []
        await Guard(gradio)({"type": "websocket", "path": "/"}, None, lambda message: collect(sent, message))
        return sent

    async def collect(sent, message):
        sent.append(message)

    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(asyncio.run, connect()).result() == [{"type": "websocket.close"}]


@pytest.mark.parametrize(
    "content", ["{", "[" * 100_000, '{"session_hash": 7}', "[]", '{"session_hash": "%s"}' % ("x" * 65)]
)
def test_an_event_that_gradio_would_fail_at_or_store_is_refused(content):
    answer = fetch(Guard(gradio), "POST", f"{GRADIO}/queue/join", content=content)
    assert answer.status_code == 400


@pytest.mark.parametrize("path", [f"{GRADIO}/run/predict", f"{GRADIO}/call/v2/classify", f"{GRADIO}/mcp/"])
@pytest.mark.parametrize("mark", ['"gradio.FileData"', '"gradio.\\u0046ileData"'])
def test_no_request_makes_the_server_read_or_fetch_a_file(path, mark):
    file = '{"data": [[{"path": "https://example.org/x", "meta": {"_type": MARK}}]]}'.replace("MARK", mark)
    assert fetch(Guard(gradio), "POST", path, content=file).status_code == 400
    assert fetch(Guard(gradio), "POST", path, content='{"data": ["\\u0046ileData"]}').status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "times"),
    [
        ('{"path":' * 900 + "1" + "}" * 900, 200, 1),
        ('{"path":' * 200 + '"\\u0041"' + "}" * 200, 200, 2),  # written too, because of the escape
        ("[" + "[]," * 70_000 + "[]]", 200, 1),
        ("[" + "[]," * 140_000 + "[]]", 413, 0),
    ],
    ids=["nested", "with an escape", "crowded", "too crowded"],
)
def test_a_nested_or_crowded_body_is_parsed_and_written_at_most_once(body, status, times, monkeypatch):
    """Once every value was converted to text for each level above it: 25 s for 400 kB."""
    sizes = []

    def loads(content: bytes) -> object:
        sizes.append(len(content))
        return orjson.loads(content)

    def dumps(value: object) -> bytes:
        text = orjson.dumps(value)
        sizes.append(len(text))
        return text

    content = '{"data": ' + body + "}"
    for module in ("guard", "refused", "uploads"):
        monkeypatch.setattr(f"demo.serving.{module}.orjson", SimpleNamespace(loads=loads, dumps=dumps))
    assert fetch(Guard(gradio), "POST", f"{GRADIO}/run/predict", content=content).status_code == status
    sentences = 200  # bytes of the answer to a refused request
    assert sum(sizes) <= times * len(content) + sentences


def test_a_request_whose_sender_has_disconnected_does_not_reach_gradio():
    paths, statuses = [], []

    async def app(scope, receive, send):
        paths.append(scope["path"])

    async def record(message):
        statuses.append(message.get("status"))

    async def post(path):
        messages = [{"type": "http.request", "body": b"{}"}, {"type": "http.disconnect"}]
        scope = {"type": "http", "method": "POST", "path": path, "headers": [], "query_string": b""}

        async def receive():
            return messages.pop(0)

        await Guard(app)(scope, receive, record)

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, post(f"{GRADIO}/run/classify")).result()
    assert not paths
    assert statuses[0] == 400


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b'{"error": "A sentence of ours."}', "A sentence of ours."), (b'{"error": null}', OUR_FAULT)],
)
def test_a_request_that_gradio_fails_at_is_answered_with_400(content, sentence):
    async def failing(scope, receive, send):
        await send({"type": "http.response.start", "status": 500, "headers": []})
        await send({"type": "http.response.body", "body": content})

    answer = fetch(Guard(failing), "POST", f"{GRADIO}/run/predict", json={})
    assert (answer.status_code, answer.json()["error"]) == (400, sentence)


def test_an_unexpected_error_is_one_sentence_for_the_client_and_one_line_in_the_log(capsys):
    for path, status in ((f"{GRADIO}/run/fail", 400), ("/lenet/fail", 500)):
        answer = fetch(Guard(gradio), "POST", path, json={})
        assert answer.status_code == status
        assert answer.json()["error"] == OUR_FAULT
        line = json.loads(capsys.readouterr().err)
        assert (line["event"], line["fault"]) == ("fault", "KeyError")


def test_a_proxys_prefix_is_not_part_of_the_path():
    guard = Guard(gradio)

    async def mounted(scope, receive, send):
        await guard({**scope, "root_path": "/digits"}, receive, send)

    assert fetch(mounted, "GET", "/digits/config").status_code == 200
    assert fetch(mounted, "GET", "/config").status_code == 200
    assert fetch(mounted, "GET", "/digits/docs").status_code == 404
