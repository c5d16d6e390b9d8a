"""Which texts of an assessment are Markdown, and their trees."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from gateway.presented import Presented
from gateway.rich_text.rendering import render
from grading.items.parsons import ParsonsContent

RICH: Final = frozenset({"stem", "text"})
"""The fields of what is presented that an author writes prose in."""
WORK_MAX: Final = 100_000
"""Characters of one assessment that are read as Markdown, so that no author makes a gateway work for seconds."""
REMEMBERED: Final = 1_024
"""Texts; each is up to some ten kilobytes as JSON."""


def rich_texts(items: Sequence[Presented], extra: Iterable[str] = ()) -> dict[str, Raw]:
    """Return the trees, as JSON, of all texts in the items and of `extra` that are not plain, each by its text.

    Blocks of a program (parsons) are never Markdown: `a * b * c` and `__init__` mean themselves.
    """
    found: dict[str, Raw] = {}
    work = 0
    for text in dict.fromkeys([*extra, *(text for item in items for text in _authored(item))]):
        work += len(text)
        if work > WORK_MAX:
            break
        encoded = _encoded(text)
        if encoded is not None:
            found[text] = encoded
    return found


@lru_cache(maxsize=REMEMBERED)
def _encoded(text: str) -> Raw | None:
    nodes = render(text)
    return None if nodes is None else Raw(msgspec.json.encode(nodes))


def _authored(part: Struct) -> Iterator[str]:
    if isinstance(part, ParsonsContent):
        yield part.stem
        return
    for name in part.__struct_fields__:
        value: Any = getattr(part, name)
        if isinstance(value, str):
            if name in RICH:
                yield value
        elif isinstance(value, Struct):
            yield from _authored(value)
        elif isinstance(value, tuple):
            yield from (text for entry in value if isinstance(entry, Struct) for text in _authored(entry))
