"""What a kind of item is made of once it is loaded: a form that reads answers and a rubric that scores what was read.

The form is built from the content alone, so that no verdict about the shape of an answer can depend on the key.
"""

from typing import Any, Final, Protocol, TypeVar

from msgspec import Struct

from grading.faults import Blank, FormatError, Malformed
from grading.result import Scored

Answer_contra = TypeVar("Answer_contra", contravariant=True)
Reading_co = TypeVar("Reading_co", covariant=True)
Reading_contra = TypeVar("Reading_contra", contravariant=True)


class Form(Protocol[Answer_contra, Reading_co]):
    """The public side of an item, prepared once: knows ids, counts and grammars, no key."""

    def read(self, answer: Answer_contra, /) -> Reading_co | Blank | Malformed:
        """Return the answer in the shape that the rubric scores, or everything that is wrong with it."""


class Rubric(Protocol[Reading_contra]):
    """The secret side of an item, prepared once."""

    def score(self, reading: Reading_contra, /) -> Scored:
        """Return the exact share; the engine applies floor and ceiling."""


CHEAP_US: Final = 100
"""What an answer costs at worst when grading it takes a few passes over at most 200 short entries."""


class Reader(Struct, frozen=True):
    """Reads the answers to one item: the type of answer that it takes, and its form. Holds no key."""

    kind: str
    answer_type: type[Any]
    form: Form[Any, Any]

    def read(self, answer: Struct) -> Any:
        """Return what the form makes of the answer: a reading, a blank, or what is wrong; an answer for another kind of
        item is `type_mismatch`.
        """
        if type(answer) is not self.answer_type:
            message = f"the item is a {self.kind}, the answer is for a {tag_of(type(answer))}"
            return Malformed((FormatError("type_mismatch", "type", message, allowed=(self.kind,)),))
        return self.form.read(answer)


class Loaded(Struct, frozen=True):
    """What a kind's `load` returns: how to read answers to the item and how to score them.

    `cost_us` is about what the worst answer costs to read and score, in microseconds.
    """

    reader: Reader
    rubric: Rubric[Any]
    cost_us: int


Answer = TypeVar("Answer", bound=Struct)
Reading = TypeVar("Reading")


def loaded(
    answer_type: type[Answer], form: Form[Answer, Reading], rubric: Rubric[Reading], *, cost_us: int = CHEAP_US
) -> Loaded:
    """Join a form and a rubric that fit together; the type check sees that they do."""
    return Loaded(Reader(tag_of(answer_type), answer_type, form), rubric, cost_us)


def tag_of(tagged: type[Struct]) -> str:
    """The `type` of items or answers of this class."""
    return str(tagged.__struct_config__.tag)
