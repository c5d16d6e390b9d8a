"""What the builtin generator can be asked to do, and what it answers: plain data, so that a child can be asked."""

from typing import assert_never

from msgspec import Struct

from gateway.generation.builtin import making
from gateway.generation.model import (
    ArtifactDraft,
    ArtifactKind,
    FailureCode,
    GenerationFailed,
    NothingElse,
    Order,
    Outline,
)


class MakeOutline(Struct, frozen=True, tag="outline"):
    """Cut the order's sources into modules."""

    order: Order


class MakeModule(Struct, frozen=True, tag="module"):
    """Make every artifact of one module."""

    order: Order
    outline: Outline
    index: int


class MakeAgain(Struct, frozen=True, tag="again"):
    """Make one artifact again; `earlier` and `notes` oldest first."""

    order: Order
    outline: Outline
    index: int
    kind: ArtifactKind
    earlier: list[ArtifactDraft]
    notes: list[str]


Task = MakeOutline | MakeModule | MakeAgain


class OutlineMade(Struct, frozen=True, tag="outline"):
    """The answer to MakeOutline."""

    outline: Outline


class DraftsMade(Struct, frozen=True, tag="drafts"):
    """The answer to MakeModule, and to MakeAgain with one draft."""

    drafts: list[ArtifactDraft]


class Failed(Struct, frozen=True, tag="failed"):
    """GenerationFailed as data; `nothing_else` where it was NothingElse."""

    code: FailureCode
    message: str
    retryable: bool
    nothing_else: bool


class Crashed(Struct, frozen=True, tag="crashed"):
    """The task met a mistake of ours, an exception of this type."""

    error_type: str


Reply = OutlineMade | DraftsMade | Failed | Crashed


class Desk:
    """Does one task after the other. The last order stays read, so a course is read once and not once a module."""

    def __init__(self) -> None:
        self._shop: making.Workshop | None = None

    def do(self, task: Task) -> Reply:
        """Return what was asked for, the same bytes for the same task, or how it failed."""
        try:
            return self._made(task)
        except GenerationFailed as failed:
            return Failed(failed.code, failed.message, failed.retryable, isinstance(failed, NothingElse))

    def _made(self, task: Task) -> Reply:
        shop = self._open(task.order)
        match task:
            case MakeOutline():
                return OutlineMade(making.outline_of(shop))
            case MakeModule(outline=outline, index=index):
                return DraftsMade(making.module_of(shop, outline, index))
            case MakeAgain(outline=outline, index=index, kind=kind, earlier=earlier, notes=notes):
                return DraftsMade([making.remade(shop, outline, index, kind, earlier, notes)])
            case _:
                assert_never(task)

    def _open(self, order: Order) -> making.Workshop:
        if self._shop is None or self._shop.order != order:
            self._shop = None  # two read sources at once would take twice the memory
            self._shop = making.open_workshop(order)
        return self._shop
