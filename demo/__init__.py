"""The page: panels, the public API, and the visitors' own weights. Knows of Gradio; lenet does not know of it."""
