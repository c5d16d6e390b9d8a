"""true_false: a statement is judged."""

from typing import Literal

from msgspec import Struct

from grading.faults import Flaws
from grading.items.asked import Answered, Asked
from grading.kinds import Loaded, loaded
from grading.parts import Stem
from grading.result import Scored


class TrueFalseContent(Struct, frozen=True, forbid_unknown_fields=True):
    """A statement to judge."""

    stem: Stem


class TrueFalseKey(Struct, frozen=True, forbid_unknown_fields=True):
    """Whether the statement holds."""

    value: bool


class TrueFalseScoring(Struct, frozen=True, forbid_unknown_fields=True):
    """Right or wrong."""

    rule: Literal["exact"] = "exact"


class TrueFalse(Asked, frozen=True, tag="true_false", kw_only=True):
    """A statement that holds or does not."""

    content: TrueFalseContent
    key: TrueFalseKey
    scoring: TrueFalseScoring = TrueFalseScoring()


class TrueFalseAnswer(Answered, frozen=True, tag="true_false"):
    """Whether the learner holds the statement to be true."""

    value: bool


class TrueFalseForm(Struct, frozen=True):
    """Any verdict is well formed."""

    def read(self, answer: TrueFalseAnswer) -> bool:
        """Return the verdict."""
        return answer.value


class TrueFalseRubric(Struct, frozen=True):
    """Knows the right verdict."""

    value: bool

    def score(self, reading: bool) -> Scored:
        """The right verdict earns everything, the other nothing."""
        return RIGHT if reading is self.value else WRONG


RIGHT, WRONG = Scored(1), Scored(0)


def load(item: TrueFalse, flaws: Flaws) -> Loaded:  # ruff: ignore[unused-function-argument] - nothing can be wrong
    """Prepare the item; any statement with a verdict can be graded."""
    return loaded(TrueFalseAnswer, TrueFalseForm(), TrueFalseRubric(item.key.value))
