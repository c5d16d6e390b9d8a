"""numeric: a bare number is typed, or set on a slider."""

from typing import Annotated, Literal

import msgspec
from msgspec import Struct

from grading.accepted_number import AcceptedNumber, AcceptedNumbers, accepted_numbers
from grading.accepted_text import MatchRule
from grading.faults import Blank, Flaws, Malformed
from grading.items.asked import Answered, Asked
from grading.kinds import Loaded, loaded
from grading.limits import Limits, limits_of
from grading.numbers import NumberGrammar, NumberReader, Written, grammar_flaws
from grading.parts import Number, Stem
from grading.result import Scored


class NumericContent(NumberGrammar, frozen=True, forbid_unknown_fields=True):
    """A question whose answer is a bare number; a unit, if any, is named by the stem.

    All numbers of the item are written as learners write them: `min`, `max` and `step` here, and those of the key.
    A slider needs the former two.
    """

    stem: Stem
    min: Number | None = None
    max: Number | None = None
    step: Number | None = None
    input: Literal["box", "slider"] = "box"


class NumericKey(Struct, frozen=True, forbid_unknown_fields=True):
    """The accepted numbers, of which one earns everything."""

    answers: Annotated[tuple[AcceptedNumber, ...], msgspec.Meta(min_length=1)]


class NumericScoring(Struct, frozen=True, forbid_unknown_fields=True):
    """Which accepted number counts where several match."""

    rule: MatchRule = "best_match"


class Numeric(Asked, frozen=True, tag="numeric", kw_only=True):
    """A bare number."""

    content: NumericContent
    key: NumericKey
    scoring: NumericScoring = NumericScoring()


class NumericAnswer(Answered, frozen=True, tag="numeric"):
    """The number as it was typed."""

    value: Annotated[str, msgspec.Meta(max_length=500)]


class NumericForm(Struct, frozen=True):
    """Knows how numbers are written here, and which are taken."""

    reader: NumberReader
    limits: Limits | None

    def read(self, answer: NumericAnswer) -> Written | Blank | Malformed:
        """Return the number, exactly, with its digits as written."""
        written = self.reader.read(answer.value, "value")
        if isinstance(written, Written):
            refusal = None if self.limits is None else self.limits.refusal(written, "value")
            return written if refusal is None else Malformed((refusal,))
        return Blank("value") if written is None else Malformed((written,))


class NumericRubric(Struct, frozen=True):
    """Knows the accepted numbers."""

    accepted: AcceptedNumbers

    def score(self, reading: Written) -> Scored:
        """Return the score of the accepted number that counts, 0 if none is near enough."""
        return self.accepted.judge(reading)


def load(item: Numeric, flaws: Flaws) -> Loaded:
    """Prepare the item; what makes it ungradable is added to `flaws`."""
    content = item.content
    grammar_flaws(content, "content", flaws)
    reader = NumberReader(content)
    limits = limits_of(content.min, content.max, content.step, reader, flaws)
    if content.input == "slider" and (content.min is None or content.max is None):
        flaws.add("content.input", "a slider needs min and max")
    accepted = accepted_numbers(item.key.answers, reader, item.scoring.rule, limits, "key.answers", flaws)
    return loaded(NumericAnswer, NumericForm(reader, limits), NumericRubric(accepted))
