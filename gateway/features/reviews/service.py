"""People judge what no rule can: an essay, or an item with one in it. Rule source: assessments, "Results".

The sum is reckoned anew from the exact shares of all items, under the lock of the submission: reviews that come at once
are added up exactly, in whatever order.
"""

from fractions import Fraction
from typing import Any, Final

from asyncpg import Record
from litestar import Response
from msgspec import structs

from gateway.caller import Caller
from gateway.clock import as_datetime
from gateway.errors import InvalidField, ReviewNotPending, SubmissionNotFound, WrongState
from gateway.features.reviews import store
from gateway.features.reviews.schemas import NewReview, Review, ReviewTaken
from gateway.features.reviews.store import Judgement
from gateway.features.submissions import service as submissions
from gateway.grades import KeptResult, added_up, kept_results
from gateway.http import Listing, Page, newest_before, newest_position
from gateway.ids import is_id, new_id
from gateway.once import Once
from gateway.records.sealing import Decision, seal
from gateway.services import Services
from gateway.stores import Connection
from gateway.webhooks.telling import tell
from grading.result import cents_text, points_text, rounded, share_text, whole

OVER: Final = ("graded", "awaiting_review", "expired")
"""The states of a submission that can be reviewed: its answers are graded as far as rules go."""


async def review(
    services: Services, caller: Caller, once: Once, submission_id: str, data: NewReview
) -> Response[ReviewTaken]:
    """Judge one item, once for its key. Raises SubmissionNotFound, WrongState, ReviewNotPending, InvalidField."""
    now_ms = services.clock.now_ms()

    async def find(connection: Connection) -> None:
        await _require(connection, caller, submission_id)

    async def effect(connection: Connection, _: None) -> ReviewTaken:
        row = await _locked(connection, caller, submission_id)
        results = kept_results(row["results"])
        place = _place(results, data)
        judged = _judged(results[place], data)
        published = await services.published.version(
            connection, caller.center.id, caller.env, row["assessment_id"], row["assessment_version"]
        )
        grade = added_up((*results[:place], judged, *results[place + 1 :]), published.settings.pass_percent)
        status = "graded" if grade.is_final and row["status"] == "awaiting_review" else row["status"]
        now = as_datetime(now_ms)
        judgement = Judgement(
            id=new_id("rvw", now_ms),
            submission_id=submission_id,
            item_id=data.item_id,
            score_cents=_cents(data.score),
            max_cents=judged.points_cents,
            comment=data.comment,
            reviewer=caller.actor,
        )
        await store.insert(connection, caller.center.id, caller.env, judgement, now)
        after = await store.regrade(connection, caller.center.id, caller.env, submission_id, status, grade, now)
        if after is None:
            raise SubmissionNotFound
        shown = submissions.render(after)
        if grade.is_final:
            chain = caller.center.id, caller.env
            await tell(connection, chain, "submission.grading_completed", submission_id, shown, now, caller.request_id)
        decision = _decision(row, judgement, published.rule, caller.request_id, grade.score_cents)
        await seal(connection, caller.center.id, caller.env, decision, now)
        caller.facts.update(submission_id=submission_id, review_id=judgement.id)
        fields = structs.asdict(judgement) | {"created_at": now}
        return ReviewTaken(**_fields(fields), submission=shown)

    return await once.run(effect, find=find, body=data, location=lambda made: f"/v1/submissions/{made.submission_id}")


def _decision(row: Record, judgement: Judgement, rule: str, request_id: str, score_cents: int | None) -> Decision:
    return Decision(
        type="submission.reviewed",
        actor=judgement.reviewer,
        subject=judgement.submission_id,
        policy={"assessment": row["assessment_id"], "rule": rule, "version": row["assessment_version"]},
        outcome={
            "item": judgement.item_id,
            "item_max_cents": judgement.max_cents,
            "item_score_cents": judgement.score_cents,
            "review": judgement.id,
            "score_cents": score_cents,
            "score_cents_before": row["score_cents"],
        },
        body={"comment": judgement.comment, "learner_ref": row["learner_ref"]},
        person=row["learner_ref"],
        request_id=request_id,
    )


async def newest(
    services: Services, caller: Caller, submission_id: str, limit: int, cursor: str | None
) -> Page[Review]:
    """Return a page of a submission's reviews, newest first. Raises SubmissionNotFound, InvalidCursor."""
    route = f"/v1/submissions/{submission_id}/reviews"
    listing = Listing(services.keyring, caller, route, now_ms=services.clock.now_ms())
    before = newest_before(listing.position(cursor))
    async with services.sql.session() as connection:
        await _require(connection, caller, submission_id)
        rows = await store.newest(
            connection, caller.center.id, caller.env, submission_id, before=before, limit=limit + 1
        )
    return listing.page(rows, limit, show=render, position=newest_position)


async def _require(connection: Connection, caller: Caller, submission_id: str) -> None:
    there = is_id("sub", submission_id) and await store.exists(connection, caller.center.id, caller.env, submission_id)
    if not there:
        raise SubmissionNotFound


async def _locked(connection: Connection, caller: Caller, submission_id: str) -> Record:
    row = await store.lock(connection, caller.center.id, caller.env, submission_id)
    if row is None:
        raise SubmissionNotFound
    if row["status"] not in OVER:
        raise WrongState(current=row["status"], allowed=OVER)
    if row["regraded_as"] is not None or row["results"] is None:
        raise ReviewNotPending(row["regraded_as"])
    return row


def _place(results: tuple[KeptResult, ...], data: NewReview) -> int:
    """Where the item is among the results; raises InvalidField for one that is not there, or that a rule has judged."""
    for place, one in enumerate(results):
        if one.item_id == data.item_id:
            if one.share is not None and not one.reviewed:
                raise InvalidField("item_id", "an item that only a person can judge")
            if _cents(data.score) > one.points_cents:
                raise InvalidField("score", f"at most {cents_text(one.points_cents)}, the item's points")
            return place
    raise InvalidField("item_id", "an item of this submission")


def _cents(score: str) -> int:
    """``_cents("7.5") == 750``."""
    units, _, places = score.partition(".")
    return int(units) * 100 + int(places.ljust(2, "0"))


def _judged(one: KeptResult, data: NewReview) -> KeptResult:
    """The item with the reviewer's score; an item without points has nothing to earn."""
    share = whole(Fraction(_cents(data.score), one.points_cents)) if one.points_cents else 0
    result = structs.replace(
        one.result,
        score=rounded(share),
        points=points_text(share, one.points_cents),
        state="right" if share == 1 else "partial" if share else "wrong",
    )
    return structs.replace(one, share=share_text(share), result=result, reviewed=True)


def _fields(row: Record | dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "submission_id": row["submission_id"],
        "item_id": row["item_id"],
        "score": cents_text(row["score_cents"]),
        "max_score": cents_text(row["max_cents"]),
        "comment": row["comment"],
        "reviewer": row["reviewer"],
        "created_at": row["created_at"],
    }


def render(row: Record) -> Review:
    """Show a row of `review`."""
    return Review(**_fields(row))
