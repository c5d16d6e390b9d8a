"""single_choice: one of several choices is picked; each choice is worth a share."""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Struct

from grading.alike import worth_alike
from grading.faults import Flaws, FormatError, Malformed, shown
from grading.items.asked import Answered, Asked
from grading.kinds import Loaded, loaded
from grading.parts import Choice, Id, Share, Stem, exact, ids_once
from grading.result import Scored, nearly_all
from grading.result import Share as ExactShare


class SingleChoiceContent(Struct, frozen=True, forbid_unknown_fields=True):
    """A question with 2 to 50 choices, of which one is picked."""

    stem: Stem
    choices: Annotated[tuple[Choice, ...], msgspec.Meta(min_length=2, max_length=50)]


class SingleChoiceKey(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The id of the right choice, or the share that each choice earns; choices that are not named earn nothing."""

    correct: Id | None = None
    scores: dict[str, Share] | None = None


class SingleChoiceScoring(Struct, frozen=True, forbid_unknown_fields=True):
    """The choice earns its share."""

    rule: Literal["choice"] = "choice"


class SingleChoice(Asked, frozen=True, tag="single_choice", kw_only=True):
    """One of several choices."""

    content: SingleChoiceContent
    key: SingleChoiceKey
    scoring: SingleChoiceScoring = SingleChoiceScoring()


class SingleChoiceAnswer(Answered, frozen=True, tag="single_choice"):
    """The id of the picked choice."""

    choice: Id


class SingleChoiceForm(Struct, frozen=True):
    """Knows the ids of the choices."""

    choices: frozenset[str]

    def read(self, answer: SingleChoiceAnswer) -> str | Malformed:
        """Return the id of the picked choice."""
        if answer.choice in self.choices:
            return answer.choice
        return Malformed((FormatError("unknown_id", "choice", f"no choice has the id {shown(answer.choice)!r}"),))


class SingleChoiceRubric(Struct, frozen=True):
    """Knows what each choice earns."""

    scores: dict[str, Scored]

    def score(self, reading: str) -> Scored:
        """The picked choice earns its share, any other nothing."""
        return self.scores.get(reading, NOTHING)


NOTHING: Final = Scored(0)


def load(item: SingleChoice, flaws: Flaws) -> Loaded:
    """Prepare the item; what makes it ungradable is added to `flaws`."""
    choices = ids_once(item.content.choices, "content.choices", flaws)
    key = item.key
    shares: dict[str, ExactShare] = {}
    if (key.correct is None) == (key.scores is None):
        flaws.add("key", "give either correct, the id of the right choice, or scores, the share of each choice")
    elif key.correct is not None:
        shares = {key.correct: 1}
        if key.correct not in choices:
            flaws.add("key.correct", f"no choice has the id {shown(key.correct)!r}")
    elif key.scores is not None:
        shares = {choice: exact(share) for choice, share in key.scores.items()}
        for unknown in sorted(shares.keys() - choices):
            flaws.add(f"key.scores.{shown(unknown)}", "no choice has this id")
        if not nearly_all(max(shares.values(), default=0)):
            flaws.add("key.scores", "one choice must earn 1")
    worth_alike(item.content.choices, shares, "content.choices", flaws)
    scores = {choice: Scored(share) for choice, share in shares.items()}
    return loaded(SingleChoiceAnswer, SingleChoiceForm(choices), SingleChoiceRubric(scores))
