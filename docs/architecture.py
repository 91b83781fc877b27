"""Draw architecture.svg, a diagram of which room imports which: `python -m docs.architecture`.

The rooms are app.py, demo/, the folders of lenet/, its shared modules, and its commands.
"""

import ast
from collections import defaultdict
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PICTURE = Path(__file__).with_suffix(".svg")
COMMANDS = ("train", "evaluate", "predict")
SHARED = ("errors", "mnist")
SUBTITLES = {
    "app.py": "starts the page",
    "demo": "the page",
    "lenet commands": ", ".join(COMMANDS),
    "lenet/explain": "why this answer",
    "lenet/training": "loop, recipe, batches",
    "lenet/reading": "drawing to input to answer",
    "lenet/network": "LeNet-5, today's and of 1998",
    "lenet shared": ", ".join(SHARED),
}

Arrow = tuple[str, str]  # importing room, imported room

WIDTH, HEIGHT, GAP, ROW = 190, 52, 40, 108  # of a box, between boxes, and from row to row


def arrows() -> set[Arrow]:
    """Return which room imports which; imports inside a room are left out."""
    files = [ROOT / "app.py", *(ROOT / "demo").rglob("*.py"), *(ROOT / "lenet").rglob("*.py")]
    found = {(room_of(_module(file)), room_of(name)) for file in files for name in imports(file)}
    return {(importing, imported) for importing, imported in found if imported and importing != imported}


def imports(file: Path) -> set[str]:
    """Return the modules that a file imports; `from a import b` counts as a.b."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def room_of(module: str) -> str:
    """Return a module's room: app -> app.py, demo.page -> demo, lenet.network.lenet5 -> lenet/network, others -> ""."""
    first, *rest = module.split(".")
    if first == "app":
        return "app.py"
    if first != "lenet" or not rest or rest == ["__init__"]:
        return first if first == "demo" else ""
    if rest[0] in COMMANDS + SHARED:
        return "lenet commands" if rest[0] in COMMANDS else "lenet shared"
    return f"lenet/{rest[0]}"


def rows(found: set[Arrow]) -> list[list[str]]:
    """Return the rooms in rows, each below all rooms that import it. Raises graphlib.CycleError."""
    below = defaultdict(set)
    for importing, imported in found:
        below[importing].add(imported)
    rank: dict[str, int] = {}
    for room in TopologicalSorter(below).static_order():
        rank[room] = max((rank[other] + 1 for other in below[room]), default=0)
    return [sorted(room for room in rank if rank[room] == level) for level in range(max(rank.values()) + 1)]


def svg(found: set[Arrow]) -> str:
    """Return the diagram: one box per room, one line per arrow."""
    levels = rows(found)[::-1]
    full = max(map(len, levels)) * (WIDTH + GAP) + 3 * GAP
    corner = {}
    for y, level in enumerate(levels):
        # Every other row is shifted, so that a line across several rows passes beside the boxes.
        left = (full - len(level) * (WIDTH + GAP) + GAP) / 2 + (-GAP if y % 2 else GAP)
        corner |= {room: (left + x * (WIDTH + GAP), 20 + y * ROW) for x, room in enumerate(level)}
    lines = [_line(corner[importing], corner[imported]) for importing, imported in sorted(found)]
    boxes = [_box(room, *place) for room, place in sorted(corner.items())]
    height = len(levels) * ROW - ROW + HEIGHT + 40
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {full} {height}" font-family="sans-serif">',
            "<title>Which room imports which</title>",
            f'<rect width="{full}" height="{height}" rx="12" fill="#fff"/>',
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
            '<path d="M0 0 8 4 0 8z" fill="#6366f1"/></marker></defs>',
            *lines,
            *boxes,
            "</svg>\n",
        ]
    )


def _line(above: tuple[float, float], below: tuple[float, float]) -> str:
    """Return a curve from the lower edge of one box to the upper edge of another; the ends are spread out."""
    spread = max(-60.0, min(60.0, (below[0] - above[0]) / 5))
    x1, y1 = above[0] + WIDTH / 2 + spread, above[1] + HEIGHT
    x2, y2 = below[0] + WIDTH / 2 - spread, below[1] - 2
    bend = (y2 - y1) / 2
    path = f"M{x1:.0f} {y1:.0f}C{x1:.0f} {y1 + bend:.0f} {x2:.0f} {y2 - bend:.0f} {x2:.0f} {y2:.0f}"
    return f'<path d="{path}" fill="none" stroke="#a5b4fc" stroke-width="1.5" marker-end="url(#tip)"/>'


def _box(room: str, x: float, y: float) -> str:
    middle = f'x="{x + WIDTH / 2:.0f}" text-anchor="middle"'
    return (
        f'<rect x="{x:.0f}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="8" fill="#eef2ff" stroke="#6366f1"/>'
        f'<text {middle} y="{y + 22}" font-size="14" font-weight="600" fill="#1e1b4b">{room}</text>'
        f'<text {middle} y="{y + 40}" font-size="12" fill="#475569">{SUBTITLES[room]}</text>'
    )


def _module(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts)


if __name__ == "__main__":
    PICTURE.write_text(svg(arrows()), "utf-8")
    print(f"{PICTURE}: {len(arrows())} arrows")
