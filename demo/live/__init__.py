"""Live answers, computed in the browser while the pen moves."""
