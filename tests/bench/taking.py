"""Learners for the benchmark: assessments of ten mixed items, and requests of learners who were never there before."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count

import asyncpg
import msgspec
from msgspec import Struct

from gateway.assessment_settings import AssessmentSettings
from gateway.authoring import points_cents_of
from gateway.ids import new_id
from tests.bench.grading_load import Load, mixed_load
from tests.bench.load import request
from tests.bench.stage import Stage
from tests.running import NOW

ITEMS = 10


class Exams(Struct, frozen=True):
    """A published assessment a center, all alike, and a body that answers each of its items."""

    ids: list[str]
    keys: list[str]
    load: Load


async def add_assessments(stage: Stage, center_ids: list[str], keys: list[str]) -> Exams:
    """Publish one assessment in each center: attempts without end, 20 checks a question."""
    load = mixed_load(ITEMS)
    now_ms = int(datetime.now(UTC).timestamp() * 1000)
    exams = Exams([new_id("asmt", now_ms) for _ in center_ids], keys[: len(center_ids)], load)
    items = msgspec.json.encode(load.items)
    settings = msgspec.json.encode(
        AssessmentSettings(max_attempts=None, checks_per_question=20, feedback="parts", feedback_at="each_attempt")
    )
    points = points_cents_of(load.items)
    connection = await asyncpg.connect(stage.owner_url)
    await connection.copy_records_to_table(
        "assessment",
        columns=[
            *("center_id", "env", "id", "title", "description", "status", "version", "published_version", "items"),
            *("settings", "points_cents", "created_at", "updated_at", "published_at"),
        ],
        records=[
            (center, "live", exam, "Bench", "", "published", 1, 1, items, settings, points, NOW, NOW, NOW)
            for center, exam in zip(center_ids, exams.ids, strict=True)
        ],
    )
    await connection.copy_records_to_table(
        "assessment_version",
        columns=[
            *("center_id", "env", "assessment_id", "version", "title", "description", "items", "settings"),
            *("points_cents", "created_at"),
        ],
        records=[
            (center, "live", exam, 1, "Bench", "", items, settings, points, NOW)
            for center, exam in zip(center_ids, exams.ids, strict=True)
        ],
    )
    await connection.execute("analyze")
    await connection.close()
    return exams


def submits(exams: Exams, *, keyed: bool = False) -> Callable[[int], list[bytes]]:
    """Requests that take the whole assessment at once, each for a learner of its own, `keyed` with an Idempotency-Key."""
    numbers = count()
    learner = "key" if keyed else "plain"

    def batch(most: int) -> list[bytes]:
        made = []
        for number, _ in zip(numbers, range(most), strict=False):
            nth = number % len(exams.ids)
            body = b'{"learner_ref":"%s-%d","answers":%b}' % (learner.encode(), number, exams.load.body)
            headers = f"Idempotency-Key: {learner}-{number}\r\n" if keyed else ""
            path = f"/v1/assessments/{exams.ids[nth]}/submit"
            made.append(request("POST", path, key=exams.keys[nth], body=body, headers=headers))
        return made

    return batch


def checks(exams: Exams) -> Callable[[int], list[bytes]]:
    """Requests that check one answer each: ten of a learner, one an item."""
    numbers = count()
    answers = [msgspec.json.encode(entry["answer"]) for entry in msgspec.json.decode(exams.load.body)]

    def batch(most: int) -> list[bytes]:
        made = []
        for number, _ in zip(numbers, range(most), strict=False):
            nth, (learner, item) = number % len(exams.ids), divmod(number, ITEMS)
            body = b'{"learner_ref":"c-%d","item_id":"q%d","answer":%b}' % (learner, item, answers[item])
            made.append(request("POST", f"/v1/assessments/{exams.ids[nth]}/check", key=exams.keys[nth], body=body))
        return made

    return batch
