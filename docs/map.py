"""Write the map of all files into README.md, from their first lines: `python -m docs.map`.

A panel or an explanation, which is a folder, has one line.
"""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
PLACE = re.compile(r"(?<=<!-- map -->\n).*?(?=<!-- end of the map -->)", re.DOTALL)
ROOMS = ("lenet", "demo")


def written(readme: str) -> str:
    """Return the README with the map of the current files."""
    return PLACE.sub(lambda _: "\n" + "\n".join(_room(ROOT / name) for name in ROOMS) + "\n", readme)


def _room(folder: Path) -> str:
    """Return the tables of a folder and of the folders in it."""
    inner = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("__"))
    files = sorted(path for path in folder.iterdir() if path.suffix in (".py", ".js") and path.stem != "__init__")
    lines = [f"**`{folder.relative_to(ROOT)}/`** {_says(folder / '__init__.py')}", ""]
    rows = [*((path.stem + path.suffix, path) for path in files if not _beside(path)), *_panels(inner)]
    lines += ["| file | what it is |", "|---|---|", *(f"| `{name}` | {_says(path)} |" for name, path in rows), ""]
    return "\n".join(lines + [_room(each) for each in inner if (each / "__init__.py").exists()])


def _beside(path: Path) -> bool:
    """Whether a file is the script of a panel, whose line comes from the Python file."""
    return path.suffix == ".js" and path.with_suffix(".py").exists()


def _panels(folders: list[Path]) -> list[tuple[str, Path]]:
    files = ((path, path / f"{path.name}{ending}") for path in folders for ending in (".py", ".js"))
    first = {f"{path.name}/": file for path, file in reversed(list(files)) if file.exists()}
    return sorted(first.items())


def _says(path: Path) -> str:
    """Return the first sentence of a file's docstring or comment, on one line."""
    text = path.read_text("utf-8")
    if path.suffix == ".py":
        return " ".join((ast.get_docstring(ast.parse(text)) or "").split("\n\n")[0].split()).replace("|", "\\|")
    comment = re.match(r"(?:// @ts-check\n)?((?://[^\n]*\n)+)", text)
    words = " ".join(line.removeprefix("//").strip() for line in (comment[1] if comment else "").splitlines())
    return words.split(". ")[0].rstrip(".") + "."


def main() -> None:
    README.write_text(written(README.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
