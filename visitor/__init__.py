"""Drives the page as a person would: finds a browser, draws with mouse or finger. For tests and benchmarks."""
