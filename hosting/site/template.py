"""Fill a panel's .html template with its properties, as Gradio does in the browser with Handlebars.

Supported is only what the panels use: {{name}}, {{name.of.part}}, {{this}}, {{../name}}, {{#each list}}, {{#if value}}.
"""

import html
import re
from collections.abc import Iterator
from typing import Any

TAG = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
KNOWN = re.compile(r"#(each|if) ([\w./]+)|/(?:each|if)|([\w./]+)")


def fill(template: str, properties: dict[str, Any]) -> str:
    """Return the filled template. Raises ValueError for an unsupported tag."""
    parts = iter(TAG.split(template))
    return "".join(_filled(_parse(parts), [properties]))


def _parse(parts: Iterator[str]) -> list:
    """Return text, (path,) and blocks as (kind, path, content), up to the end of the block or of the parts."""
    found: list = [next(parts)]
    for tag in parts:
        known = KNOWN.fullmatch(tag)
        if not known or tag == "else":
            raise ValueError(f"{{{{{tag}}}}} is not supported in a panel of the static site.")
        if tag.startswith("/"):
            return found
        kind, path, name = known.groups()
        found += [(kind, path, _parse(parts)) if kind else (name,), next(parts)]
    return found


def _filled(nodes: list, contexts: list[Any]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, str):
            yield node
        elif len(node) == 1:
            yield html.escape(_text(_value(node[0], contexts)))
        else:
            kind, path, inner = node
            value = _value(path, contexts)
            if kind == "each":
                for item in value or []:
                    yield from _filled(inner, [*contexts, item])
            elif value:
                yield from _filled(inner, contexts)


def _value(path: str, contexts: list[Any]) -> Any:
    up = path.count("../")
    value = contexts[-1 - up]
    for name in path[3 * up :].split("."):
        if name == "length":
            value = len(value or [])
        elif name != "this":
            value = value.get(name) if isinstance(value, dict) else None
    return value


def _text(value: Any) -> str:
    """Return a value as JavaScript prints it."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
