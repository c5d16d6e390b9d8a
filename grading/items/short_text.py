"""short_text: a few words are typed and compared with accepted texts."""

from typing import Annotated

import msgspec
from msgspec import Struct

from grading.accepted_text import AcceptedText, AcceptedTexts, MatchRule, accepted_texts, cost_us_of
from grading.faults import Blank, Flaws, FormatError, Malformed
from grading.items.asked import Answered, Asked
from grading.kinds import Loaded, loaded
from grading.parts import Stem
from grading.result import Scored
from grading.text import TextOptions, read_text


class ShortTextContent(Struct, frozen=True, forbid_unknown_fields=True):
    """A question that is answered in a few words; `max_length` in code points, without blanks around them.

    `placeholder` and `language` (a BCP 47 tag) are hints for the input field: what to write, and on which keyboard.
    """

    stem: Stem
    max_length: Annotated[int, msgspec.Meta(ge=1, le=500)] = 100
    placeholder: Annotated[str, msgspec.Meta(max_length=100)] = ""
    language: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}\Z")] | None = None


class ShortTextKey(Struct, frozen=True, forbid_unknown_fields=True):
    """The accepted answers, of which one earns everything."""

    answers: Annotated[tuple[AcceptedText, ...], msgspec.Meta(min_length=1)]


class ShortTextScoring(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Which accepted answer counts where several match, and how alike two texts must be."""

    rule: MatchRule = "best_match"
    text: TextOptions = TextOptions()


class ShortText(Asked, frozen=True, tag="short_text", kw_only=True):
    """A few words."""

    content: ShortTextContent
    key: ShortTextKey
    scoring: ShortTextScoring = ShortTextScoring()


class ShortTextAnswer(Answered, frozen=True, tag="short_text"):
    """What was typed."""

    text: Annotated[str, msgspec.Meta(max_length=500)]


class ShortTextForm(Struct, frozen=True):
    """Knows how long a text may be."""

    max_length: int

    def read(self, answer: ShortTextAnswer) -> str | Blank | Malformed:
        """Return the text, trimmed and composed."""
        text = read_text(answer.text, self.max_length, "text")
        if isinstance(text, FormatError):
            return Malformed((text,))
        return text or Blank("text")


class ShortTextRubric(Struct, frozen=True):
    """Knows the accepted texts."""

    accepted: AcceptedTexts

    def score(self, reading: str) -> Scored:
        """Return the score of the accepted answer that counts, 0 if none matches."""
        return self.accepted.judge(reading)


def load(item: ShortText, flaws: Flaws) -> Loaded:
    """Prepare the item; what makes it ungradable is added to `flaws`."""
    content, scoring = item.content, item.scoring
    accepted = accepted_texts(item.key.answers, scoring.text, scoring.rule, content.max_length, "key.answers", flaws)
    form, rubric = ShortTextForm(content.max_length), ShortTextRubric(accepted)
    return loaded(ShortTextAnswer, form, rubric, cost_us=cost_us_of(accepted.steps))
