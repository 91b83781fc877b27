"""The panels of the page: one folder each, with its .py .html .css .js."""
