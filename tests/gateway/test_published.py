"""Published versions in memory: compiled once, each center's own, forgotten when there are too many."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import msgspec
import pytest

from gateway.assessment_settings import AssessmentSettings
from gateway.clock import as_datetime
from gateway.errors import AssessmentNotFound, AssessmentNotPublished
from gateway.ids import new_id
from gateway.published import HINT_SECONDS, WEIGHT, PublishedVersions, UngradableVersion
from gateway.sql_connections import RawConnection
from grading.submission import Report, grade_all
from tests.gateway.features.assessments.authored import EVERY_KIND, Json, choices, short_text, single_choice
from tests.running import NOW_MS, add_center

NOW = as_datetime(NOW_MS)


class Ticks:
    """A monotonic clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[RawConnection]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


async def author(connection: RawConnection, center_id: str, *items: Json, publish: bool = True) -> str:
    """An assessment written as the service writes it, published unless said otherwise; its id."""
    assessment_id = new_id("asmt", NOW_MS)
    await connection.execute(
        """insert into assessment (center_id, env, id, title, description, items, settings, points_cents, created_at,
                                   updated_at) values ($1, 'live', $2, 'Tides', '', $3, $4, 100, $5, $5)""",
        center_id,
        assessment_id,
        msgspec.json.encode(items or [single_choice()]),
        msgspec.json.encode(AssessmentSettings(pass_percent=70)),
        NOW,
    )
    if publish:
        await freeze(connection, center_id, assessment_id)
    return assessment_id


async def freeze(connection: RawConnection, center_id: str, assessment_id: str) -> None:
    await connection.execute("select * from assessment_publish($1, 'live', $2, $3)", center_id, assessment_id, NOW)


async def edit(connection: RawConnection, assessment_id: str, *items: Json) -> None:
    """Write the next version of the working copy."""
    await connection.execute(
        "update assessment set items = $2, version = version + 1 where id = $1",
        assessment_id,
        msgspec.json.encode(items),
    )


class Statements:
    """Counts the statements of a connection from now on."""

    def __init__(self, connection: RawConnection) -> None:
        self._sent: list[str] = []
        connection.add_query_logger(lambda record: self._sent.append(record.query))

    async def count(self) -> int:
        await asyncio.sleep(0)  # the logger is told in the next turn of the loop
        return len(self._sent)


async def test_a_version_is_read_and_compiled_once(connection: RawConnection, ticks: Ticks) -> None:
    """The second time costs no statement, and gives the very same object."""
    versions, center_id = PublishedVersions(ticks), await add_center(connection)
    assessment_id = await author(connection, center_id, *EVERY_KIND)
    sent = Statements(connection)
    first = await versions.version(connection, center_id, "live", assessment_id, 1)
    assert await sent.count() == 1
    assert await versions.version(connection, center_id, "live", assessment_id, 1) is first
    assert await sent.count() == 1
    assert (first.assessment_id, first.version, first.title, first.points_cents) == (assessment_id, 1, "Tides", 100)
    assert first.settings == AssessmentSettings(pass_percent=70)
    assert len(first.items) == len(first.exam.items) == 18
    assert isinstance(grade_all(first.exam, ()), Report)


async def test_the_newest_version_is_a_hint_for_a_second(connection: RawConnection, ticks: Ticks) -> None:
    """Within it no statement is sent; after it, or when a fresh one is asked for, the database says which it is."""
    versions, center_id = PublishedVersions(ticks), await add_center(connection)
    assessment_id = await author(connection, center_id)
    first = await versions.current(connection, center_id, "live", assessment_id)
    await edit(connection, assessment_id, short_text())
    await freeze(connection, center_id, assessment_id)
    sent = Statements(connection)
    ticks.seconds += HINT_SECONDS / 2
    assert await versions.current(connection, center_id, "live", assessment_id) is first
    assert await sent.count() == 0
    fresh = await versions.current(connection, center_id, "live", assessment_id, fresh=True)
    assert (fresh.version, await sent.count()) == (2, 2)
    assert await versions.current(connection, center_id, "live", assessment_id) is fresh
    ticks.seconds += HINT_SECONDS
    assert await versions.current(connection, center_id, "live", assessment_id) is fresh
    assert await sent.count() == 3, "who is known to be newest is asked, what it holds is not"


async def test_a_version_that_was_started_stays_gradable(connection: RawConnection, ticks: Ticks) -> None:
    """Published between start and submit: both versions are there, each with its own questions."""
    versions, center_id = PublishedVersions(ticks), await add_center(connection)
    assessment_id = await author(connection, center_id, single_choice("old"))
    await edit(connection, assessment_id, short_text("new"))
    await freeze(connection, center_id, assessment_id)
    found = [await versions.version(connection, center_id, "live", assessment_id, number) for number in (1, 2)]
    assert [one.exam.places for one in found] == [{"old": 0}, {"new": 0}]


async def test_what_is_not_published_can_not_be_taken(connection: RawConnection, ticks: Ticks) -> None:
    """A draft and an archived assessment are 409, hinted or not a second ago."""
    versions, center_id = PublishedVersions(ticks), await add_center(connection)
    draft = await author(connection, center_id, publish=False)
    with pytest.raises(AssessmentNotPublished):
        await versions.current(connection, center_id, "live", draft)
    archived = await author(connection, center_id)
    await versions.current(connection, center_id, "live", archived)
    await connection.execute("update assessment set status = 'archived', archived_at = now() where id = $1", archived)
    with pytest.raises(AssessmentNotPublished):
        await versions.current(connection, center_id, "live", archived, fresh=True)
    with pytest.raises(AssessmentNotPublished):
        await versions.current(connection, center_id, "live", archived)


async def test_a_foreign_assessment_is_not_there_though_it_is_kept(connection: RawConnection, ticks: Ticks) -> None:
    """Center and env are part of the name under which a version is kept."""
    versions, center_id = PublishedVersions(ticks), await add_center(connection)
    other = await add_center(connection)
    mine = await author(connection, center_id)
    await versions.current(connection, center_id, "live", mine)
    asked = [(other, "live", mine), (center_id, "test", mine), (center_id, "live", new_id("asmt", NOW_MS))]
    for center, env, assessment_id in [*asked, (center_id, "live", "asmt_nonsense")]:
        with pytest.raises(AssessmentNotFound):
            await versions.current(connection, center, env, assessment_id)
        with pytest.raises(AssessmentNotFound):
            await versions.version(connection, center, env, assessment_id, 1)
    with pytest.raises(AssessmentNotFound):
        await versions.version(connection, center_id, "live", mine, 2)


async def test_the_least_used_versions_are_forgotten(connection: RawConnection, ticks: Ticks) -> None:
    """Memory is bounded by what the versions weigh; the newest is kept, however heavy."""
    center_id = await add_center(connection)
    ids = [await author(connection, center_id) for _ in range(3)]
    weight = WEIGHT * len(msgspec.json.encode([single_choice()]))
    versions = PublishedVersions(ticks, bytes_max=2 * weight)
    for assessment_id in (ids[0], ids[1], ids[0], ids[2]):
        await versions.version(connection, center_id, "live", assessment_id, 1)
    sent = Statements(connection)
    for assessment_id, read in ((ids[0], 0), (ids[2], 0), (ids[1], 1)):
        await versions.version(connection, center_id, "live", assessment_id, 1)
        assert await sent.count() == read
    small = PublishedVersions(ticks, bytes_max=1)
    first = await small.version(connection, center_id, "live", ids[0], 1)
    assert await small.version(connection, center_id, "live", ids[0], 1) is first


async def test_a_large_version_is_compiled_beside_the_loop(
    database_url: str, connection: RawConnection, ticks: Ticks
) -> None:
    """Two who ask at once are both served, and what is kept is one."""
    versions, center_id = PublishedVersions(ticks), await add_center(connection)
    content = {"stem": "x" * 2000, "choices": choices("A", "B")}
    items = [single_choice(f"q{number}") | {"content": content} for number in range(50)]
    assessment_id = await author(connection, center_id, *items)
    second = await asyncpg.connect(database_url)
    found = await asyncio.gather(
        *(versions.version(each, center_id, "live", assessment_id, 1) for each in (connection, second))
    )
    await second.close()
    assert [list(one.exam.places) for one in found] == [[f"q{number}" for number in range(50)]] * 2
    assert await versions.version(connection, center_id, "live", assessment_id, 1) in found


async def test_a_version_that_can_not_be_graded_says_so_without_its_key(
    connection: RawConnection, ticks: Ticks
) -> None:
    """Published under rules that no longer hold: an error of ours that names the version alone."""
    versions, center_id = PublishedVersions(ticks), await add_center(connection)
    broken = await author(connection, center_id, short_text(text="(zqsecretzq", mode="regex"))
    with pytest.raises(UngradableVersion, match=rf"\A{broken} version 1: 1 flaws\Z"):
        await versions.version(connection, center_id, "live", broken, 1)
