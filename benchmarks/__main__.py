"""Every benchmark that needs nothing but this repository, one after the other: `python -m benchmarks [NAME ...]`.

Half an hour on a machine that does nothing else. Names leave out all others. What fails or takes too long is told at
the end, and the rest is measured all the same. At last the README quotes what was measured.
"""

import argparse
import signal
import subprocess
import sys
import time

from benchmarks import quotes
from benchmarks.report import write_section

# Those first that a busy machine spoils most.
NAMES = ("start", "live", "number_live", "update", "inside", "load", "training", "growth")
NAMES += ("hostile", "soak", "explanations", "preparation", "kills")
LIMIT = 30  # minutes for each


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    names = parser.parse_args().names or NAMES
    if unknown := set(names) - set(NAMES):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}.")
    rows = [(name, *_run(name, LIMIT)) for name in names]
    write_section("All of it", "benchmarks", [("benchmark", "minutes", "ended"), *rows])
    quotes.main()
    return 0 if all(ended == "well" for *_, ended in rows) else 1


def _run(name: str, limit: float) -> tuple[str, str]:
    """Its minutes, and how it ended; at most `limit` minutes."""
    started = time.monotonic()
    with subprocess.Popen([sys.executable, "-m", f"benchmarks.{name}"]) as process:
        try:
            ended = "with a fault" if process.wait(60 * limit) else "well"
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)  # it ends its servers and browsers then
            ended = "too late"
    return f"{(time.monotonic() - started) / 60:.1f}", ended


if __name__ == "__main__":
    sys.exit(main())
