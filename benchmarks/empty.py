"""The floor that benchmarks/load.py compares with: a page of stock Gradio whose function does nothing."""

import gradio as gr


def read(_request: dict) -> dict:
    return {}


def main() -> None:
    with gr.Blocks(analytics_enabled=False) as page:
        gr.api(read, api_name="read", queue=False)
    page.launch(server_name="127.0.0.1", run_history=False)


if __name__ == "__main__":
    main()
