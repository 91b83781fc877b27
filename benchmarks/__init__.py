"""The commands that make every figure in the README; `RESULTS.md` holds their last results."""
