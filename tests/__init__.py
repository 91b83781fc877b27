"""Tests of every module, and of the page in a real browser."""
