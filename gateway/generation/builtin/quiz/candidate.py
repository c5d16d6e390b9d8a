"""A question before it becomes an item: everything but its id, its order of options and its place in the quiz."""

from typing import Literal, TypeAlias

from msgspec import Struct

from gateway.generation.builtin.quiz.words import NUMBERS, roots_of
from grading.model import Kind
from grading.tolerances import ExactTolerance, Tolerance

Made: TypeAlias = Literal[
    Kind.SINGLE_CHOICE,
    Kind.TRUE_FALSE,
    Kind.MULTIPLE_CHOICE,
    Kind.SHORT_TEXT,
    Kind.NUMERIC,
    Kind.MATCHING,
    Kind.ORDERING,
    Kind.GAP_SELECT,
    Kind.GAP_TEXT,
]
"""The kinds of items that are found in sources; the others are authored by people."""

_TAUGHT = 3.0
LONGEST_SPAN = 1500
"""Code points a cited span may have; a longer one is no evidence."""


class Candidate(Struct, frozen=True, kw_only=True):
    """One possible item. `right` and `wrong` are options or accepted answers; `lefts` the stems of a matching, each with
    its right choice at the same place in `right`; `twin` the false form of a statement. `places` are the sentences it
    draws on, `keys` the terms it asks for, `rank` its worth: higher first; `taught` is 1 where the module's notes hold
    what it asks, word for word. `ascending` keeps the options in the order of their values, `tolerance` says how near a number must come.
    """

    kind: Made
    module: int
    stem: str
    source_id: str
    start: int
    end: int
    places: tuple[int, ...]
    keys: tuple[str, ...]
    rank: float
    taught: float
    right: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    lefts: tuple[str, ...] = ()
    twin: str = ""
    ascending: bool = False
    group_mark: bool = False
    tolerance: Tolerance = ExactTolerance()

    @property
    def value(self) -> float:
        """What it adds to a quiz: its worth, and that a learner of the module can know it."""
        return self.rank + _TAUGHT * self.taught

    @property
    def visible(self) -> str:
        """All that a learner reads, a false form aside."""
        return " ".join((self.stem, *self.lefts, *(self.right if self.shows_right else ()), *self.wrong))

    @property
    def ordered(self) -> tuple[str, ...]:
        """The options by their value, where they are number words."""
        return tuple(sorted((*self.right, *self.wrong), key=lambda text: NUMBERS.get(text, 0)))

    @property
    def shows_right(self) -> bool:
        """Whether the right answer stands among what the learner reads."""
        return self.kind in {Kind.SINGLE_CHOICE, Kind.MULTIPLE_CHOICE, Kind.MATCHING, Kind.ORDERING, Kind.GAP_SELECT}

    @property
    def asked(self) -> frozenset[str]:
        """The roots of what it asks about, keys included."""
        return roots_of(" ".join((self.stem, *self.lefts, *self.right)))

    @property
    def forms(self) -> tuple[frozenset[str], ...]:
        """What it asks in each of its forms: a statement may be asked as it is or as its twin."""
        return (self.asked, roots_of(self.twin)) if self.twin else (self.asked,)
