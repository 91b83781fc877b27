"""The page without a server: a static folder made of the page's own panels, scripts and styles."""
