"""Hosting as in docs/hosting.md: two replicas behind nginx, one of them under a path and open to agents.

One additional replica serves all tests; its shutdown is tested last.
"""

import ast
import asyncio
import json
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from gradio_client import Client
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

from lenet.reading.answer import answer, prepare_drawing
from tests.conftest import ROOT, SECONDS_TO_WAIT, free_port, running_app, wait_until
from visitor.drawings import a_drawing, a_stroke
from visitor.hand import SEVEN, draw, expect_digit

pytestmark = pytest.mark.slow  # each starts a program

TRANSFERRED = """
() => ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind))
  .reduce((sum, { transferSize }) => sum + transferSize, 0)
"""
SEVEN_DRAWN = a_drawing(a_stroke())


# Python runs this first: it logs all hosts that the process connects to or looks up.
CONNECTION_LOGGER = """
import sys

def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo"):
        address = arguments[1] if event == "socket.connect" else arguments
        if isinstance(address, tuple) and address[0] not in (None, "", "127.0.0.1", "localhost", "::1", "0.0.0.0"):
            print("OUTSIDE", address, file=sys.stderr, flush=True)

sys.addaudithook(watch)
"""


@pytest.fixture(scope="module")
def second(tmp_path_factory) -> Iterator[tuple[str, subprocess.Popen, Path]]:
    """Address, process and log of a replica that serves under /digits, also to agents."""
    log = tmp_path_factory.mktemp("second") / "output.txt"
    (log.parent / "sitecustomize.py").write_text(CONNECTION_LOGGER)
    with running_app(log, "--mcp", GRADIO_ROOT_PATH="/digits", PYTHONPATH=str(log.parent)) as (url, process):
        yield url, process, log


@pytest.fixture(scope="module")
def balanced(app_url, second, tmp_path_factory) -> Iterator[str]:
    """The address of nginx in front of both, with the second one also under /digits/."""
    if not shutil.which("nginx"):
        pytest.skip("nginx is not installed")
    port = free_port()
    ports = {"7870": str(port), "7871": app_url.rpartition(":")[2], "7872": second[0].rpartition(":")[2]}
    text = (ROOT / "docs" / "replicas.conf").read_text("utf-8")
    prefixed = re.search(r"```nginx\n(.+?)```", (ROOT / "docs" / "hosting.md").read_text("utf-8"), re.DOTALL).group(1)
    text = text.replace("        location / {", prefixed.replace("7860", "7872") + "        location / {")
    folder = tmp_path_factory.mktemp("nginx")
    configuration = folder / "nginx.conf"
    configuration.write_text(re.sub(r"\b787[012]\b", lambda found: ports[found.group()], text))
    nginx = subprocess.Popen(["nginx", "-c", configuration, "-p", folder], stderr=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        while nginx.poll() is None:
            try:
                httpx.get(f"{address}/health")
                break
            except httpx.ConnectError:
                time.sleep(0.02)
        yield address
    finally:
        nginx.terminate()
        nginx.wait()


def read(url: str, weights: str = "") -> dict:
    """Return a replica's answer to a drawing."""
    return httpx.post(f"{url}/lenet/pad/read", json={"drawing": SEVEN_DRAWN, "weights": weights}).json()


def test_programs_reach_the_replicas_through_the_load_balancer(balanced):
    assert Client(balanced, verbose=False).predict(SEVEN_DRAWN, api_name="/classify")["digit"] == 7


def test_a_visitor_stays_with_one_replica_and_the_other_says_that_it_does_not_know_the_weights(
    balanced, app_url, second
):
    run = Client(balanced, verbose=False).submit(epochs=1, batch_size=4096, api_name="/retrain")
    run.result()
    weights = run.outputs()[-1]["weights"]
    assert not read(balanced, weights)["unknown"]
    owner, other = sorted((read(url, weights) for url in (app_url, second[0])), key=lambda answer: answer["unknown"])
    assert other["unknown"]
    assert other["digit"] == 7
    assert not owner["unknown"]


def test_the_page_works_under_a_path(balanced, browser):
    page = browser.new_page()
    urls = []
    page.on("request", lambda request: urls.append(request.url))
    page.goto(f"{balanced}/digits/")
    page.locator("#pad .sheet > canvas").click(trial=True)
    assert page.evaluate(TRANSFERRED) < 1_200_000
    draw(page, SEVEN)
    expect_digit(page, 7)
    # No other host was contacted.
    assert [url for url in urls if not url.startswith((f"{balanced}/digits/", "data:", "blob:"))] == []
    page.close()


def test_agents_find_four_tools_and_use_them(second):
    async def use_tools() -> tuple[dict, dict]:
        async with (
            streamable_http_client(f"{second[0]}/gradio_api/mcp/") as (reading, writing, _),
            ClientSession(reading, writing) as session,
        ):
            await session.initialize()
            tools = {tool.name: tool for tool in (await session.list_tools()).tools}
            result = await session.call_tool("classify", {"drawing": SEVEN_DRAWN})
            return tools, ast.literal_eval(result.content[0].text)  # Gradio sends the repr of a Python dictionary

    with ThreadPoolExecutor(1) as thread:  # the main one has Playwright's event loop
        tools, answer = thread.submit(asyncio.run, use_tools()).result()
    assert set(tools) == {"classify", "read_number", "explain", "retrain"}
    for tool in tools.values():
        assert tool.description
        for name, schema in tool.inputSchema["properties"].items():
            assert schema.get("description"), f"{tool.name}: {name}"
    assert tools["classify"].inputSchema["required"] == ["drawing"]
    assert answer["digit"] == 7


def test_the_server_has_contacted_no_other_host(second):
    _, _, log = second
    assert "OUTSIDE" not in log.read_text()


def test_sigterm_during_a_run_ends_the_server_before_the_run_is_complete(second):
    url, process, log = second
    run = Client(url, verbose=False).submit(epochs=20, api_name="/retrain")
    wait_until(lambda: any(record["epoch"] for record in run.outputs()))
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=SECONDS_TO_WAIT) == 0
    records = run.outputs()
    assert max(record["epoch"] or 0 for record in records) < 20
    assert not any(record["weights"] for record in records)
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    assert [lines[0]["event"], lines[-1]["event"]] == ["start", "stop"]
    assert "Traceback" not in log.read_text()
    assert "points" not in log.read_text()


def test_after_kill_9_during_a_run_a_restart_answers_with_the_shipped_weights(tmp_path, shipped):
    logs = [tmp_path / name for name in ("before.txt", "after.txt")]
    with running_app(logs[0]) as (url, process):
        Client(url, verbose=False).submit(epochs=20, api_name="/retrain")
        wait_until(lambda: "run begun" in logs[0].read_text())
        process.kill()
        process.wait()
    with running_app(logs[1]) as (url, _):
        result = Client(url, verbose=False).predict(SEVEN_DRAWN, api_name="/classify")
    expected = answer(shipped, [prepare_drawing(SEVEN_DRAWN)])[0]
    assert result["probabilities"] == pytest.approx(expected.probabilities, abs=1e-5)
