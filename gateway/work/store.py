"""The SQL of the worker. Decisions are functions of the migrations 0005_generation_work and 0007_regeneration_work; a
False or None means that the fence was another's.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

import asyncpg
import msgspec
from msgspec import Struct

from gateway.generation.model import ArtifactDraft, Brief, Order, Outline, Source
from gateway.stores import Connection
from gateway.work.checks import Checked
from gateway.work.leases import Renewed
from gateway.work.quizzes import MadeQuiz
from grading.model import Item

Row = asyncpg.Record


class Claim(Struct, frozen=True):
    """A row that this worker took: writes carry `fence`, logs carry `request_id` of the request that caused it."""

    center_id: str
    env: str
    id: str
    fence: int
    request_id: str
    hold_id: str

    @property
    def key(self) -> tuple[str, str, str, int]:
        """What every conditional write begins with."""
        return self.center_id, self.env, self.id, self.fence


class GenerationClaim(Claim, frozen=True):
    """A generation as it was when taken."""

    course_id: str
    claims: int
    modules_done: int
    units_held: int
    cancel_requested: bool


class RegenerationClaim(Claim, frozen=True):
    """A regeneration as it was when taken."""

    artifact_id: str
    note_id: str
    claims: int


class ModuleKept(Struct, frozen=True):
    """What keeping a module found: `kept` False where the fence was another's."""

    kept: bool
    modules_done: int
    cancel_requested: bool
    ended: bool


class Finished(Struct, frozen=True):
    """How a generation ended: with how many modules charged, and as what."""

    settled: int
    status: Literal["succeeded", "failed", "canceled"]


async def generation_turn(
    connection: Connection, env: str, generation_id: str, claims_max: int
) -> tuple[str, str] | None:
    """Name the due generation whose turn it is, by center and id; `generation_id` where others are no worse off."""
    row = await connection.fetchrow("select * from generation_turn($1, $2, $3)", env, generation_id, claims_max)
    return None if row is None or row["id"] is None else (row["center_id"], row["id"])


async def claim_generation(
    connection: Connection,
    center_id: str,
    env: str,
    generation_id: str,
    lease: timedelta,
    claims_max: int,
    now: datetime,
) -> GenerationClaim | None:
    """Take a due generation."""
    row = await connection.fetchrow(
        "select * from generation_claim($1, $2, $3, $4, $5, $6)", center_id, env, generation_id, lease, claims_max, now
    )
    return None if row is None else GenerationClaim(**{name: row[name] for name in GenerationClaim.__struct_fields__})


async def renew_generation(connection: Connection, claim: Claim, lease: timedelta) -> Renewed:
    """Prolong the lease."""
    row = await connection.fetchrow("select * from generation_renew($1, $2, $3, $4, $5)", *claim.key, lease)
    return Renewed(False) if row is None else Renewed(row["held"], row["cancel_requested"])


async def hand_back_generation(connection: Connection, claim: Claim) -> bool:
    """Give the lease up in order: due at once, the claim not counted."""
    return bool(await connection.fetchval("select generation_hand_back($1, $2, $3, $4)", *claim.key))


async def order(connection: Connection, center_id: str, env: str, course_id: str) -> Order:
    """Return all that a generator works from."""
    course = await connection.fetchrow(
        """select c.title, c.brief, owner.lot::text
             from course c join center owner on owner.id = c.center_id
            where c.center_id = $1 and c.env = $2 and c.id = $3""",
        center_id,
        env,
        course_id,
    )
    if course is None:
        raise LookupError(course_id)
    brief = msgspec.json.decode(course["brief"], type=Brief)
    sources = await connection.fetch(
        """select id, name, media_type, content from source
            where center_id = $1 and env = $2 and course_id = $3 order by created_at, id""",
        center_id,
        env,
        course_id,
    )
    return Order(
        course_id=course_id,
        title=course["title"] or "",
        brief=brief,
        sources=[Source(row["id"], row["name"], row["media_type"], row["content"]) for row in sources],
        lot=course["lot"],
    )


async def outline(connection: Connection, center_id: str, env: str, course_id: str) -> Outline | None:
    """Return the course's outline, if it has one."""
    body = await connection.fetchval(
        "select body from outline where center_id = $1 and env = $2 and course_id = $3", center_id, env, course_id
    )
    return None if body is None else msgspec.json.decode(body, type=Outline)


async def keep_outline(connection: Connection, claim: Claim, made: Outline, now: datetime) -> bool:
    """Keep the outline; from now on the generation has as many modules as it."""
    body = msgspec.json.encode(made).decode()
    query = "select generation_keep_outline($1, $2, $3, $4, $5, $6, $7)"
    return bool(await connection.fetchval(query, *claim.key, body, len(made.modules), now))


async def keep_module(
    connection: Connection,
    claim: Claim,
    index: int,
    artifacts: Sequence[tuple[str, Checked]],
    quiz: MadeQuiz | None,
    now: datetime,
) -> ModuleKept:
    """Keep a finished module under the given artifact ids, its quiz published, and with the last one end the generation."""
    ids = [artifact_id for artifact_id, _ in artifacts]
    made = [checked for _, checked in artifacts]
    row = await connection.fetchrow(
        "select * from generation_keep_module($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        *claim.key,
        index,
        ids,
        [draft.kind for draft in made],
        [draft.media_type for draft in made],
        [draft.bytes for draft in made],
        [draft.content for draft in made],
        [draft.remark for draft in made],
        _row(quiz),
        now,
    )
    if row is None or not row["kept"]:
        return ModuleKept(kept=False, modules_done=index, cancel_requested=False, ended=False)
    return ModuleKept(
        kept=True, modules_done=row["modules_done"], cancel_requested=row["cancel_requested"], ended=row["ended"]
    )


async def finish_generation(
    connection: Connection, claim: Claim, status: str, failure: str | None, now: datetime
) -> Finished | None:
    """End the generation short of its last module; one that failed while it was to be canceled is canceled."""
    query = "select * from generation_finish($1, $2, $3, $4, $5, $6, $7)"
    row = await connection.fetchrow(query, *claim.key, status, failure, now)
    return None if row is None or row["status"] is None else Finished(row["settled"], row["status"])


async def claim_regeneration(
    connection: Connection, center_id: str, env: str, artifact_id: str, lease: timedelta, claims_max: int
) -> RegenerationClaim | None:
    """Take the artifact's oldest unfinished regeneration if it is due."""
    row = await connection.fetchrow(
        "select * from regeneration_claim($1, $2, $3, $4, $5)", center_id, env, artifact_id, lease, claims_max
    )
    if row is None:
        return None
    return RegenerationClaim(**{name: row[name] for name in RegenerationClaim.__struct_fields__})


async def renew_regeneration(connection: Connection, claim: Claim, lease: timedelta) -> Renewed:
    """Prolong the lease."""
    return Renewed(bool(await connection.fetchval("select regeneration_renew($1, $2, $3, $4, $5)", *claim.key, lease)))


async def hand_back_regeneration(connection: Connection, claim: Claim) -> bool:
    """Give the lease up in order."""
    return bool(await connection.fetchval("select regeneration_hand_back($1, $2, $3, $4)", *claim.key))


async def artifact(connection: Connection, center_id: str, env: str, artifact_id: str) -> Row | None:
    """Return where an artifact stands in its course."""
    return await connection.fetchrow(
        "select course_id, module_index, kind from artifact where center_id = $1 and env = $2 and id = $3",
        center_id,
        env,
        artifact_id,
    )


async def earlier(
    connection: Connection, center_id: str, env: str, artifact_id: str, note_id: str
) -> tuple[list[ArtifactDraft], list[str]]:
    """Return the artifact's versions and the notes that made them, then the note `note_id`, all oldest first."""
    versions = await connection.fetch(
        """select a.kind, v.media_type, v.content, v.remark, q.items, n.text
             from artifact a
             join artifact_version v on v.center_id = a.center_id and v.env = a.env and v.artifact_id = a.id
             left join assessment_version q on q.center_id = a.center_id and q.env = a.env
                   and q.assessment_id = a.assessment_id and q.version = v.assessment_version
             left join note n on n.center_id = v.center_id and n.env = v.env and n.id = v.note_id
            where a.center_id = $1 and a.env = $2 and a.id = $3
            order by v.version""",
        center_id,
        env,
        artifact_id,
    )
    drafts = [
        ArtifactDraft(
            kind=row["kind"],
            media_type=row["media_type"],
            content=row["content"],
            items=[] if row["items"] is None else msgspec.json.decode(row["items"], type=list[Item]),
            note=row["remark"],
        )
        for row in versions
    ]
    asked = await connection.fetchval(
        "select text from note where center_id = $1 and env = $2 and id = $3", center_id, env, note_id
    )
    return drafts, [row["text"] for row in versions if row["text"] is not None] + [asked]


async def keep_version(
    connection: Connection, claim: Claim, made: Checked, quiz: MadeQuiz | None, now: datetime
) -> int | None:
    """Keep what was made as the artifact's next version, a quiz published as such, and end the regeneration; returns that
    version's number.
    """
    version: int | None = await connection.fetchval(
        "select regeneration_keep($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        *claim.key,
        made.media_type,
        made.bytes,
        made.content,
        made.remark,
        _row(quiz),
        now,
    )
    return version


async def fail_regeneration(connection: Connection, claim: Claim, failure: str, now: datetime) -> bool:
    """End the regeneration without a version; its unit comes back."""
    return bool(await connection.fetchval("select regeneration_fail($1, $2, $3, $4, $5, $6)", *claim.key, failure, now))


def _row(quiz: MadeQuiz | None) -> tuple[object, ...] | None:
    """Spell a quiz as a value of the type `made_quiz`."""
    return None if quiz is None else msgspec.structs.astuple(quiz)
