"""Sharing a drawing: links, files and posters."""
