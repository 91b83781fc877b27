"""Training on the page: recipe, run, curves, comparison, and the visitor's networks."""
