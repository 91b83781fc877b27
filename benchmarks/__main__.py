"""Runs all benchmarks that need only this repository, or those that are named: `python -m benchmarks [NAME ...]`.

All of them take half an hour on an idle machine. One that fails or takes too long does not stop the others; the last
section of RESULTS.md says how each ended. Afterwards the README's figures are updated.
"""

import argparse
import signal
import subprocess
import sys
import time

from benchmarks import quotes
from benchmarks.report import write_section

# Timings first: they suffer most from a machine that warms up or gets busy.
NAMES = ("start", "live", "network", "site", "update", "inside", "load", "training", "growth")
NAMES += ("hostile", "soak", "explanations", "preparation", "pictures", "kills")
LIMIT = 30  # minutes for each


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    names = parser.parse_args().names or NAMES
    if unknown := set(names) - set(NAMES):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; the benchmarks are {', '.join(NAMES)}.")
    rows = [(name, *_run(name, LIMIT)) for name in names]
    write_section("All of it", "benchmarks", [("benchmark", "minutes", "ended"), *rows])
    quotes.main()
    return 0 if all(ended == "finished" for *_, ended in rows) else 1


def _run(name: str, limit: float) -> tuple[str, str]:
    """Minutes it took, and how it ended; it is stopped after `limit` minutes."""
    started = time.monotonic()
    with subprocess.Popen([sys.executable, "-m", f"benchmarks.{name}"]) as process:
        try:
            ended = "failed" if process.wait(60 * limit) else "finished"
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)  # lets it stop its servers and browsers
            ended = "took too long"
    return f"{(time.monotonic() - started) / 60:.1f}", ended


if __name__ == "__main__":
    sys.exit(main())
