"""Run all benchmarks that need only this repository, or the named ones: `python -m benchmarks [NAME ...]`.

All together take half an hour on an idle machine. If one fails or takes too long, the others still run; the last
section of RESULTS.md says how each ended. Afterwards the README's figures are updated.
"""

import argparse
import signal
import subprocess
import sys
import time

from benchmarks import quotes
from benchmarks.report import write_section

# Timings come first, because they suffer most when the machine gets warm or busy.
NAMES = ("start", "live", "network", "site", "update", "inside", "load", "training", "growth")
NAMES += ("hostile", "soak", "explanations", "preparation", "pictures", "kills")
LIMIT = 30  # minutes each


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
    """Run a benchmark for at most `limit` minutes; return the minutes it took, and how it ended."""
    started = time.monotonic()
    with subprocess.Popen([sys.executable, "-m", f"benchmarks.{name}"]) as process:
        try:
            ended = "failed" if process.wait(60 * limit) else "finished"
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)  # so that it stops its servers and browsers
            ended = "took too long"
    return f"{(time.monotonic() - started) / 60:.1f}", ended


if __name__ == "__main__":
    sys.exit(main())
