"""A note asks for a regeneration: both caps exact, the note kept at a cap, and a retry that tries again."""

import asyncio
from typing import Any

import httpx
import msgspec
import pytest

from gateway.app import Gateway
from gateway.log import sink
from gateway.work.generations import run_generation
from gateway.work.leases import Halt
from gateway.work.queue import generation_waits, regeneration_waits
from gateway.work.regenerations import run_regenerations
from tests.gateway.features.making import launch, make_course
from tests.gateway.work.benches import open_bench
from tests.gateway.work.shop import until
from tests.generators import FakeGenerator
from tests.running import Customer

BRIEF = {"topic": "Tides", "modules": 1, "artifacts": ["slides", "notes"]}


class Desk:
    """A customer with a finished course, its two artifacts, and someone who works."""

    def __init__(self, client: httpx.AsyncClient, customer: Customer, database: Any, database_url: str) -> None:
        self.client = client
        self.customer = customer
        self.database = database
        self.database_url = database_url
        self.slides = self.notes = self.course_id = ""

    async def open(self) -> None:
        self.course_id = await make_course(self.client, self.customer, brief=BRIEF)
        assert (await launch(self.client, self.customer, self.course_id, "k")).status_code == 202
        generation_id = await self.database.fetchval("select id from generation where course_id = $1", self.course_id)
        async with open_bench(self.database_url, FakeGenerator()) as bench:
            await run_generation(bench, generation_waits(self.customer.center_id, "live", generation_id), Halt())
        page = await self.client.get(f"/v1/courses/{self.course_id}/artifacts", headers=self.customer.headers)
        self.slides, self.notes = [artifact["id"] for artifact in page.json()["data"]]

    async def limit(self, **limits: int) -> None:
        columns = ", ".join(limits)
        values = ", ".join(str(value) for value in limits.values())
        await self.database.execute(
            f"insert into center_limit (center_id, {columns}) values ($1, {values})"
            f" on conflict (center_id) do update set ({columns}) = row({values})",
            self.customer.center_id,
        )

    async def post(self, artifact_id: str, text: str = "shorter", key: str | None = None) -> httpx.Response:
        headers = self.customer.headers | ({} if key is None else {"Idempotency-Key": key})
        return await self.client.post(f"/v1/artifacts/{artifact_id}/notes", json={"text": text}, headers=headers)

    async def work(self, artifact_id: str, versions_max: int = 1000) -> None:
        async with open_bench(self.database_url, FakeGenerator(versions_max=versions_max)) as bench:
            wake = regeneration_waits(self.customer.center_id, "live", artifact_id, "rgn_any")
            await run_regenerations(bench, wake, Halt())

    async def artifact(self, artifact_id: str) -> dict[str, Any]:
        found: dict[str, Any] = (
            await self.client.get(f"/v1/artifacts/{artifact_id}", headers=self.customer.headers)
        ).json()
        return found

    async def listed(self, artifact_id: str) -> list[dict[str, Any]]:
        page = await self.client.get(
            f"/v1/artifacts/{artifact_id}/notes", params={"limit": "100"}, headers=self.customer.headers
        )
        found: list[dict[str, Any]] = page.json()["data"]
        return found

    async def counted(self) -> tuple[int, int]:
        row = await self.database.fetchrow(
            "select settled, held from quota_counter where center_id = $1 and meter = 'regenerations'",
            self.customer.center_id,
        )
        return (0, 0) if row is None else (row["settled"], row["held"])


@pytest.fixture
async def desk(client: httpx.AsyncClient, customer: Customer, database: Any, database_url: str) -> Desk:
    made = Desk(client, customer, database, database_url)
    await made.open()
    return made


async def test_a_note_is_answered_at_once_and_followed_by_a_worker(desk: Desk) -> None:
    """202 with the note and its queued regeneration; then a second version, the first one kept, one unit charged."""
    answer = await desk.post(desk.notes, "more examples, please")
    assert answer.status_code == 202
    note = answer.json()["note"]
    assert (note["object"], note["artifact_id"], note["text"]) == ("note", desk.notes, "more examples, please")
    assert note["author"] == desk.customer.key_id
    assert note["regeneration"]["status"] == "queued"
    assert (await desk.artifact(desk.notes))["status"] == "regenerating"
    assert await desk.counted() == (0, 1)
    usage = (await desk.client.get("/v1/usage", headers=desk.customer.headers)).json()
    assert usage["meters"]["regenerations"]["held"] == 1

    async def woken() -> bool:
        return bool(
            await desk.database.fetchval("select count(*) = 1 from pgqueuer where entrypoint = 'regeneration.live'")
        )

    await until(woken)
    await desk.work(desk.notes)
    artifact = await desk.artifact(desk.notes)
    assert (artifact["status"], artifact["version"], artifact["regenerations"]["used"]) == ("ready", 2, 1)
    versions = await desk.client.get(f"/v1/artifacts/{desk.notes}/versions", headers=desk.customer.headers)
    assert [(v["version"], v["note_id"]) for v in versions.json()["data"]] == [(2, note["id"]), (1, None)]
    first = await desk.client.get(f"/v1/artifacts/{desk.notes}/versions/1", headers=desk.customer.headers)
    assert first.json()["content"] != artifact["content"]
    assert (await desk.listed(desk.notes))[0]["regeneration"]["status"] == "succeeded"
    assert await desk.counted() == (1, 0)


async def test_the_same_key_asks_once(desk: Desk) -> None:
    """A retry replays the first answer; another text under the key is refused; no second note, no second unit."""
    first = await desk.post(desk.notes, "shorter", "key-1")
    again = await desk.post(desk.notes, "shorter", "key-1")
    assert (again.status_code, again.content) == (202, first.content)
    assert again.headers["idempotent-replayed"] == "true"
    other = await desk.post(desk.notes, "longer", "key-1")
    assert (other.status_code, other.json()["error"]["code"]) == (422, "idempotency_key_reused")
    assert len(await desk.listed(desk.notes)) == 1
    assert await desk.counted() == (0, 1)


async def test_at_the_artifacts_cap_the_note_is_kept_and_a_retry_tries_again(desk: Desk) -> None:
    """429 with the note's id; the same key finds that note: 429 again, and 202 once the cap is raised."""
    await desk.limit(regenerations_per_artifact=1)
    assert (await desk.post(desk.notes)).status_code == 202
    refused = await desk.post(desk.notes, "again", "retry")
    assert refused.status_code == 429
    assert "retry-after" not in refused.headers
    error = refused.json()["error"]
    note_id = error["details"]["note_id"]
    assert (error["code"], error["retryable"]) == ("regen_cap_reached", False)
    assert error["details"] == {"note_id": note_id, "scope": "artifact", "limit": 1, "used": 1, "resets_at": None}
    kept = await desk.listed(desk.notes)
    assert [(note["id"], note["regeneration"]) for note in kept if note["regeneration"] is None] == [(note_id, None)]
    assert (await desk.post(desk.notes, "again", "retry")).json()["error"]["details"]["note_id"] == note_id
    assert (await desk.post(desk.notes, "another text", "retry")).status_code == 422
    assert (await desk.artifact(desk.slides))["regenerations"] == {"used": 0, "cap": 1}

    await desk.limit(regenerations_per_artifact=2)
    await desk.work(desk.notes)
    assert (await desk.artifact(desk.notes))["version"] == 2, "a raised cap starts nothing by itself"
    taken = await desk.post(desk.notes, "again", "retry")
    assert (taken.status_code, taken.json()["note"]["id"]) == (202, note_id)
    replayed = await desk.post(desk.notes, "again", "retry")
    assert replayed.headers["idempotent-replayed"] == "true"
    assert len(await desk.listed(desk.notes)) == 2
    assert await desk.counted() == (1, 1)


async def test_at_the_centers_cap_the_refusal_says_when_it_ends(desk: Desk) -> None:
    """Scope `center`, over all artifacts, until the period's end; the artifact's own cap is named first where both are reached."""
    await desk.limit(regenerations_per_month=1, regenerations_per_artifact=1)
    assert (await desk.post(desk.notes)).status_code == 202
    center = (await desk.post(desk.slides)).json()["error"]["details"]
    assert (center["scope"], center["limit"], center["used"]) == ("center", 1, 1)
    assert center["resets_at"] == "2026-04-01T00:00:00Z"
    both = (await desk.post(desk.notes)).json()["error"]["details"]
    assert (both["scope"], both["resets_at"]) == ("artifact", None)
    assert (await desk.artifact(desk.slides))["status"] == "ready"


async def test_ten_clients_at_the_cap_get_it_exactly(desk: Desk) -> None:
    """10 notes at once with 4 units left: 4 x 202 and 6 x 429, all 10 notes kept; a failed one gives back one."""
    await desk.limit(regenerations_per_artifact=4)
    answers = await asyncio.gather(*[desk.post(desk.notes, f"note {n}", f"key-{n}") for n in range(10)])
    assert sorted(answer.status_code for answer in answers) == [202] * 4 + [429] * 6
    assert len(await desk.listed(desk.notes)) == 10
    assert await desk.counted() == (0, 4)
    await desk.work(desk.notes, versions_max=4)  # three succeed, the fourth can only repeat
    assert await desk.counted() == (3, 0)
    assert (await desk.artifact(desk.notes))["regenerations"] == {"used": 3, "cap": 4}
    refused = [n for n, answer in enumerate(answers) if answer.status_code == 429]
    again = await asyncio.gather(*[desk.post(desk.notes, f"note {n}", f"key-{n}") for n in refused])
    assert sorted(answer.status_code for answer in again) == [202] + [429] * 5
    assert len(await desk.listed(desk.notes)) == 10
    assert await desk.counted() == (3, 1)


async def test_twins_of_one_note_at_the_cap_leave_one_note(desk: Desk) -> None:
    """Ten tries with one key at once, at the cap: one note, ten refusals that name it, or the twin under way."""
    await desk.limit(regenerations_per_artifact=0)
    answers = await asyncio.gather(*[desk.post(desk.notes, "same", "one") for _ in range(10)])
    assert {answer.status_code for answer in answers} <= {429, 409}
    named = {answer.json()["error"]["details"]["note_id"] for answer in answers if answer.status_code == 429}
    assert len(named) == 1
    assert len(await desk.listed(desk.notes)) == 1


async def test_a_course_that_is_being_made_takes_no_notes(desk: Desk) -> None:
    """409 wrong_state while the worker writes; nothing is kept."""
    await desk.database.execute("update course set status = 'generating' where id = $1", desk.course_id)
    answer = await desk.post(desk.notes)
    assert answer.status_code == 409
    assert answer.json()["error"]["details"] == {"current": "generating", "allowed": ["ready", "failed", "canceled"]}
    assert await desk.listed(desk.notes) == []


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({}, "missing_required_field", "text"),
        ({"text": ""}, "invalid_field", "text"),
        ({"text": "  \n"}, "invalid_field", "text"),
        ({"text": "x" * 4001}, "invalid_field", "text"),
        ({"text": "a\x00b"}, "invalid_field", "text"),
        ({"text": 7}, "invalid_field", "text"),
        ({"text": "x", "author": "me"}, "unknown_field", "author"),
    ],
)
async def test_wrong_notes_are_named_and_not_kept(desk: Desk, body: dict[str, Any], code: str, param: str) -> None:
    """400 with the field that is wrong."""
    answer = await desk.client.post(f"/v1/artifacts/{desk.notes}/notes", json=body, headers=desk.customer.headers)
    assert answer.status_code == 400
    assert (answer.json()["error"]["code"], answer.json()["error"]["param"]) == (code, param)
    assert await desk.listed(desk.notes) == []


async def test_notes_come_newest_first_over_pages(desk: Desk, app: Gateway, clock: Any) -> None:
    """Five notes, two a page; the cursor is another artifact's 400."""
    for number in range(5):
        clock.advance(1000)
        assert (await desk.post(desk.notes, f"note {number}")).status_code == 202
    texts, cursor = [], None
    for _ in range(3):
        params = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = await desk.client.get(f"/v1/artifacts/{desk.notes}/notes", params=params, headers=desk.customer.headers)
        texts += [note["text"] for note in page.json()["data"]]
        cursor = page.json()["next_cursor"] or cursor
    assert texts == [f"note {number}" for number in reversed(range(5))]
    foreign = await desk.client.get(
        f"/v1/artifacts/{desk.slides}/notes", params={"cursor": cursor}, headers=desk.customer.headers
    )
    assert (foreign.status_code, foreign.json()["error"]["code"]) == (400, "invalid_cursor")


async def test_what_a_deleted_course_still_waited_for_is_logged_and_free_again(
    desk: Desk, capfd: pytest.CaptureFixture[str]
) -> None:
    """DELETE names each regeneration it ends and each hold it frees, and usage shows the unit free at once."""
    assert (await desk.post(desk.slides)).status_code == 202
    capfd.readouterr()
    answer = await desk.client.delete(f"/v1/courses/{desk.course_id}", headers=desk.customer.headers)
    assert answer.status_code == 204
    sink().flush()
    lines = [msgspec.json.decode(line) for line in capfd.readouterr().out.splitlines()]
    told = [line for line in lines if line["event"] in {"regeneration.abandoned", "hold.released"}]
    assert len(told) == 2
    for line in told:
        assert (line["course_id"], line["artifact_id"]) == (desk.course_id, desk.slides)
        assert line["request_id"] == answer.headers["x-request-id"]
        assert line["hold_id"].startswith("hold_")
    usage = (await desk.client.get("/v1/usage", headers=desk.customer.headers)).json()
    assert usage["meters"]["regenerations"]["held"] == 0
