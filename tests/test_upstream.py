"""The internals of Gradio and uvicorn that the page uses: one sentence for each that a new version has changed.

Tested are only the private names in demo/serving/internals.py and connections.py, not the public APIs.
"""

import asyncio
import functools
import inspect
import re
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
import uvicorn
from gradio import context, queueing, routes, state_holder, tunneling
from gradio.blocks import BlocksConfig
from gradio.state_holder import SessionState
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle
from uvicorn.server import ServerState

from demo.serving import internals
from tests.conftest import ROOT

# The object, the name in it, and the message if it is missing.
USED: list[tuple[Callable[[], Any], str, str]] = [
    (lambda: page(), "state_holder", "Gradio keeps its sessions elsewhere"),
    (lambda: page().state_holder, "session_data", "Gradio keeps a session's state elsewhere"),
    (lambda: page().state_holder, "time_last_used", "Gradio keeps a session's age elsewhere"),
    (lambda: page(), "_queue", "Gradio keeps its queue elsewhere"),
    (lambda: page()._queue, "pending_messages_per_session", "Gradio keeps unread messages elsewhere"),
    (lambda: page()._queue, "pending_event_ids_session", "Gradio keeps unread events elsewhere"),
    (lambda: page().app, "api_info", "Gradio keeps its API's description elsewhere"),
    (lambda: routes, "traceback", "Gradio's routes no longer print tracebacks"),
    (lambda: queueing, "traceback", "Gradio's queue no longer prints tracebacks"),
    (lambda: tunneling, "CURRENT_TUNNELS", "Gradio keeps the tunnels of --share elsewhere"),
    (lambda: context.LocalContext, "request", "Gradio looks for the visitor whose GPU time is used elsewhere"),
    (lambda: context.LocalContext, "blocks", "Gradio looks for the running page elsewhere"),
    (lambda: connection(), "cycle", "uvicorn keeps a connection's request elsewhere"),
    (lambda: connection(), "client", "uvicorn keeps a connection's peer elsewhere"),
    (lambda: connection(), "transport", "uvicorn keeps a connection's transport elsewhere"),
]


@functools.cache
def page() -> gr.Blocks:
    async def build() -> gr.Blocks:  # in an event loop, because otherwise Gradio makes one and never closes it
        with gr.Blocks(analytics_enabled=False) as page:
            gr.State([])
            gr.Textbox()
        return page

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, build()).result()


@functools.cache
def connection() -> H11Protocol:
    return H11Protocol(uvicorn.Config(None), ServerState(), {}, SimpleNamespace())


def missing_names() -> list[str]:
    """Return one sentence for each missing name."""
    found = [
        f"{sentence}: {name} is gone from {getattr(place(), '__name__', type(place()).__name__)}."
        for place, name, sentence in USED
        if not hasattr(place(), name)
    ]
    if not isinstance(page().state_holder, state_holder.StateHolder):
        found.append("Gradio keeps its sessions in another class.")
    if "response_complete" not in inspect.getsource(RequestResponseCycle.__init__):
        found.append("uvicorn no longer says in response_complete whether a request is answered.")
    if "self.server = server" not in inspect.getsource(gr.Blocks.launch):
        found.append("Gradio no longer keeps its server in page.server.")
    if "config.http_protocol_class(" not in inspect.getsource(uvicorn.Server.startup):
        found.append("uvicorn no longer takes a new connection's protocol from its settings.")
    return found


def test_all_used_internals_of_gradio_and_uvicorn_still_exist():
    assert not missing_names()


@pytest.mark.parametrize(
    ("place", "name", "sentence"),
    [
        (tunneling, "CURRENT_TUNNELS", "Gradio keeps the tunnels of --share elsewhere: CURRENT_TUNNELS is gone from"),
        (queueing, "traceback", "Gradio's queue no longer prints tracebacks: traceback is gone from gradio.queueing."),
    ],
)
def test_a_missing_name_is_reported_in_one_sentence(place, name, sentence, monkeypatch):
    monkeypatch.delattr(place, name)
    assert [each for each in missing_names() if each.startswith(sentence)]


def test_new_sessions_do_not_copy_the_pages_description(monkeypatch):
    monkeypatch.setattr(BlocksConfig, "__copy__", BlocksConfig.__copy__)
    assert any(SessionState(page()).config_values.values()), "Gradio no longer copies the page's description."
    internals.make_sessions_light(page())
    assert not any(SessionState(page()).config_values.values()), "Gradio copies the description in another way."


def test_no_event_waits_until_matplotlib_is_imported():
    program = (
        "import gradio.utils, matplotlib, sys; from demo.serving.process import set_up_process; "
        "[sys.modules.pop(name) for name in list(sys.modules) if name.startswith('matplotlib')]; set_up_process()\n"
        "with gradio.utils.MatplotlibBackendMananger(): print([name for name in sys.modules if 'matplotlib.' in name])"
    )
    result = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"


def test_only_the_serving_room_uses_internals():
    """The rest of the product uses no private names of these packages."""
    private = re.compile(
        r"\b(page|blocks?|app)\._\w+|server_fns|CURRENT_TUNNELS|http_protocol_class|torch\._(?!_)\w+|_get_redirect_url"
        r"|window\.fetch\s*=|svelte-\w+"
    )
    for file in (*ROOT.glob("*.py"), *(ROOT / "demo").rglob("*.*"), *(ROOT / "lenet").rglob("*.py")):
        if file.suffix in (".py", ".js", ".css", ".html") and "serving" not in file.parts:
            found = private.search(file.read_text("utf-8"))
            assert not found, f"{file.relative_to(ROOT)} uses {found.group()}, which belongs to demo/serving."
