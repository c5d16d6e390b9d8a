"""A check: is this answer right? Format first, which costs nothing; then it is counted; then it is told.

Rule source: assessments, "Taking"; security, "Learners and answer keys".
"""

from typing import Final, Literal

import asyncpg
import msgspec
from asyncpg import Record
from litestar import Response

from gateway import overdue
from gateway.caller import Caller
from gateway.clock import as_datetime
from gateway.errors import (
    AssessmentNotFound,
    AssessmentNotPublished,
    CheckLimitReached,
    InvalidAnswerFormat,
    Overloaded,
    SubmissionClosed,
)
from gateway.features.checks import store
from gateway.features.checks.schemas import Checked, NewCheck
from gateway.given_answers import answer_of, graded_one
from gateway.ids import is_id
from gateway.learners import learner_of
from gateway.once import Once, answer
from gateway.published import Published, assessment_exists
from gateway.services import Services
from gateway.stores import Connection
from gateway.tries import digest_of
from grading.engine import Graded
from grading.faults import Malformed
from grading.model import Answer
from grading.policy import shown_check
from grading.result import cents_text

_json: Final = msgspec.json.Encoder()

_TRIES: Final = 3
"""How often a check is graded again because the learner is asked another version than was thought."""


async def check(
    services: Services, caller: Caller, once: Once, assessment_id: str, data: NewCheck
) -> Response[Checked]:
    """Count a check of one answer and tell how it fared.

    Raises AssessmentNotFound, AssessmentNotPublished, InvalidAnswerFormat, CheckLimitReached, SubmissionClosed where the
    time of the attempt under way is over or a session's attempt is, and what `Once` raises.
    """
    learner_ref = learner_of(caller, data.learner_ref)
    if not is_id("asmt", assessment_id):
        raise AssessmentNotFound
    if caller.session is not None:
        if assessment_id != caller.session.assessment_id:
            raise AssessmentNotFound
        if caller.session.is_closed:
            raise SubmissionClosed
    checking = _Checking(services, caller, assessment_id, learner_ref, data)
    try:
        return await _answered(checking, once, data)
    except SubmissionClosed:
        await checking.close_attempt()
        raise


async def _answered(checking: "_Checking", once: Once, data: NewCheck) -> Response[Checked]:
    if once.key is None:
        return answer(_json.encode(await checking.run()), 200, None)

    async def find(connection: Connection) -> None:
        await checking.find(connection)

    async def effect(connection: Connection, _: None) -> Checked:
        checking.connection = connection
        return await checking.run()

    return await once.run(effect, find=find, body=data, status=200)


class _Checking:
    """One check on its way. With `connection` it runs inside that one's transaction, else each statement by itself."""

    def __init__(
        self, services: Services, caller: Caller, assessment_id: str, learner_ref: str, data: NewCheck
    ) -> None:
        self._services = services
        self._center_id = caller.center.id
        self._env = caller.env
        self._plan_checks = caller.center.limits.checks_per_question
        self._assessment_id = assessment_id
        self._learner_ref = learner_ref
        self._data = data
        self._now = as_datetime(services.clock.now_ms())
        self.connection: Connection | None = None

    async def find(self, connection: Connection) -> None:
        """Raise AssessmentNotFound. What is not published is said only after a replay."""
        if not await assessment_exists(connection, self._center_id, self._env, self._assessment_id):
            raise AssessmentNotFound

    async def run(self) -> Checked:
        """Grade, count, tell."""
        given = answer_of(self._data.answer)
        published = await self._current(fresh=False)
        for _ in range(_TRIES):
            try:
                graded = graded_one(published.exam, self._data.item_id, given)
            except InvalidAnswerFormat:
                # What the answer was held against may be a second old, or this learner may be asked another version.
                asked = await self._asked()
                if asked is published or asked.version == published.version:
                    raise
                published = asked
                continue
            allowed = self._allowed(published)
            row = await self._count(self._wish(published, given, allowed))
            match row["outcome"]:
                case "counted":
                    return self._told(published, graded, allowed - row["used"])
                case "spent":
                    raise CheckLimitReached(allowed)
                case "due":
                    raise SubmissionClosed
                case _:
                    published = await self._asked()
        raise Overloaded

    async def close_attempt(self) -> None:
        """Grade the attempt under way, whose time is over, as it was saved: in a transaction of its own, which stays."""
        place = (self._center_id, self._env, self._assessment_id, self._learner_ref)
        async with self._services.sql.session() as connection:
            await overdue.close_learners(connection, self._services, place, self._now)

    def _allowed(self, published: Published) -> int:
        """The assessment's checks a question, as far as the center's plan allows as many."""
        authored, plan = published.settings.checks_per_question, self._plan_checks
        return authored if plan is None else min(authored, plan)

    def _wish(self, published: Published, given: Answer | Malformed, allowed: int) -> store.Check:
        return store.Check(
            center_id=self._center_id,
            env=self._env,
            assessment_id=self._assessment_id,
            version=published.version,
            learner_ref=self._learner_ref,
            item_id=self._data.item_id,
            allowed=allowed,
            digest=digest_of(self._services.keyring, given) if published.settings.penalty_per_try else None,
            now=self._now,
        )

    async def _count(self, wish: store.Check) -> Record:
        if self.connection is not None:
            return await self._count_alone(self.connection, wish)
        row = await self._services.batches.run(store.count, wish)
        if row is None:
            async with self._services.sql.session() as connection:
                row = await self._count_alone(connection, wish)
        return row

    @staticmethod
    async def _count_alone(connection: Connection, wish: store.Check) -> Record:
        try:
            return await store.count_alone(connection, wish)
        except asyncpg.ForeignKeyViolationError:
            raise AssessmentNotFound from None  # deleted since it was looked up

    async def _current(self, *, fresh: bool) -> Published:
        published = self._services.published
        if not fresh and (hinted := published.hinted((self._center_id, self._env, self._assessment_id))) is not None:
            return hinted
        if self.connection is not None:
            return await published.current(
                self.connection, self._center_id, self._env, self._assessment_id, fresh=fresh
            )
        async with self._services.sql.session() as connection:
            return await published.current(connection, self._center_id, self._env, self._assessment_id, fresh=fresh)

    async def _asked(self) -> Published:
        """The version that this learner is asked: that of the attempt under way, else the published one."""
        if self.connection is not None:
            return await self._asked_by(self.connection)
        async with self._services.sql.session() as connection:
            return await self._asked_by(connection)

    async def _asked_by(self, connection: Connection) -> Published:
        place = (self._center_id, self._env, self._assessment_id)
        version = await store.version_asked(connection, *place, self._learner_ref)
        if version is not None:
            return await self._services.published.version(connection, *place, version)
        await self._services.published.current(connection, *place, fresh=True)
        raise AssessmentNotPublished

    def _told(self, published: Published, graded: Graded, checks_left: int) -> Checked:
        feedback: Literal["score", "parts"] = "parts" if published.settings.feedback == "parts" else "score"
        seen = shown_check(graded.result, feedback)
        if feedback == "score":
            return Checked(state=seen.state, checks_left=checks_left)
        item = published.exam.items[published.exam.places[self._data.item_id]]
        return Checked(
            state=seen.state,
            checks_left=checks_left,
            correct=None if graded.share is None else seen.state == "right",
            score=None if graded.share is None else seen.points,
            max_score=cents_text(item.points_cents),
            parts=seen.parts,
            notices=seen.notices,
        )
