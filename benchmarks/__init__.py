"""Every figure that the README quotes, each made by one command; `RESULTS.md` holds what they last printed."""
