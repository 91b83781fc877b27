"""Draw a digit and watch a LeNet-5 read it: starts the page. `python app.py --help` says how."""

import argparse
import os
import sys
from pathlib import Path

# Nothing of the page goes to another host unless it is asked for. Gradio reads this when it is imported.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

from demo.page import build_page
from demo.server import serve
from lenet import checkpoint
from lenet.device import pick_device


def main() -> int:
    parser = argparse.ArgumentParser(prog="python app.py", description="Draw a digit, watch a LeNet-5 read it.")
    parser.add_argument("--host", help="address to listen on; default GRADIO_SERVER_NAME or 127.0.0.1")
    parser.add_argument("--port", type=int, help="port to listen on; default GRADIO_SERVER_PORT or from 7860 on")
    parser.add_argument("--share", action="store_true", default=None, help="make a public link through Gradio")
    parser.add_argument("--weights", type=Path, default=checkpoint.SHIPPED, help="a .safetensors file")
    parser.add_argument("--open", action="store_true", help="open the page in a browser too")
    options = parser.parse_args()
    try:
        model, facts = checkpoint.load_checkpoint(options.weights)
    except checkpoint.CheckpointError as fault:
        print(fault, file=sys.stderr)
        return 1
    page = build_page(model, facts, pick_device())
    try:
        serve(
            page,
            server_name=options.host,
            server_port=options.port,
            share=options.share,
            inbrowser=options.open,
        )
    except OSError as fault:  # the port is taken
        print(fault, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
