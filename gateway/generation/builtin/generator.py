"""The builtin kind of generator: the pure making of a course, run beside the event loop."""

import asyncio
import hashlib
import threading
from collections.abc import Sequence

import msgspec

from gateway.generation.builtin import making
from gateway.generation.model import ArtifactDraft, ArtifactKind, Order, Outline

_KEPT_OPEN = 2


class BuiltinGenerator:
    """Makes courses of their sources alone. The work runs in a thread, so a worker can renew its lease meanwhile;
    the last orders are kept read, so a course is read once and not once a module.
    """

    def __init__(self) -> None:
        self._open: dict[bytes, making.Workshop] = {}
        self._lock = threading.Lock()

    async def outline(self, order: Order) -> Outline:
        """Cut the order's sources into modules. Raises source_unreadable where they hold no usable sentence."""
        return await asyncio.to_thread(lambda: making.outline_of(self._workshop(order)))

    async def module(self, order: Order, outline: Outline, index: int) -> list[ArtifactDraft]:
        """Make the artifacts of one module; the same input gives the same bytes."""
        return await asyncio.to_thread(lambda: making.module_of(self._workshop(order), outline, index))

    async def regenerate(
        self,
        order: Order,
        outline: Outline,
        index: int,
        kind: ArtifactKind,
        earlier: Sequence[ArtifactDraft],
        notes: Sequence[str],
    ) -> ArtifactDraft:
        """Make one artifact again, following the notes. Raises NothingElse where nothing different can be made."""
        return await asyncio.to_thread(
            lambda: making.remade(self._workshop(order), outline, index, kind, earlier, notes)
        )

    def _workshop(self, order: Order) -> making.Workshop:
        key = hashlib.sha256(msgspec.json.encode(order)).digest()
        with self._lock:
            kept = self._open.pop(key, None)
        shop = kept or making.open_workshop(order)
        with self._lock:
            self._open[key] = shop
            while len(self._open) > _KEPT_OPEN:
                del self._open[next(iter(self._open))]
        return shop
