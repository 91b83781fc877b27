"""The static site: the page without a server, made of the page's own panels, scripts and styles."""
