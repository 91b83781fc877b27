"""Start the page; `python app.py --help` lists the options."""
# ruff: noqa: E402 - some settings must come before the imports

import argparse
import gc
import os
import sys
import tempfile
import threading
from contextlib import suppress
from functools import partial
from importlib.util import find_spec
from pathlib import Path

# The page sends nothing to other hosts by default. Gradio reads this when it is imported.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
# Objects made at start-up are not garbage; looking for some takes a tenth of the start (see demo/serving/process.py).
gc.disable()

from demo.serving.proxies import do_without_proxies
from lenet.errors import InputError

do_without_proxies(os.environ, "--share" in sys.argv or os.environ.get("GRADIO_SHARE", "").lower() == "true")

try:
    tempfile.gettempdir()  # Gradio needs it when it is imported
except FileNotFoundError:
    sys.exit("No folder for temporary files can be written to; make room, or name another one with TMPDIR.")

from demo.live.weights import weights_route
from demo.page import build_page
from demo.serving.process import set_up_process
from demo.serving.server import check_address, serve
from demo.visitors import Visitors
from lenet import mnist
from lenet.explain.neighbours import neighbourhood
from lenet.network import checkpoint
from lenet.network.device import pick_device
from lenet.network.lenet5 import LeNet


def main() -> int:
    options = _parser().parse_args()
    if options.mcp and not find_spec("mcp"):
        print('Agents are served by another package: pip install "mcp<2".', file=sys.stderr)
        return 1
    try:
        check_address(options.host, options.port)
        networks = checkpoint.load_with_the_other(options.weights)
    except (OSError, InputError) as fault:
        print(fault, file=sys.stderr)
        return 1
    (shipped, _), (other, _) = networks
    visitors = Visitors(shipped, other=other)
    page, calls, trainer = build_page(networks, visitors, pick_device())
    set_up_process()
    calls.start(partial(prepare, shipped))
    threading.Thread(target=trainer.warm_up, daemon=True).start()
    try:
        serve(
            page,
            calls,
            [weights_route(visitors)],
            options.host,
            options.port,
            options.allow_host,
            share=options.share,
            inbrowser=options.open,
            mcp_server=options.mcp,
        )
    except OSError as fault:  # all ports are taken
        print(fault, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python app.py", description="Draw a digit, watch a LeNet-5 read it.")
    parser.add_argument(
        "--host",
        default=os.environ.get("GRADIO_SERVER_NAME") or "127.0.0.1",
        help="address to listen on; default GRADIO_SERVER_NAME or 127.0.0.1",
    )
    parser.add_argument("--port", type=int, help="port to listen on; default GRADIO_SERVER_PORT or from 7860 on")
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="answer to this host name too; may be repeated",
    )
    parser.add_argument("--share", action="store_true", default=None, help="make a public link through Gradio")
    parser.add_argument("--weights", type=Path, default=checkpoint.SHIPPED, help="a .safetensors file")
    parser.add_argument("--open", action="store_true", help="open the page in a browser too")
    parser.add_argument("--mcp", action="store_true", help="serve the API to agents too; needs the package mcp<2")
    return parser


def prepare(model: LeNet) -> None:
    """Load the data that the first visitor would otherwise wait for."""
    with suppress(InputError):  # missing data are reported where they are needed
        mnist.final_test()
        neighbourhood(model)


if __name__ == "__main__":
    sys.exit(main())
