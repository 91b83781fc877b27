"""The panels of the page, one folder each with .html, .css and .js files and, if needed, a .py file."""
