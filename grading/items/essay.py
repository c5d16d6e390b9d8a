"""essay: a longer text that a person judges by a rubric; keywords suggest a score to that person alone."""

import re
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Struct

from grading.faults import Blank, Flaws, FormatError, Malformed
from grading.items.asked import Answered, Asked
from grading.kinds import Loaded, loaded
from grading.parts import Choice, Stem, Text, exact, ids_once
from grading.result import Scored
from grading.result import Share as ExactShare
from grading.text import FORBIDDEN, TextOptions, TextPipeline, visible

LONGEST_ESSAY: Final = 20_000
"""Code points."""


class EssayContent(Struct, frozen=True, forbid_unknown_fields=True):
    """A task that is answered at length; `format` says how the text is shown, the words of both are counted alike."""

    stem: Stem
    min_words: Annotated[int, msgspec.Meta(ge=1, le=5000)] = 1
    max_words: Annotated[int, msgspec.Meta(ge=1, le=5000)] | None = None
    format: Literal["plain", "markdown"] = "plain"


class Keyword(Struct, frozen=True, forbid_unknown_fields=True):
    """A word or phrase that a good text has; `score` is what it adds to the suggestion."""

    text: Text
    score: Annotated[float, msgspec.Meta(gt=0, le=1)]


class EssayKey(Struct, frozen=True, forbid_unknown_fields=True):
    """What the reviewer judges by. It is never sent to a learner."""

    criteria: Annotated[tuple[Choice, ...], msgspec.Meta(max_length=20)] = ()
    keywords: Annotated[tuple[Keyword, ...], msgspec.Meta(max_length=50)] = ()


class EssayScoring(Struct, frozen=True, forbid_unknown_fields=True):
    """A person judges."""

    rule: Literal["review"] = "review"


class Essay(Asked, frozen=True, tag="essay", kw_only=True):
    """A longer text."""

    content: EssayContent
    key: EssayKey = EssayKey()
    scoring: EssayScoring = EssayScoring()


class EssayAnswer(Answered, frozen=True, tag="essay"):
    """The text."""

    text: Annotated[str, msgspec.Meta(max_length=LONGEST_ESSAY)]


class EssayForm(Struct, frozen=True):
    """Knows how many words are wanted."""

    min_words: int
    max_words: int | None

    def read(self, answer: EssayAnswer) -> str | Blank | Malformed:
        """Return the text."""
        text = answer.text
        errors: list[FormatError] = []
        if FORBIDDEN.search(text):
            errors.append(FormatError("invalid_unicode", "text", "control characters are not allowed"))
        words = len((text if text.isascii() else visible(text)).split())
        if not words:
            return Malformed(tuple(errors)) if errors else Blank("text")
        if words < self.min_words:
            errors.append(FormatError("too_few", "text", f"at least {self.min_words} words", limit=self.min_words))
        if self.max_words is not None and words > self.max_words:
            errors.append(FormatError("too_many", "text", f"at most {self.max_words} words", limit=self.max_words))
        return Malformed(tuple(errors)) if errors else text


class EssayRubric(Struct, frozen=True):
    """Leaves the judgement to a person."""

    def score(self, reading: str) -> Scored:  # ruff: ignore[unused-method-argument] - no text has a score of its own
        """No share: a person must judge."""
        return NEEDS_REVIEW


NEEDS_REVIEW: Final = Scored(None)


class Suggestion(Struct, frozen=True):
    """For the reviewer alone: the share that the keywords found would make, and which they are. It tells the key."""

    share: ExactShare
    found: tuple[str, ...]


def suggest(item: Essay, answer: EssayAnswer) -> Suggestion:
    """Return what the keywords in the text suggest, as whole words in any case and spacing; at most all of the item."""
    text = _ALIKE.apply(answer.text)
    found = [keyword for keyword in item.key.keywords if _holds(text, _ALIKE.apply(keyword.text))]
    total: ExactShare = sum(exact(keyword.score) for keyword in found)
    return Suggestion(min(total, 1), tuple(keyword.text for keyword in found))


_ALIKE: Final = TextPipeline(TextOptions(diacritics="ignore"))


def _holds(text: str, keyword: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(keyword)}(?!\w)", text) is not None


def load(item: Essay, flaws: Flaws) -> Loaded:
    """Prepare the item; what makes it ungradable is added to `flaws`."""
    content = item.content
    if content.max_words is not None and content.max_words < content.min_words:
        flaws.add("content.max_words", f"must not be less than min_words ({content.min_words})")
    ids_once(item.key.criteria, "key.criteria", flaws)
    return loaded(EssayAnswer, EssayForm(content.min_words, content.max_words), EssayRubric())
