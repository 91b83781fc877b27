"""The explanations on the page: one folder each, and their common pipeline."""
