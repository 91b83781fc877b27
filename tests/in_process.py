"""The page served in the test's own process, so that a test can replace training; it answers no drawings."""

from collections.abc import Generator
from contextlib import contextmanager

import torch
from starlette.middleware import Middleware

from demo.page import HEAD, THEME, build_page
from demo.serving.guard import Guard
from demo.serving.streams import stream_routes
from demo.visitors import Visitors
from lenet.network.checkpoint import load_with_the_other


@contextmanager
def page_in_process(device: str = "cpu") -> Generator[str]:
    """Serve the page, with training runs on `device`; yield its address."""
    networks = load_with_the_other()
    page, _, _ = build_page(networks, Visitors(networks[0][0], other=networks[1][0]), torch.device(device))
    app_options = {"routes": stream_routes(page), "middleware": [Middleware(Guard)]}
    style = {"theme": THEME, "head": HEAD}
    _, url, _ = page.launch(prevent_thread_lock=True, quiet=True, run_history=False, app_kwargs=app_options, **style)
    yield url
    page.close(verbose=False)
