"""Questions tried out: graded like those of an assessment, and forgotten."""

import asyncio

from gateway.authoring import ready
from gateway.features.trials.schemas import Grading, Trial
from gateway.given_answers import answers_of, graded_all
from gateway.grades import KeptResult, added_up, score_text, shown


async def grade(data: Trial) -> Grading:
    """Grade the answers. Raises InvalidField for items that can't be graded, then InvalidAnswerFormat."""
    exam = await ready(data.items)
    # In a thread: a body may hold as much as the costliest submission there is.
    report = await asyncio.to_thread(graded_all, exam, answers_of(data.answers))
    results = [KeptResult(item.item_id, item.points_cents, item.share_text, item.result) for item in report.items]
    sums = added_up(results, pass_percent=0)
    return Grading(
        results=shown(results, "parts") or (),
        score=score_text(sums.score_cents),
        max_score=score_text(sums.max_cents),
        percent=sums.percent,
        awaiting_review=not sums.is_final,
    )
