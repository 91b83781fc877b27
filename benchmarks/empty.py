"""A plain Gradio page whose function does nothing, as the lower bound of a request's cost."""

import gradio as gr


def read(_request: dict) -> dict:
    return {}


def main() -> None:
    with gr.Blocks(analytics_enabled=False) as page:
        gr.api(read, api_name="read", queue=False)
    page.launch(server_name="127.0.0.1", run_history=False)


if __name__ == "__main__":
    main()
