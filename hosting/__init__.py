"""Puts the page where others can open it: as a Space (space.py) or as a static folder (site.py)."""
