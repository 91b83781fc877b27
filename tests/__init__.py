"""One file for each room of the product, and the page in a real browser."""
