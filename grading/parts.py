"""The values that items of several kinds are made of: ids, texts, choices, gaps, source spans.

Texts are Markdown; nothing here reads it. A run of five underscores in a stem is a gap; the n-th run is the n-th of `gaps`.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Annotated, Protocol

import msgspec

from grading.faults import Flaws, shown
from grading.result import Share as ExactShare
from grading.result import whole

Id = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}\Z")]
"""An id inside one item or assessment; it says nothing about the key."""
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
"""A choice, a stem of a matching or an accepted answer, in code points."""
Stem = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
Points = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,6}\.[0-9]{2}\Z")]
"""Exact points as decimal text with two places."""
Number = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
"""A number as written, in the grammar of the item's content; parsed exactly, never as a float."""
Share = Annotated[float, msgspec.Meta(ge=-1, le=1)]
"""A part of the item's score."""

GAP = "_____"
"""How a gap is written in a stem."""


class SourceRef(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The span of a source that bears the key out: code points of its extracted text, half-open."""

    source_id: str
    start: Annotated[int, msgspec.Meta(ge=0)]
    end: Annotated[int, msgspec.Meta(ge=0)]


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something to pick, to match, to put in order or to put into a gap."""

    id: Id
    text: Text


class OptionGap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A gap that is filled from its own list of 2 options at least, or, if it has none, from the content's word bank."""

    id: Id
    options: Annotated[tuple[Choice, ...], msgspec.Meta(max_length=50)] = ()


class Named(Protocol):
    """Anything with an id."""

    @property
    def id(self) -> str:
        """Tells it apart from the others in its list."""


def ids_once(named: Sequence[Named], param: str, flaws: Flaws) -> frozenset[str]:
    """Return the ids, each of which may be there once; `param` is the list's path, for the flaws."""
    seen: set[str] = set()
    for place, one in enumerate(named):
        if one.id in seen:
            flaws.add(f"{param}[{place}].id", f"the id {shown(one.id)!r} is there twice")
        seen.add(one.id)
    return frozenset(seen)


def exact(authored: float) -> ExactShare:
    """The very decimal that the author wrote: 0.1 is one tenth; an int where it is whole."""
    return whole(Fraction(repr(authored)))
