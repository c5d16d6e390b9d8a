"""The worked examples of docs/grading.md."""

import re
from itertools import starmap
from pathlib import Path
from typing import Final

from msgspec import Struct

PAGE: Final = Path(__file__).parents[2] / "docs" / "grading.md"


class Example(Struct, frozen=True):
    """One type's example: the JSON of an item, of an answer to it, and of the result."""

    kind: str
    item: bytes
    answer: bytes
    result: bytes


def examples() -> list[Example]:
    """Read the page: under each type's heading the three blocks of its example."""
    return list(starmap(_example, sections().items()))


def sections() -> dict[str, str]:
    """Read the page: one heading a type, and what stands under it."""
    parts = _parts()[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def preface() -> str:
    """What stands before the types: what all of them have in common."""
    return _parts()[0]


def words_on(kind: str) -> str:
    """What the page says of a type: its own section without the example, those of the types that it refers to, the preface."""
    found = {
        name: re.sub(r"^```json .*?^```", "", text, flags=re.DOTALL | re.MULTILINE) for name, text in sections().items()
    }
    others = [text for name, text in found.items() if re.search(rf"\b{name}\b", found[kind])]
    return "\n".join([preface(), kind, found[kind], *others])


def _parts() -> list[str]:
    return re.split(r"^## \d+\. (\w+)$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)


def _example(kind: str, text: str) -> Example:
    blocks = {
        name: block.encode() for name, block in re.findall(r"^```json (\w+)\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    }
    return Example(kind, blocks["item"], blocks["answer"], blocks["result"])
