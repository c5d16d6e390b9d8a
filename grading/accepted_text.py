"""Accepted texts: which of an item's answers a typed text matches, and what that earns.

Rule source: grading contract, section 4. Both sides pass the text pipeline, the answers once, when they are loaded.
"""

from collections.abc import Sequence
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import Struct

from grading.faults import Flaws, FormatError
from grading.kinds import CHEAP_US
from grading.loose_text import Contains, Fuzzy, Loose, Pattern, Seen, contains, fuzzy, pattern, wildcard
from grading.parts import Share, exact
from grading.result import Scored
from grading.text import TextOptions, TextPipeline, read_text

ANSWERS_MAX: Final = 50
FUZZY_MAX: Final = 100
STEPS_MAX: Final = 200_000
"""What all patterns of an item may cost: RE2's instructions times the characters of the longest answer, each 20 ns."""

LEAST_CHARACTERS: Final = 50
"""Of how many characters an answer is reckoned at least: compiling has its cost too, however short the answers are."""

MatchRule: TypeAlias = Literal["best_match", "first_match"]
"""Which accepted answer counts where several match: the one that earns most, or the one that is listed first."""

_Given = Annotated[str, msgspec.Meta(max_length=500)]


class AcceptedText(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    r"""A text that earns `score`, compared as `mode` says after both sides have passed the text pipeline.

    exact      the same text
    wildcard   `*` stands for anything, also for nothing; an asterisk itself is written `\*`
    regex      an RE2 pattern, in `pattern` or in `text`, that matches the whole text
    contains   the words stand in the text, whole and in this order
    fuzzy      with typing errors: one from 4 letters on, two from 10 letters on, or `distance` of them
    """

    text: _Given = ""
    mode: Literal["exact", "wildcard", "regex", "contains", "fuzzy"] = "exact"
    score: Share = 1.0
    distance: Annotated[int, msgspec.Meta(ge=1, le=10)] | None = None
    pattern: _Given | None = None


NO_MATCH: Final = Scored(0)


class AcceptedTexts(Struct, frozen=True):
    """The accepted answers of an item or a gap. Of those that match, the one with the least rank counts.

    `same` holds the texts that need no search: most answers are found there, or nowhere. `steps` is what the patterns
    may cost.
    """

    pipeline: TextPipeline
    cased: TextPipeline
    same: dict[str, tuple[int, Scored]]
    loose: tuple[tuple[int, Loose, Scored], ...]
    steps: int

    def judge(self, text: str) -> Scored:
        """Return what a typed text earns, as `read_text` returned it."""
        compared = self.pipeline.apply(text)
        if self.loose:
            return self.judge_seen(Seen(text, compared, self.cased))
        found = self.same.get(compared)
        return NO_MATCH if found is None else found[1]

    def seen(self, text: str) -> Seen:
        """Return the text in the forms that `judge_seen` compares, where several lists of answers are asked."""
        return Seen(text, self.pipeline.apply(text), self.cased)

    def judge_seen(self, seen: Seen) -> Scored:
        """Return what a text earns that `seen` has prepared, here or for a list with the same pipeline."""
        found = self.same.get(seen.compared)
        for rank, loose, scored in self.loose:
            if found is not None and found[0] <= rank:
                break
            if loose.matches(seen):
                return scored
        return NO_MATCH if found is None else found[1]


def accepted_texts(
    answers: Sequence[AcceptedText], options: TextOptions, rule: MatchRule, max_length: int, param: str, flaws: Flaws
) -> AcceptedTexts:
    """Prepare accepted answers; `param` is the path of their list, for the flaws. One of them must earn everything."""
    if not 1 <= len(answers) <= ANSWERS_MAX:
        flaws.add(param, f"from 1 to {ANSWERS_MAX} answers")
    if max((accepted.score for accepted in answers), default=1) != 1:
        flaws.add(param, "one answer must earn 1")
    pipeline = TextPipeline(options)
    same: dict[str, tuple[int, Scored]] = {}
    loose: list[tuple[int, Loose, Scored]] = []
    steps = 0
    for rank, place in enumerate(_by_rank(answers, rule)):
        accepted, path = answers[place], f"{param}[{place}]"
        scored = Scored(exact(accepted.score))
        prepared = _prepared(accepted, pipeline, max_length, path, flaws)
        match prepared:
            case None:
                pass
            case str():
                same.setdefault(prepared, (rank, scored))
            case Fuzzy():
                same.setdefault(prepared.text, (rank, scored))
                misspelt = Scored(scored.share, notices=("spelling",)) if accepted.score > 0 else scored
                loose.append((rank, prepared, misspelt))
            case _:
                loose.append((rank, prepared, scored))
        if isinstance(prepared, Pattern):
            steps += prepared.program * max(max_length, LEAST_CHARACTERS)
            steps_flaw(steps, f"{path}.{_field(accepted)}", flaws)
    cased = TextPipeline(msgspec.structs.replace(options, case="exact"))
    return AcceptedTexts(pipeline, cased, same, tuple(loose), steps)


def cost_us_of(steps: int) -> int:
    """What an answer costs at worst that patterns of so many steps are tried on, in microseconds."""
    return CHEAP_US + steps // 50


def steps_flaw(steps: int, param: str, flaws: Flaws) -> None:
    """Add a flaw if patterns that cost so many steps together are too many."""
    if steps > STEPS_MAX:
        flaws.add(param, "the patterns are too costly for so long answers; use fewer repetitions or a lower max_length")


def _by_rank(answers: Sequence[AcceptedText], rule: MatchRule) -> list[int]:
    """The places of the answers in the order in which they are looked for."""
    places = list(range(len(answers)))[:ANSWERS_MAX]
    if rule == "best_match":
        places.sort(key=lambda place: (-answers[place].score, answers[place].mode == "fuzzy"))
    return places


def _field(accepted: AcceptedText) -> str:
    return "text" if accepted.pattern is None else "pattern"


def _prepared(
    accepted: AcceptedText, pipeline: TextPipeline, max_length: int, path: str, flaws: Flaws
) -> Loose | str | None:
    """Return how the answer is matched, a plain text if it is looked up; None if a flaw leaves nothing to match."""
    mode, field = accepted.mode, f"{path}.{_field(accepted)}"
    if accepted.distance is not None and mode != "fuzzy":
        flaws.add(f"{path}.distance", "a distance is for the mode fuzzy alone")
    if accepted.pattern is not None and (mode != "regex" or accepted.text):
        flaws.add(f"{path}.pattern", "a pattern is for the mode regex alone, and stands in place of the text")
        return None
    if mode == "regex":
        return _pattern(accepted.text if accepted.pattern is None else accepted.pattern, pipeline, field, flaws)
    enterable = read_text(accepted.text.replace("*", "") if mode == "wildcard" else accepted.text, max_length, field)
    if isinstance(enterable, FormatError):
        flaws.add(field, f"no answer could be so: {enterable.message}")
        return None
    text = pipeline.apply(accepted.text)
    if not text:
        flaws.add(field, "after the text pipeline nothing is left of it")
        return None
    match mode:
        case "exact":
            return text
        case "wildcard":
            return wildcard(accepted.text, pipeline)
        case "contains":
            return _contains(text, pipeline, path, flaws)
        case "fuzzy":
            return _fuzzy(text, accepted, path, flaws)


def _pattern(source: str, pipeline: TextPipeline, field: str, flaws: Flaws) -> Pattern | None:
    compiled = pattern(source, pipeline) if source else None
    if compiled is None:
        flaws.add(field, "RE2 does not take this pattern, or it is too large")
    return compiled


def _contains(text: str, pipeline: TextPipeline, path: str, flaws: Flaws) -> Contains:
    if pipeline.options.whitespace == "remove":
        flaws.add(f"{path}.mode", "contains looks for whole words, and without whitespace there are none")
    return contains(text)


def _fuzzy(text: str, accepted: AcceptedText, path: str, flaws: Flaws) -> Fuzzy | str:
    if len(accepted.text) > FUZZY_MAX:
        flaws.add(f"{path}.text", f"a fuzzy text has at most {FUZZY_MAX} characters")
    matcher = fuzzy(text, accepted.distance)
    if accepted.distance is not None and (matcher is None or accepted.distance * 2 > len(text)):
        flaws.add(
            f"{path}.distance", "so many errors make any other text of this one; numbers and 3 letters forgive none"
        )
    return text if matcher is None else matcher
