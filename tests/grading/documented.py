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
    """Read the page: one heading a type, and under it the three blocks of its example."""
    sections = re.split(r"^## \d+\. (\w+)$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return list(starmap(_example, zip(sections[::2], sections[1::2], strict=True)))


def _example(kind: str, text: str) -> Example:
    blocks = {
        name: block.encode() for name, block in re.findall(r"^```json (\w+)\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    }
    return Example(kind, blocks["item"], blocks["answer"], blocks["result"])
