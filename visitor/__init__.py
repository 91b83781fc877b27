"""Drives the page as a person would, with a browser and a mouse or finger, for tests and benchmarks."""
