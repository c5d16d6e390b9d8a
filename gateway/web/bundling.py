"""The player's modules as one script, put together when a process starts: who writes them needs no tool for it, and a browser
fetches one file in place of half a hundred.

Each module becomes a function that is run once, after those it imports from; comments of whole lines are left out. Only the
forms of import and export that the player uses are known: any other stops the start, and a test before that.
"""

import re
from collections.abc import Iterator, Mapping
from posixpath import dirname, join, normpath
from typing import Final

_IMPORT: Final = re.compile(r'^import \{([^}]*)\} from "(\.[^"]+)";$', re.MULTILINE)
_EXPORT: Final = re.compile(r"^export ((?:async )?function|class|const) ([A-Za-z_$][A-Za-z0-9_$]*)", re.MULTILINE)
_LEFT: Final = re.compile(r"^(?:import|export)\b.*|\bimport\(.*", re.MULTILINE)
_BLOCK: Final = re.compile(r"^[ \t]*/\*.*?\*/[ \t]*\n", re.MULTILINE | re.DOTALL)
_LINE: Final = re.compile(r"^[ \t]*//[^\n]*\n", re.MULTILINE)


class Unbundlable(Exception):
    """A module that is written in a form which is not known here."""


def bundle(modules: Mapping[str, str], first: str) -> str:
    """Return one script that does what the module `first` does, with all that it imports. Raises Unbundlable."""
    order = list(_in_order(modules, first, ()))
    names = {path: f"$module{place}" for place, path in enumerate(dict.fromkeys(order))}
    return "".join(_wrapped(modules[path], path, names) for path in names)


def styles(sheets: Mapping[str, str], order: tuple[str, ...]) -> str:
    """Return style sheets one after the other, without their comments."""
    return "".join(_BLOCK.sub("", sheets[path]) for path in order)


def _in_order(modules: Mapping[str, str], path: str, importers: tuple[str, ...]) -> Iterator[str]:
    """Whatever is imported comes before who imports it."""
    if path in importers or path not in modules:
        raise Unbundlable(f"{path} imports itself, or is not there: {' > '.join(importers)}")
    for _, where in _IMPORT.findall(modules[path]):
        yield from _in_order(modules, _resolved(path, where), (*importers, path))
    yield path


def _resolved(path: str, where: str) -> str:
    return normpath(join(dirname(path), where))


def _wrapped(text: str, path: str, names: Mapping[str, str]) -> str:
    exported = [name for _, name in _EXPORT.findall(text)]
    body = _EXPORT.sub(r"\1 \2", _IMPORT.sub(lambda found: _taken(found, path, names), _without_comments(text)))
    left = _LEFT.search(body)
    if left is not None:
        raise Unbundlable(f"{path}: {left[0]}")
    return f"const {names[path]} = (() => {{\n{body}\nreturn {{ {', '.join(exported)} }};\n}})();\n"


def _taken(found: "re.Match[str]", path: str, names: Mapping[str, str]) -> str:
    return f"const {{{found[1].replace(' as ', ': ')}}} = {names[_resolved(path, found[2])]};"


def _without_comments(text: str) -> str:
    return _LINE.sub("", _BLOCK.sub("", text))
