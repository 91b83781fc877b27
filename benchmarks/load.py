"""Many visitors drawing at once: `python -m benchmarks.load`, two minutes, on this machine alone.

First 50 visitors at 20 updates a second each, on the page and on a page of stock Gradio whose function does nothing,
in turns; then 1 to 100 visitors on the page, as the picture load.png. All of it, visitors and servers, on one machine.
"""

import asyncio
import os
import statistics
from pathlib import Path

from benchmarks.curves import Plot, save
from benchmarks.report import spread, write_section
from benchmarks.serving import READ, Server, drawing_visitors, serving

VISITORS, RATE = 50, 20
ROUNDS, SECONDS = 3, 8
CURVE = (1, 2, 5, 10, 20, 35, 50, 75, 100)
CURVE_SECONDS = 5
EMPTY = "/gradio_api/run/read"
PICTURE = Path(__file__).with_name("load.png")


def main() -> None:
    with serving() as ours, serving("-m", "benchmarks.empty") as empty:
        for server in (ours, empty):
            server.wait_until_calm()
        rounds = [(measure(ours, VISITORS, SECONDS), measure(empty, VISITORS, SECONDS, EMPTY)) for _ in range(ROUNDS)]
        curve = [measure(ours, count, CURVE_SECONDS) for count in CURVE]
    our_loads, empty_loads = zip(*rounds, strict=True)
    shares = [100 * here["total"] / floor["total"] for here, floor in rounds]
    rows = [("what", "the page", "a function that does nothing", "n")]
    for name, text in (
        ("total", "updates a second, all visitors"),
        ("least", "updates a second, the visitor with the fewest"),
        ("median", "milliseconds an update, median"),
        ("p95", "milliseconds an update, 95 of 100"),
        ("cpu", "milliseconds of the server's CPU an update"),
    ):
        columns = (spread([load[name] for load in loads]) for loads in (our_loads, empty_loads))
        rows.append((text, *columns, f"{ROUNDS} rounds of {SECONDS} s"))
    rows.append(("throughput, % of the empty function's", spread(shares), "100", "the same rounds"))
    rows.append(("failed requests", "0", "0", "one would end the command"))
    bend = next((load["visitors"] for load in curve if load["least"] < 0.9 * RATE), None)
    rows.append((f"visitors from which on {RATE} a second are not reached", str(bend or "none"), "", "see the curves"))
    rows.append(("load average at the end", f"{os.getloadavg()[0]:.1f}", "", ""))
    least, median, p95 = ([(load["visitors"], load[name]) for load in curve] for name in ("least", "median", "p95"))
    rates = Plot("visitors drawing", "updates a second, slowest visitor", {"": least}, goal=RATE, from_zero=True)
    delays = Plot("visitors drawing", "ms an update", {"median": median, "95 of 100": p95}, from_zero=True)
    save([rates, delays], PICTURE)
    write_section(f"{VISITORS} visitors at {RATE} updates a second", "benchmarks.load", rows, PICTURE)


def measure(server: Server, count: int, seconds: float, path: str = READ) -> dict[str, float]:
    """What so many visitors who draw for so long get, and what they cost; updates a second and milliseconds."""
    before = server.cpu_seconds
    taken = asyncio.run(drawing_visitors(server, count, seconds, RATE, path))
    cpu = server.cpu_seconds - before
    every = [1000 * each for one in taken for each in one]
    return {
        "visitors": count,
        "total": len(every) / seconds,
        "least": min(map(len, taken)) / seconds,
        "median": statistics.median(every),
        "p95": statistics.quantiles(every, n=20)[-1],
        "cpu": 1000 * cpu / len(every),
    }


if __name__ == "__main__":
    main()
