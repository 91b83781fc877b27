"""How the page is served: server, guard, limits, calls, log."""
