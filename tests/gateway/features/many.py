"""Thousands of attempts without thousands of requests: one that was taken, written again under other learners' names."""

from typing import Any


async def multiply(database: Any, submission_id: str, count: int, *, learner: str | None = None) -> None:
    """Copy an attempt `count` times, a second apart: learners `copy-1`, `copy-2`, …, or further attempts of `learner`."""
    await database.execute(
        """insert into submission (center_id, env, id, assessment_id, assessment_version, learner_ref, attempt, status,
                                   source, sequence, answers, results, earned, score_cents, max_cents, percent, passed,
                                   started_at, submitted_at, graded_at)
           select s.center_id, s.env, 'sub_' || substr(translate(md5(s.id || n), '0189', 'ghij'), 1, 26), s.assessment_id,
                  s.assessment_version, coalesce($3, 'copy-' || n), case when $3 is null then 1 else 1 + n end, s.status, s.source, s.sequence, s.answers, s.results, s.earned,
                  s.score_cents, s.max_cents, s.percent, s.passed, s.started_at, s.submitted_at + n * interval '1 second',
                  s.graded_at
             from submission s, generate_series(1, $2::integer) n
            where s.id = $1""",
        submission_id,
        count,
        learner,
    )
