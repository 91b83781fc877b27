"""Why the network answers as it does: one file for each explanation."""
