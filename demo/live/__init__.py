"""The live answer: what the page shows while the pen moves."""
