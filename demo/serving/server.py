"""The page as a server: Gradio's launch options, and an orderly shutdown."""

import errno
import ipaddress
import logging
import os
import signal
import socket
import threading
from collections.abc import Iterable
from functools import partial
from typing import Any

import gradio as gr
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from demo.page import HEAD, ICON, THEME
from demo.serving import internals, uploads
from demo.serving.calls import Calls
from demo.serving.connections import limited
from demo.serving.guard import Guard
from demo.serving.limits import LIMITS
from demo.serving.log import log
from demo.serving.streams import stream_routes
from lenet.network.device import give_back_memory

# On a Space all requests come through proxies of the Space's own network; these name the visitor.
PRIVATE_NETWORKS = "127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"
TRUSTED = "FORWARDED_ALLOW_IPS"  # uvicorn's own setting
# Names that only this machine has.
LOCAL = {"localhost", "127.0.0.1", "::1"}

# At the end, answers under way have this long; a run that tells of itself would take minutes.
SECONDS_TO_FINISH = 1

# How Gradio shows and serves the page.
PAGE_OPTIONS = {
    "theme": THEME,
    "head": HEAD,
    "ssr_mode": False,  # Node would stand before the guard
    "run_history": False,  # it would write every drawing into the browser's storage
    "footer_links": [],  # the page has a menu of its own
    "pwa": True,
    "favicon_path": ICON,
    "state_session_capacity": 2 * LIMITS.sessions,  # more than the guard lets there be
    "max_threads": LIMITS.waiting_events,
    "prevent_thread_lock": True,
}


def serve(
    page: gr.Blocks,
    calls: Calls,
    routes: list[Route],
    host: str,
    port: int | None,
    allowed_hosts: Iterable[str] = (),
    **options: Any,
) -> None:
    """Answer requests to the page until the process gets a signal to end; `options` are those of its `launch`.

    `calls` have been started; `routes` are served beside Gradio's. `allowed_hosts` are further names that an app on
    one's own machine answers to.
    Raises OSError where the port is taken.
    """
    if os.environ.get("SPACE_ID"):
        os.environ.setdefault(TRUSTED, PRIVATE_NETWORKS)
    hosts = known_hosts(host, allowed_hosts)
    page.queue(max_size=LIMITS.waiting_events, api_open=False)
    internals.log_faults_in_one_line()
    forget, refresh = partial(internals.forget_session, page), partial(internals.forget_description, page)
    guard = Middleware(Guard, hosts=hosts, forget=forget, refresh=refresh, trusts_proxy=TRUSTED in os.environ)
    routes = [Route("/health", _healthy), *stream_routes(page), calls.route(), uploads.route(), *routes]
    serving = {"server_name": host, "server_port": port, "app_kwargs": {"routes": routes, "middleware": [guard]}}
    _, address, public = page.launch(**PAGE_OPTIONS, **serving, **options)
    internals.make_sessions_light(page)
    settings = internals.uvicorn_settings(page)
    settings.http_protocol_class = limited(LIMITS)
    if public and hosts is not None:
        hosts.add(public.removeprefix("https://").rstrip("/"))
    log("start", address=address, process=os.getpid())
    calls.workers.prepare()
    _trim_until_the_end()
    _finish(page, settings)


def _finish(page: gr.Blocks, settings: Any) -> None:
    """End the server and the process; answers under way have SECONDS_TO_FINISH."""
    settings.timeout_graceful_shutdown = SECONDS_TO_FINISH
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # that an answer was cut off then is no news
    page.close(verbose=False)
    internals.close_tunnels()
    log("stop", process=os.getpid())
    os._exit(0)  # threads that still compute would abort the process in the interpreter's own end


def check_address(host: str, port: int | None) -> None:
    """Raises OSError with one sentence where nothing can listen there; a port that is None is looked for later."""
    if port is not None and not 0 < port < 65536:
        raise OSError(f"--port must be a number from 1 to 65535, not {port}.")
    try:
        family, *_, address = socket.getaddrinfo(host.strip("[]"), port or 0, type=socket.SOCK_STREAM)[0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except (socket.gaierror, UnicodeError) as fault:
        raise OSError(f"--host must be an address or a name of this machine; {host!r} is unknown.") from fault
    except OSError as fault:
        if fault.errno == errno.EADDRINUSE:
            raise OSError(f"Port {port} of {host} is taken; choose another one with --port.") from fault
        if fault.errno == errno.EACCES:
            raise OSError(f"Port {port} is reserved for the system; choose one from 1024 up with --port.") from fault
        raise OSError(f"--host must be an address of this machine, which {host} is not.") from fault


def known_hosts(host: str, allowed: Iterable[str]) -> set[str] | None:
    """The host names that the app answers to; None, any, where it listens for other machines too."""
    host = host.strip("[]").lower()
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = host in LOCAL
    return LOCAL | {host, *map(str.lower, allowed)} if local else None


async def _healthy(_: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


def _trim_until_the_end() -> None:
    """Until the process gets SIGTERM or SIGINT, see to its memory.

    Each run and comparison leaves some that is freed and kept in other places: a tenth in ten minutes.
    """
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    while not ending.wait(LIMITS.trim_seconds):
        give_back_memory()
