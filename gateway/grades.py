"""What an attempt earned: reckoned once, kept exactly, shown as far as its assessment's feedback goes.

Rule source: assessments, "Objects"; grading, sections 2 and 12; security, "Learners and answer keys".
"""

from collections.abc import Mapping, Sequence
from typing import Final, Literal, TypeAlias

import msgspec
from msgspec import Struct, structs

from gateway.assessment_settings import AssessmentSettings
from gateway.published import Published
from grading.answers import Answers, Given
from grading.items.essay import Essay, EssayAnswer, suggest
from grading.model import Item
from grading.policy import Feedback, penalised, shown_result
from grading.result import (
    Notice,
    PartSignal,
    Result,
    Share,
    cents,
    cents_text,
    points_text,
    rounded,
    share_of,
    share_text,
)
from grading.submission import ItemGrade, ItemState, Report, Totals, totals_of

GradedStatus: TypeAlias = Literal["graded", "awaiting_review", "expired"]


class KeptResult(Struct, frozen=True, omit_defaults=True):
    """One item as it is kept: `share` is exact ("2/3"), null while a person must judge; no key is in it.

    `tries_before` are those that cost points, so that a regrade takes off as much; `reviewed`: a person judged.
    """

    item_id: str
    points_cents: int
    share: str | None
    result: Result
    tries_before: int = 0
    reviewed: bool = False


class Grade(Struct, frozen=True, kw_only=True):
    """A graded attempt as it is written. `earned` is the exact sum in hundredths of a point.

    While a person must judge, `score_cents` and `percent` count what is judged so far, and `passed` is not known.
    """

    results: tuple[KeptResult, ...]
    earned: str
    score_cents: int
    max_cents: int
    percent: int
    passed: bool | None

    @property
    def is_final(self) -> bool:
        """Whether nobody must judge anything any more."""
        return self.passed is not None


class ItemResult(Struct, frozen=True, kw_only=True):
    """What one item earned. `score` and `max_score` are points as decimal text, `fraction` the share with 6 places; both
    are null while a person must judge. `parts` are there at feedback level `parts` alone.
    """

    item_id: str
    score: str | None
    max_score: str
    fraction: float | None
    state: ItemState
    parts: tuple[PartSignal, ...] | None = None
    notices: tuple[Notice, ...] = ()


class Suggestion(Struct, frozen=True, kw_only=True):
    """What the keywords found in an essay would earn, as decimal text. `keywords` says which they are, and so a part of the
    key: null for reviewers who may not see keys.
    """

    score: str
    keywords: tuple[str, ...] | None


class ItemForReview(ItemResult, frozen=True, kw_only=True):
    """What one item earned, whatever learners are told. `suggestion` is there for an essay that was answered and whose key
    has keywords.
    """

    suggestion: Suggestion | None = None


_encode: Final = msgspec.json.Encoder().encode
_kept: Final = msgspec.json.Decoder(tuple[KeptResult, ...])


def grade_of(published: Published, report: Report, tries_before: Mapping[str, int]) -> Grade:
    """Add up a report. `tries_before` are the tries of each item before its answer last changed, where a try costs."""
    settings = published.settings
    if any(tries_before.values()):
        results = [_penalised(one, tries_before.get(one.item_id, 0), settings.penalty_per_try) for one in report.items]
        return added_up(results, settings.pass_percent)
    results = [KeptResult(one.item_id, one.points_cents, _kept_share(one.share), one.result) for one in report.items]
    return _grade(results, report.totals, published.points_cents, settings.pass_percent)


def _penalised(one: ItemGrade, tries_before: int, penalty_per_try: float) -> KeptResult:
    share, result = one.share, one.result
    if share is None or not result.attempted:
        return KeptResult(one.item_id, one.points_cents, _kept_share(share), result)
    share = penalised(share, tries_before, penalty_per_try)
    result = structs.replace(result, score=rounded(share), points=points_text(share, one.points_cents))
    return KeptResult(one.item_id, one.points_cents, _kept_share(share), result, tries_before)


def added_up(results: Sequence[KeptResult], pass_percent: int) -> Grade:
    """Add up results, those that a person judged too."""
    totals = totals_of((None if one.share is None else share_of(one.share), one.points_cents) for one in results)
    return _grade(results, totals, sum(one.points_cents for one in results), pass_percent)


def _grade(results: Sequence[KeptResult], totals: Totals, max_cents: int, pass_percent: int) -> Grade:
    return Grade(
        results=tuple(results),
        earned=share_text(totals.earned_cents),
        score_cents=cents(totals.earned_cents),
        max_cents=max_cents,
        percent=totals.percent,
        passed=None if totals.awaiting_review else totals.percent >= pass_percent,
    )


def _kept_share(share: Share | None) -> str | None:
    """An exact share as `KeptResult` holds it; nearly all are whole."""
    if type(share) is int:
        return "1" if share == 1 else "0" if share == 0 else share_text(share)
    return None if share is None else share_text(share)


def kept_bytes(grade: Grade) -> bytes:
    """The results as the column `results` holds them."""
    return _encode(grade.results)


def kept_results(column: bytes) -> tuple[KeptResult, ...]:
    """What `kept_bytes` wrote."""
    return _kept.decode(column)


def feedback_for(settings: AssessmentSettings, attempt: int) -> Feedback:
    """How much a learner is told after this attempt: nothing before the last one, if the assessment says so.

    Where attempts are unlimited there is no last one.
    """
    if settings.feedback_at == "each_attempt":
        return settings.feedback
    is_last = settings.max_attempts is not None and attempt >= settings.max_attempts
    return settings.feedback if is_last else "none"


def shown(results: Sequence[KeptResult], feedback: Feedback) -> tuple[ItemResult, ...] | None:
    """The results as far as a learner may see them; None where nothing is told."""
    if feedback == "none":
        return None
    return tuple([_shown(one, feedback) for one in results])


def shown_for_review(
    results: Sequence[KeptResult], items: Sequence[Item], answers: Answers, *, with_keys: bool
) -> tuple[ItemForReview, ...]:
    """The results with all there is, for those who may judge; words of keys only `with_keys`. `items` are as authored,
    `answers` those that were graded.
    """
    essays = {item.id: item for item in items if isinstance(item, Essay) and item.key.keywords}
    given = {one.item_id: one.answer for one in answers if isinstance(one, Given)}
    return tuple(
        ItemForReview(
            **structs.asdict(_shown(one, "parts")),
            suggestion=_suggestion(one, essays.get(one.item_id), given.get(one.item_id), with_keys=with_keys),
        )
        for one in results
    )


def _suggestion(one: KeptResult, essay: Essay | None, answer: object, *, with_keys: bool) -> Suggestion | None:
    if essay is None or not isinstance(answer, EssayAnswer) or not one.result.attempted:
        return None
    suggested = suggest(essay, answer)
    score = points_text(suggested.share, one.points_cents)
    return Suggestion(score=score, keywords=suggested.found if with_keys else None)


def _shown(one: KeptResult, feedback: Feedback) -> ItemResult:
    seen = shown_result(one.result, feedback)
    state = one.result.state
    return ItemResult(
        item_id=one.item_id,
        score=None if one.share is None else seen.points,
        max_score=cents_text(one.points_cents),
        fraction=seen.score,
        state=state if one.result.attempted else "unanswered",
        parts=seen.parts,
        notices=seen.notices or (),
    )


def score_text(score_cents: int) -> str:
    """Points as they are shown: decimal text with two places."""
    return cents_text(score_cents)
