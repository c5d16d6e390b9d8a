"""The authored texts of published versions as trees of nodes: made once a process and version, since a version never changes.

Making them takes milliseconds a page of text: it is done in a thread, and by one for all who wait.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final, TypeAlias

import msgspec
from msgspec import Raw

from gateway.presented import Presented
from gateway.rich_text import rich_texts

BYTES_MAX: Final = 16_777_216
"""How much JSON of trees is kept in one process."""

Name: TypeAlias = tuple[str, str, str, int]
"""Center, env, assessment and version."""


class RichVersions:
    """Trees of the versions that this process used lately, each center's own, least used ones forgotten first."""

    def __init__(self, *, bytes_max: int = BYTES_MAX) -> None:
        self._bytes_max = bytes_max
        self._bytes = 0
        self._kept: OrderedDict[Name, Raw] = OrderedDict()
        self._making: dict[Name, asyncio.Task[Raw]] = {}

    async def of(self, name: Name, items: Sequence[Presented], *texts: str) -> Raw:
        """Return the trees of all texts in the items, and of `texts`, by the texts themselves, as one JSON object."""
        kept = self._kept.get(name)
        if kept is not None:
            self._kept.move_to_end(name)
            return kept
        making = self._making.get(name)
        if making is None:
            making = self._making[name] = asyncio.create_task(asyncio.to_thread(_made, items, texts))
            making.add_done_callback(lambda task: self._done(name, task))
        # Shielded: whoever hangs up must not take the trees from the others.
        return await asyncio.shield(making)

    def _done(self, name: Name, making: "asyncio.Task[Raw]") -> None:
        self._making.pop(name, None)
        if making.cancelled() or making.exception() is not None:
            return
        self._kept[name] = making.result()
        self._bytes += len(making.result())
        while self._bytes > self._bytes_max and len(self._kept) > 1:
            _, forgotten = self._kept.popitem(last=False)
            self._bytes -= len(forgotten)


def _made(items: Sequence[Presented], texts: Sequence[str]) -> Raw:
    return Raw(msgspec.json.encode(rich_texts(items, texts)))
