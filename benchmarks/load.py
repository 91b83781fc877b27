"""Measure a thousand visitors drawing at once: `python -m benchmarks.load`, two minutes, all on one machine.

Each draws a stroke of 1.5 s, which a browser would answer, requests one confirmation, and rests for 3 s. The curve in
docs/load.svg is for 100 to 2,000 visitors.
"""

import asyncio
import math
import os
import statistics
from pathlib import Path

from benchmarks.curves import Plot, save
from benchmarks.report import write_section
from benchmarks.serving import Server, drawing_visitors, serving

STROKE, REST = 1.5, 3.0
VISITORS, SECONDS = 1_000, 30
CURVE, CURVE_SECONDS = (100, 250, 500, 750, 1_000, 1_500, 2_000), 12
GOAL = 300  # milliseconds for 95 % of the confirmations
PICTURE = Path(__file__).parent.parent / "docs" / "load.svg"


def main() -> None:
    with serving() as server:
        server.wait_until_calm()
        measure(server, 50, 6)  # the very first calls are slower
        load = measure(server, VISITORS, SECONDS)
        curve = [measure(server, count, CURVE_SECONDS) for count in CURVE]
    rows = [
        ("what", f"{VISITORS:,} visitors"),
        ("confirmations", f"{load['total']:.0f}"),
        ("failed requests", f"{load['failed']:.0f}"),
        ("confirmations per second", f"{load['total'] / SECONDS:.0f}"),
        ("milliseconds until one is confirmed, median", f"{load['median']:.1f}"),
        ("milliseconds until one is confirmed, 95 of 100", f"{load['p95']:.1f}"),
        ("milliseconds until one is confirmed, longest", f"{load['longest']:.1f}"),
        ("milliseconds of CPU on the server for each", f"{load['cpu']:.2f}"),
        ("load average at the end", f"{os.getloadavg()[0]:.1f}"),
    ]
    median, p95 = ([(load["visitors"], load[name]) for load in curve] for name in ("median", "p95"))
    cpu = [(load["visitors"], load["cores"]) for load in curve]
    delays = Plot(
        "visitors drawing", "ms until confirmed", {"median": median, "95 of 100": p95}, goal=GOAL, from_zero=True
    )
    cores = Plot("visitors drawing", "cores that the server uses", {"": cpu}, from_zero=True)
    save([delays, cores], PICTURE)
    write_section("A thousand visitors drawing", "benchmarks.load", rows, PICTURE)


def measure(server: Server, count: int, seconds: float) -> dict[str, float]:
    """Let this many visitors draw for this long; return their confirmations and waits in milliseconds, and CPU use."""
    before = server.cpu_seconds
    waits = asyncio.run(drawing_visitors(server, count, seconds, STROKE, REST))
    cpu = server.cpu_seconds - before
    every = [1000 * each for one in waits for each in one if each < math.inf]
    load = {
        "visitors": count,
        "failed": sum(each == math.inf for one in waits for each in one),
        "total": len(every),
        "least": min(map(len, waits)),
        "median": statistics.median(every),
        "p95": statistics.quantiles(every, n=20)[-1],
        "longest": max(every),
        "cpu": 1000 * cpu / len(every),
        "cores": cpu / seconds,
    }
    print(", ".join(f"{name} {value:.4g}" for name, value in load.items()), flush=True)
    return load


if __name__ == "__main__":
    main()
