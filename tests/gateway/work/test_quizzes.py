"""Generated quizzes become assessments: published with their module, made again as the next version, never ungradable."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from gateway import log
from gateway.assessment_settings import AssessmentSettings
from gateway.work.generations import run_generation
from gateway.work.leases import Halt
from gateway.work.queue import generation_waits, regeneration_waits
from gateway.work.quizzes import Quiz, made_quiz, remark_on, sift
from gateway.work.regenerations import run_regenerations
from grading.model import Item
from tests.gateway.work.benches import open_bench
from tests.gateway.work.shop import NOW, NOW_MS, Shop
from tests.generators import QuizMaker

SENTINEL = "sentinel-in-a-key"


def judged(identity: str, points: str = "1.00") -> dict[str, Any]:
    """A question that can be graded."""
    return {
        "type": "true_false",
        "id": identity,
        "points": points,
        "content": {"stem": "A hive holds one queen."},
        "key": {"value": True},
    }


def ungradable(identity: str) -> dict[str, Any]:
    """A question whose key is none of its choices."""
    choices = [{"id": "a", "text": "One"}, {"id": "b", "text": "Two"}]
    return {
        "type": "single_choice",
        "id": identity,
        "content": {"stem": "How many queens does a hive hold?", "choices": choices},
        "key": {"correct": SENTINEL},
    }


def items(*authored: dict[str, Any]) -> list[Item]:
    return msgspec.convert(authored, type=list[Item])


class Taught:
    """A course of one module with a quiz of the given versions."""

    def __init__(self, shop: Shop, database_url: str, versions: list[list[Item]]) -> None:
        self.shop = shop
        self.generator = QuizMaker(versions)
        self._database_url = database_url

    @classmethod
    async def make(cls, database: Any, database_url: str, *versions: list[Item]) -> "Taught":
        taught = cls(await Shop.open(database), database_url, list(versions))
        generation_id = await taught.shop.launch(modules=1, kinds=["notes", "quiz"])
        async with open_bench(database_url, taught.generator) as bench:
            await run_generation(bench, generation_waits(taught.shop.center_id, "live", generation_id), Halt())
        assert await taught.shop.course_status(generation_id) == "ready"
        return taught

    async def again(self, at_ms: int = NOW_MS) -> str:
        """The quiz once more; how its regeneration ended."""
        artifact_id = (await self.quiz())["id"]
        regeneration_id = await self.shop.ask(artifact_id, "others", at_ms)
        async with open_bench(self._database_url, self.generator) as bench:
            await run_regenerations(
                bench, regeneration_waits(self.shop.center_id, "live", artifact_id, "rgn_any"), Halt()
            )
        return str((await self.shop.regeneration(regeneration_id))["status"])

    async def quiz(self) -> Any:
        return await self.shop.pool.fetchrow("select * from artifact where kind = 'quiz'")

    async def assessment(self) -> Any:
        return await self.shop.pool.fetchrow("select * from assessment order by created_at, id desc limit 1")

    async def versions(self) -> list[tuple[int, int | None]]:
        """Every version of the artifact with the assessment's version that it became."""
        rows = await self.shop.pool.fetch(
            """select v.version, v.assessment_version from artifact_version v join artifact a on a.id = v.artifact_id
                where a.kind = 'quiz' order by v.version"""
        )
        return [tuple(row) for row in rows]


async def test_a_modules_quiz_is_published_with_it(database: Any, database_url: str) -> None:
    """Version 1 with default settings, the module's title and the exact points, learners can take it at once."""
    made = items(judged("q1", "1.50"), judged("q2", "0.25"))
    taught = await Taught.make(database, database_url, made)
    quiz, assessment = await taught.quiz(), await taught.assessment()
    assert quiz["assessment_id"] == assessment["id"]
    assert (assessment["status"], assessment["version"], assessment["published_version"]) == ("published", 1, 1)
    assert (assessment["title"], assessment["course_id"]) == ("Module 0", quiz["course_id"])
    assert assessment["points_cents"] == 175
    frozen = await database.fetchrow("select * from assessment_version")
    assert msgspec.json.decode(frozen["items"], type=list[Item]) == made
    assert msgspec.json.decode(frozen["settings"], type=AssessmentSettings) == AssessmentSettings()
    assert (frozen["title"], frozen["points_cents"]) == ("Module 0", 175)
    assert await taught.versions() == [(1, 1)]


async def test_a_regeneration_publishes_the_next_version_of_the_same_assessment(
    database: Any, database_url: str
) -> None:
    """The generator is told what was asked before; the first version stays as it was."""
    first, second = items(judged("q1")), items(judged("q2"), judged("q3"))
    taught = await Taught.make(database, database_url, first, second, items(judged("q4")))
    assert [await taught.again(NOW_MS + n) for n in range(2)] == ["succeeded", "succeeded"]
    assert taught.generator.earlier == [[1], [1, 2]]
    assert await taught.versions() == [(1, 1), (2, 2), (3, 3)]
    assessment = await taught.assessment()
    assert (assessment["version"], assessment["published_version"], assessment["points_cents"]) == (3, 3, 100)
    rows = await database.fetch("select items from assessment_version order by version")
    assert [msgspec.json.decode(row["items"], type=list[Item]) for row in rows[:2]] == [first, second]


async def test_what_an_author_set_stays_when_the_quiz_is_made_again(database: Any, database_url: str) -> None:
    """Title and settings are the author's; items that were edited and not published give way to the new ones."""
    taught = await Taught.make(database, database_url, items(judged("q1")), items(judged("q2")))
    settings = msgspec.json.encode(AssessmentSettings(max_attempts=7))
    await database.execute("update assessment set title = 'Mine', settings = $1, items = '[]', version = 2", settings)
    assert await taught.again() == "succeeded"
    assessment = await taught.assessment()
    assert (assessment["title"], assessment["settings"]) == ("Mine", settings)
    assert (assessment["version"], assessment["published_version"]) == (2, 2)
    frozen = await database.fetchrow("select * from assessment_version where version = 2")
    assert (frozen["title"], frozen["settings"]) == ("Mine", settings)
    assert b"q2" in frozen["items"]
    assert frozen["items"] == assessment["items"]


async def test_an_archived_quiz_stays_archived(database: Any, database_url: str) -> None:
    """Its new version is kept and shown to nobody."""
    taught = await Taught.make(database, database_url, items(judged("q1")), items(judged("q2")))
    await database.execute("update assessment set status = 'archived', archived_at = $1", NOW)
    assert await taught.again() == "succeeded"
    assessment = await taught.assessment()
    assert (assessment["status"], assessment["published_version"]) == ("archived", 2)


async def test_where_the_assessment_was_deleted_the_next_quiz_makes_another(database: Any, database_url: str) -> None:
    """Versions of the deleted one point nowhere; the new one begins with version 1."""
    taught = await Taught.make(database, database_url, items(judged("q1")), items(judged("q2")))
    deleted = (await taught.quiz())["assessment_id"]
    await database.execute("delete from assessment")
    assert (await taught.quiz())["assessment_id"] is None
    assert await taught.again() == "succeeded"
    assessment = await taught.assessment()
    assert assessment["id"] != deleted
    assert (await taught.quiz())["assessment_id"] == assessment["id"]
    assert (assessment["version"], assessment["title"]) == (1, "Module 0")
    assert await taught.versions() == [(1, None), (2, 1)]


async def test_an_assessment_outlives_its_course(database: Any, database_url: str) -> None:
    """Its versions and its items stay, since grades stand on them; it is of no course then."""
    taught = await Taught.make(database, database_url, items(judged("q1")))
    await database.execute("delete from course")
    assessment = await taught.assessment()
    assert (assessment["course_id"], assessment["status"]) == (None, "published")
    assert await database.fetchval("select count(*) from assessment_version") == 1
    assert await database.fetchval("select count(*) from artifact") == 0


async def test_an_item_that_can_not_be_graded_reaches_no_learner(
    database: Any, database_url: str, tmp_path: Path
) -> None:
    """It is left out, the teacher is told how many, the log where each flaw was, and nobody what the key was."""
    log.configure(file=tmp_path / "log", stdout=False)
    taught = await Taught.make(database, database_url, items(judged("q1"), ungradable("q2"), judged("q3")))
    log.sink().flush()
    log.configure()
    frozen = await database.fetchrow("select * from assessment_version")
    assert [item.id for item in msgspec.json.decode(frozen["items"], type=list[Item])] == ["q1", "q3"]
    assert frozen["points_cents"] == 200
    remark = await database.fetchval(
        "select remark from artifact_version where artifact_id = $1", (await taught.quiz())["id"]
    )
    assert remark == "1 generated question could not be graded and was left out."
    lines = [msgspec.json.decode(line) for line in (tmp_path / "log").read_bytes().splitlines()]
    (refused,) = [line for line in lines if line["event"] == "generation.items_refused"]
    assert refused["flaws"] == ["items[1].key.correct"]
    assert SENTINEL not in (tmp_path / "log").read_text()


async def test_a_quiz_of_which_nothing_can_be_graded_is_no_assessment(database: Any, database_url: str) -> None:
    """The module is kept; its quiz says why there is nothing to take, and a later one makes the assessment."""
    taught = await Taught.make(database, database_url, items(ungradable("q1")), items(judged("q2")))
    quiz = await taught.quiz()
    assert quiz["assessment_id"] is None
    row = await database.fetchrow("select * from artifact_version where artifact_id = $1", quiz["id"])
    assert (row["bytes"], row["remark"]) == (0, "No generated question could be graded, so there is no quiz to take.")
    assert await taught.assessment() is None
    assert await taught.again() == "succeeded"
    assert await taught.versions() == [(1, None), (2, 1)]


async def test_a_regeneration_of_which_nothing_can_be_graded_fails(database: Any, database_url: str) -> None:
    """Its unit comes back and the version before stays the newest."""
    taught = await Taught.make(database, database_url, items(judged("q1")), items(ungradable("q2")))
    assert await taught.again() == "failed"
    assert await taught.versions() == [(1, 1)]
    assert await taught.shop.counter("regenerations") == (0, 0)
    assert await taught.shop.books_balance()


def test_items_that_cost_too_much_together_are_no_quiz() -> None:
    """A flaw of the whole has no item to blame."""
    sifted = sift(items(*[judged(f"q{n}") for n in range(201)]))
    assert (sifted.quiz, sifted.dropped, sifted.flaws) == (None, 201, ("items",))


@pytest.mark.parametrize(
    ("title", "shown"),
    [("Spring\ttides", "Spring tides"), ("x" * 300, "x" * 200), ("\u202eabc ", "abc"), ("\x00", "Quiz")],
)
def test_a_title_is_one_that_an_author_could_have_given(title: str, shown: str) -> None:
    """At most 200 characters, none that acts."""
    assert made_quiz(Quiz(b"[]", 0), "asmt_x", title).title == shown


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (0, None),
        (1, "1 generated question could not be graded and was left out."),
        (2, "2 generated questions could not be graded and were left out."),
    ],
)
def test_a_teacher_is_told_how_many_questions_were_left_out(bad: int, said: str | None) -> None:
    """The remark counts them, and says nothing of them."""
    sifted = sift(items(judged("q"), *[ungradable(f"bad{n}") for n in range(bad)]))
    assert remark_on(sifted.dropped, sifted.quiz) == said
