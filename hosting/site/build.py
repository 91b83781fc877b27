"""Make the static site: `make site`, or `python -m hosting.site.build site --full ADDRESS`.

The layout, the panels and their properties come from the page itself (demo/page.py); their scripts and styles are
copied. hosting/site/site.js replaces Gradio.
"""

import argparse
import html
import json
import shutil
import sys
from pathlib import Path

import torch

from demo.live.weights import SHIPPED, weights_file
from demo.page import HEAD, ICON, THEME, build_page
from demo.panels.panel import Panel
from demo.visitors import Visitors
from hosting.site.template import fill
from lenet.network import checkpoint

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = Path(__file__).parent
# The panels that work without a server. A note with the address of the whole page replaces the others.
KEPT = ("header", "network_switch", "pad", "answer", "figure", "codes", "share")
FRONT = """---
title: LeNet-5, live
emoji: ✍️
colorFrom: indigo
colorTo: blue
sdk: static
license: mit
short_description: Draw a digit, watch a LeNet-5 read it while you draw
---
"""


def build(site: Path, full: str | None = None) -> None:
    """Write the site into a folder, which is created, or emptied if it holds an earlier site."""
    if site.exists() and any(site.iterdir()) and not (site / "site.js").exists():
        raise SystemExit(f"{site} holds something else: name a new or empty folder.")
    shutil.rmtree(site, ignore_errors=True)
    site.mkdir(parents=True)
    networks = checkpoint.load_with_the_other(checkpoint.SHIPPED)
    (shipped, _), (other, _) = networks
    page, *_ = build_page(networks, Visitors(shipped, other=other), torch.device("cpu"))
    panels = {
        block._id: block
        for block in page.blocks.values()
        if isinstance(block, Panel) and (block.elem_id or "").split("-")[0] in KEPT
    }
    body = _layout(page.get_config_file()["layout"], page.blocks, panels, _note(full))
    for panel in panels.values():
        _copy_files(panel, site)
    for file in (FOLDER / "site.js", FOLDER / "site.css", ICON):
        shutil.copy(file, site / file.name)
    (site / "weights").mkdir()
    for name, model in ((SHIPPED, shipped), (other.name, other)):
        (site / "weights" / name).write_bytes(weights_file(model))
    (site / "theme.css").write_text(THEME._get_theme_css(), "utf-8")
    (site / "index.html").write_text(_index(body), "utf-8")
    (site / "README.md").write_text(FRONT, "utf-8")


def _layout(node: dict, blocks: dict, panels: dict[int, Panel], note: str) -> str:
    """Return the page's rows and columns with the panels, and the note in the place of the panel "teach"."""
    block = blocks.get(node["id"])
    if node["id"] in panels:
        return _panel(panels[node["id"]])
    if block and block.elem_id == "teach":
        return f'<p id="{block.elem_id}" class="block panel">{note}</p>\n'
    inner = "".join(_layout(child, blocks, panels, note) for child in node.get("children") or [])
    if not inner or not block or block.get_block_name() not in ("row", "column"):
        return inner
    return f'<div class="{block.get_block_name()}"{_attribute("id", block.elem_id)}>\n{inner}</div>\n'


def _panel(panel: Panel) -> str:
    """Return a panel with Gradio's elements: the block with the id, and the element that the script gets."""
    properties = panel.get_config()["props"]
    classes = " ".join(["block", *panel.elem_classes])
    filled = fill(panel.html_template, properties)
    source = _source(panel).as_posix()
    return (
        f'<div class="{classes}"{_attribute("id", panel.elem_id)}><div class="html-container">'
        f'<div class="content" data-panel="{source}" data-props="{html.escape(json.dumps(properties))}">{filled}</div>'
        "</div></div>\n"
    )


def _source(panel: Panel) -> Path:
    """Return the path of the panel's files without their endings, relative to the repository."""
    return panel.source.relative_to(ROOT)


def _copy_files(panel: Panel, site: Path) -> None:
    for ending in (".css", ".js"):
        file = _source(panel).with_suffix(ending)
        (site / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, site / file)


def _attribute(name: str, value: str | None) -> str:
    return f' {name}="{html.escape(value)}"' if value else ""


def _note(full: str | None) -> str:
    where = f'<a href="{html.escape(full)}">the whole page</a>' if full else "the whole page, which needs a server"
    return f"Explanations, pictures, whole numbers and training are on {where}."


def _index(body: str) -> str:
    text = (FOLDER / "index.html").read_text("utf-8")
    return text.replace("<!-- head -->", HEAD).replace("<!-- body -->", body)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make site", description=__doc__.splitlines()[0])
    parser.add_argument("site", type=Path, help="the folder to write")
    parser.add_argument("--full", help="the address of the whole page")
    chosen = parser.parse_args()
    build(chosen.site, chosen.full)
    files = [path for path in chosen.site.rglob("*") if path.is_file()]
    print(f"{chosen.site}: {len(files)} files, {sum(path.stat().st_size for path in files):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
