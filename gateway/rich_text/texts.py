"""Which texts of an assessment are Markdown, and their trees."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from msgspec import Struct

from gateway.presented import Presented
from gateway.rich_text.nodes import Node
from gateway.rich_text.rendering import may_hold_markup, render
from grading.items.parsons import ParsonsContent

RICH: Final = frozenset({"stem", "text"})
"""The fields of what is presented that an author writes prose in."""
WORK_MAX: Final = 60_000
"""Characters with markup of one assessment that are read: at the worst that anybody found, a second or so."""


def rich_texts(items: Sequence[Presented], extra: Iterable[str] = ()) -> dict[str, list[Node]]:
    """Return the trees of all texts in the items and of `extra` that are not plain, each by its text.

    Blocks of a program (parsons) are never Markdown: `a * b * c` and `__init__` mean themselves.
    """
    found: dict[str, list[Node]] = {}
    work = 0
    texts = dict.fromkeys([*extra, *(text for item in items for text in _authored(item))])
    for text in filter(may_hold_markup, texts):
        work += len(text)
        if work > WORK_MAX:
            break
        nodes = render(text)
        if nodes is not None:
            found[text] = nodes
    return found


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
