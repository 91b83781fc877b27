"""Private parts of Gradio and uvicorn that the page relies on; tests/test_upstream.py names what a new version changed.

For each there is no public way in the pinned versions:

- a session of Gradio's ends by itself only after an hour, so that few visitors could evict all others';
- each new session copies what the whole page looks like, for links to a page's state, of which there are none here:
  17 ms of the thread that answers everybody, and 170 kB, for anybody's request;
- its description of the API keeps the address that its first reader used, which a header may forge;
- it writes a traceback for each request that it can't make sense of;
- it makes uvicorn's settings itself, and takes none: how connections are handled, and how long the end may take;
- it leaves the tunnel of --share running when it closes.
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
    """Let sessions of a launched page begin without a copy of its looks: 0.1 ms instead of 17."""
    whole_copy = BlocksConfig.__copy__

    def light_copy(config: BlocksConfig) -> BlocksConfig:
        copied = whole_copy(config)
        if config.root_block is page:
            copied.config_for_block = lambda *_: {}
        return copied

    BlocksConfig.__copy__ = light_copy  # ty: ignore[invalid-assignment]


def forget_session(page: gr.Blocks, session: str) -> None:
    """Drop what Gradio keeps for a session, or for a call whose answer was never fetched."""
    page.state_holder.session_data.pop(session, None)
    page.state_holder.time_last_used.pop(session, None)
    page._queue.pending_messages_per_session.pop(session, None)
    page._queue.pending_event_ids_session.pop(session, None)


def forget_description(page: gr.Blocks) -> None:
    """Let Gradio describe the API again for the next request, with the address that it came to."""
    page.app.api_info = None


def log_faults_in_one_line() -> None:
    """Log what Gradio's handlers raise as everything else is logged, instead of a traceback."""
    replacement = SimpleNamespace(print_exc=lambda: log_fault(sys.exc_info()[1]))
    routes.traceback = queueing.traceback = replacement  # ty: ignore[invalid-assignment]


def uvicorn_settings(page: gr.Blocks) -> uvicorn.Config:
    """The settings of the server that a launched page runs on; new connections follow what is set later too."""
    return page.server.config


def close_tunnels() -> None:
    for tunnel in CURRENT_TUNNELS:
        tunnel.kill()
