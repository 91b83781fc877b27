"""The page as a server: what Gradio is told when it is launched, and an orderly end."""

import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

import gradio as gr
import torch
from gradio.tunneling import CURRENT_TUNNELS
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from demo.page import HEAD, STYLE, THEME
from demo.serving.calls import call_routes
from demo.serving.connections import impatient
from demo.serving.guard import Guard
from demo.serving.limits import LIMITS
from demo.serving.log import log
from lenet.network.device import give_back_memory, keep_freed_memory

# On a Space all requests come through proxies of the Space's own network; these name the visitor.
PRIVATE_NETWORKS = "127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"

# At the end, answers under way have this long; a run that tells of itself would take minutes.
SECONDS_TO_FINISH = 1


def serve(page: gr.Blocks, prepare: Callable[[], Any], **options: Any) -> None:
    """Answer requests to the page until the process is told to end, and end it; `options` are those of its `launch`.

    `prepare` is called beside the first answers: for what visitors would else have to wait for.
    Raises OSError where the port is taken.
    """
    if os.environ.get("SPACE_ID"):
        os.environ.setdefault("FORWARDED_ALLOW_IPS", PRIVATE_NETWORKS)
    # An answer is too small to be shared among cores, and those that train need not wait for all of them.
    torch.set_num_threads(max(1, torch.get_num_threads() // 2))
    # Who computes for long hands on to who only has to answer ten times as often as Python's own 5 ms.
    sys.setswitchinterval(0.0005)
    # As `page.queue(...)` would set them, which would make all of Gradio's app anew, for a tenth of the start.
    page._queue.max_size, page.api_open = LIMITS.waiting_events, False
    keep_freed_memory()
    # What is there by now stays for good: the collector of garbage, off until here, need not go through it.
    gc.freeze()
    gc.enable()
    _, address, _ = page.launch(
        **options,
        theme=THEME,
        css_paths=[STYLE],
        head=HEAD,
        run_history=False,  # it would write every drawing into the browser's storage
        footer_links=["api", "gradio", "settings"],
        state_session_capacity=LIMITS.sessions,
        app_kwargs={
            "routes": [Route("/health", _healthy), *call_routes(page)],
            "middleware": [Middleware(Guard)],
        },
        prevent_thread_lock=True,
    )
    connections = page.server.config
    connections.http_protocol_class = impatient(connections.http_protocol_class, LIMITS.request_seconds)
    log("start", address=address, process=os.getpid())
    threading.Thread(target=prepare, daemon=True).start()
    _trim_until_the_end()
    page.server.config.timeout_graceful_shutdown = SECONDS_TO_FINISH
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # that an answer was cut off then is no news
    page.close(verbose=False)
    for tunnel in CURRENT_TUNNELS:
        tunnel.kill()
    log("stop", process=os.getpid())
    # Not by way of the interpreter's own end: threads that still compute would abort the process there.
    os._exit(0)


async def _healthy(_: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


def _trim_until_the_end() -> None:
    """Until the process gets SIGTERM or SIGINT, see to its memory.

    Each run and comparison leaves some that is freed and kept in other places: a tenth in ten minutes.
    """
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    while not told.wait(LIMITS.trim_seconds):
        give_back_memory()
