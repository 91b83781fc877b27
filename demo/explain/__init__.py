"""The explanations on the page: one folder each, and the pipeline that they share."""
