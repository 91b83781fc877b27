"""Measure how fast a number of five digits is read: `python -m benchmarks.number_live [--strokes N]`, a minute.

Four digits of five strokes are on the wide sheet, and one between them is dragged in many small moves, as fast as the
browser accepts them; measured as in benchmarks.live.
"""

import argparse

from benchmarks.live import STROKES, WARM_UP
from benchmarks.page import chromium
from benchmarks.report import spread, write_section
from benchmarks.serving import serving
from benchmarks.stroke import MOVES, draw_into, open_recording_page
from visitor.drawings import a_line

AT = 520  # pixels from the left pair of digits to the right pair


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.number_live", description=__doc__.splitlines()[0])
    parser.add_argument("--strokes", type=int, default=STROKES)
    count = parser.parse_args().strokes
    with chromium() as browser, serving() as server:
        page = open_recording_page(browser, server.url)
        strokes = [draw_into(page, four_digits(), "2417") for _ in range(WARM_UP + count)][WARM_UP:]
    names = {
        "rate": "answers to a number painted per second",
        "move_delay": "pen moved to the number painted, ms",
        "delay": "pen up to the number painted, ms",
        "requests": "requests a stroke of a number",
        "kilobytes": "kilobytes a stroke of a number",
    }
    rows = [("median (lowest–highest)", "a number of five digits")]
    rows += [(title, spread([getattr(stroke, name) or 0 for stroke in strokes])) for name, title in names.items()]
    rows.append((f"n, strokes of {MOVES} moves", str(len(strokes))))
    write_section("Number to answer", "benchmarks.number_live", rows)


def four_digits() -> dict:
    """Return the digits 24 and 17, with room for another digit in the middle."""
    left, right = a_line("24")["strokes"], a_line("17")["strokes"]
    shifted = [stroke | {"points": [[x + AT, y] for x, y in stroke["points"]]} for stroke in right]
    return {"strokes": left + shifted, "picture": None, "width": 840}


if __name__ == "__main__":
    main()
