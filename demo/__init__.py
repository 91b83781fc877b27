"""The page: panels, the public API, and the visitors' own weights. Only this package uses Gradio."""
