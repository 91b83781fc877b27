"""Private parts of Gradio and uvicorn that the page uses; tests/test_upstream.py checks them in new versions.

The pinned versions have no public way to change that

- Gradio's sessions end only after an hour, so that few visitors could evict all others' sessions;
- each new session copies the description of the whole page, for links to a page's state, which are not used here: 17 ms
  of the thread that answers everybody, and 170 kB, even for a forged request;
- the cached description of the API has the address of its first request, which a header may forge;
- each request that can't be parsed writes a traceback;
- uvicorn's settings can't be passed: the connection protocol, and the time for a graceful shutdown;
- the tunnel of --share stays open after the page is closed.
"""

import sys
from types import SimpleNamespace

import gradio as gr
import uvicorn
from gradio import queueing, routes
from gradio.blocks import BlocksConfig
from gradio.tunneling import CURRENT_TUNNELS

from demo.serving.log import log_fault


def make_sessions_light(page: gr.Blocks) -> None:
    """Let new sessions of a launched page share its description instead of copying it: 0.1 ms instead of 17."""
    whole_copy = BlocksConfig.__copy__

    def light_copy(config: BlocksConfig) -> BlocksConfig:
        copied = whole_copy(config)
        if config.root_block is page:
            copied.config_for_block = lambda *_: {}
        return copied

    BlocksConfig.__copy__ = light_copy  # ty: ignore[invalid-assignment]


def forget_session(page: gr.Blocks, session: str) -> None:
    """Drop Gradio's data of a session, or of a call whose answer was never fetched."""
    page.state_holder.session_data.pop(session, None)
    page.state_holder.time_last_used.pop(session, None)
    page._queue.pending_messages_per_session.pop(session, None)
    page._queue.pending_event_ids_session.pop(session, None)


def forget_description(page: gr.Blocks) -> None:
    """Drop the cached description of the API, so that the next one has the address of its own request."""
    page.app.api_info = None


def log_faults_in_one_line() -> None:
    """Log exceptions in Gradio's handlers as one line of JSON instead of a traceback."""
    replacement = SimpleNamespace(print_exc=lambda: log_fault(sys.exc_info()[1]))
    routes.traceback = queueing.traceback = replacement  # ty: ignore[invalid-assignment]


def uvicorn_settings(page: gr.Blocks) -> uvicorn.Config:
    """Return the settings of a launched page's server; later changes apply to new connections."""
    return page.server.config


def close_tunnels() -> None:
    for tunnel in CURRENT_TUNNELS:
        tunnel.kill()
