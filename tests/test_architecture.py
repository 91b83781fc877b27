"""The structure: imports run one way, functions are short, the code is within its budget, the map is complete."""

import ast
import re
import subprocess

from docs.architecture import PICTURE, arrows, imports, rows, svg
from docs.map import README, written
from tests.conftest import ROOT

MOST_ARROWS = 24
MOST_FUNCTION_LINES = 44
# Non-blank lines of Python, JavaScript, CSS and HTML in lenet/ and demo/. Raise it only on purpose, in the commit that
# needs more; lower it when the code gets smaller.
BUDGET = 12_733


def tracked(*folders: str) -> list:
    listed = subprocess.run(["git", "ls-files", *folders], cwd=ROOT, capture_output=True, text=True, check=True)
    return [path for path in map(ROOT.joinpath, listed.stdout.split()) if path.exists()]


def test_no_room_imports_a_room_above_it_and_there_are_few_arrows():
    found = arrows()
    order = rows(found)  # raises CycleError where rooms import each other
    assert order[-2:] == [["demo"], ["app.py"]]
    assert len(found) <= MOST_ARROWS


def test_lenet_imports_neither_the_page_nor_gradio():
    for file in tracked("lenet"):
        if file.suffix == ".py":
            assert not {name.split(".")[0] for name in imports(file)} & {"demo", "app", "gradio"}, file


def test_benchmarks_do_not_import_tests_and_the_visitor_imports_neither():
    forbidden = {"benchmarks": {"tests"}, "visitor": {"tests", "benchmarks"}, "lenet": {"tests", "benchmarks"}}
    forbidden |= {"demo": {"tests", "benchmarks", "visitor"}, "hosting": {"tests", "benchmarks", "visitor"}}
    for folder, others in forbidden.items():
        for file in tracked(folder):
            if file.suffix == ".py":
                assert not {name.split(".")[0] for name in imports(file)} & others, file


def test_the_architecture_diagram_is_up_to_date():
    assert PICTURE.read_text("utf-8") == svg(arrows()), "python -m docs.architecture draws it again"


def test_the_map_in_the_readme_is_up_to_date():
    readme = README.read_text("utf-8")
    assert written(readme) == readme, "python -m docs.map writes it again"
    for file in tracked("lenet", "demo"):
        if file.suffix == ".py" and file.name != "__init__.py":
            assert re.search(rf"`({file.name}|{file.stem}/)`", readme), file


def _lines(node: ast.AST) -> set[int]:
    return set(range(node.lineno, node.end_lineno + 1))


def _inner_functions(node: ast.AST) -> list[ast.AST]:
    return [
        each for each in ast.walk(node) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) and each != node
    ]


def test_no_function_has_more_than_45_lines():
    long = []
    for file in tracked("app.py", "lenet", "demo", "hosting"):
        if file.suffix == ".py":
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    lines = len(_lines(node) - set().union(*(_lines(inner) for inner in _inner_functions(node))))
                    if lines > MOST_FUNCTION_LINES:
                        long.append(f"{file.relative_to(ROOT)} {node.name}: {lines} lines")
    assert not long


def test_the_code_stays_within_its_budget_of_lines():
    files = [file for file in tracked("lenet", "demo") if file.suffix in (".py", ".js", ".css", ".html")]
    lines = sum(bool(line.strip()) for file in files for line in file.read_text("utf-8").splitlines())
    assert lines <= BUDGET
