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

# On a Space all requests come through proxies in private networks, which name the visitor.
PRIVATE_NETWORKS = "127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"
TRUSTED = "FORWARDED_ALLOW_IPS"  # uvicorn's own setting
# Names for this machine itself.
LOCAL = {"localhost", "127.0.0.1", "::1"}

# The time for open answers at shutdown; the stream of a training run could take minutes.
SECONDS_TO_FINISH = 1

PAGE_OPTIONS = {
    "theme": THEME,
    "head": HEAD,
    "ssr_mode": False,  # a Node server would bypass the guard
    "run_history": False,  # would store every drawing in the browser
    "footer_links": [],  # the page has its own menu
    "pwa": True,
    "favicon_path": ICON,
    "state_session_capacity": 2 * LIMITS.sessions,  # more than the guard allows
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
    """Serve the page until the process gets a signal to end; `options` are passed to its `launch`.

    `calls` must be started already; `routes` are added to Gradio's. `allowed_hosts` are further host names of an app on
    a user's own machine. Raises OSError if the port is taken.
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
    """End the server and the process; open answers have SECONDS_TO_FINISH."""
    settings.timeout_graceful_shutdown = SECONDS_TO_FINISH
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # don't report answers that are cut off
    page.close(verbose=False)
    internals.close_tunnels()
    log("stop", process=os.getpid())
    os._exit(0)  # threads that still compute would crash the interpreter's normal exit


def check_address(host: str, port: int | None) -> None:
    """Raise OSError with one sentence if the address can't be listened on; port None is chosen later."""
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
    """Return the host names that the app answers to; None for any, if it listens for other machines too."""
    host = host.strip("[]").lower()
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = host in LOCAL
    return LOCAL | {host, *map(str.lower, allowed)} if local else None


async def _healthy(_: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


def _trim_until_the_end() -> None:
    """Return freed memory to the system regularly until the process gets SIGTERM or SIGINT.

    Without this, freed memory that is not reused grows by a tenth in ten minutes of training runs.
    """
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    while not ending.wait(LIMITS.trim_seconds):
        give_back_memory()
