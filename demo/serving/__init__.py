"""Serving the page: server, guard, limits, calls, log."""
