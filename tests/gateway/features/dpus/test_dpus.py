"""`/v1/dpus`: reading the chain, documenting and approving what stands in it."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from gateway.features.dpus import store
from gateway.ids import new_id
from tests.gateway.records.test_sealing import seal
from tests.people import SignedIn
from tests.running import NOW_MS, Customer, add_customer

Admin = Callable[[], Awaitable[SignedIn]]
DOCUMENT = {"name": "Minutes of the board", "text": "Agreed on 14 March."}


async def attach(client: httpx.AsyncClient, headers: dict[str, str], dpu_id: str, **given: Any) -> httpx.Response:
    return await client.post(f"/v1/dpus/{dpu_id}/evidence", json=DOCUMENT | given, headers=headers)


async def approve(client: httpx.AsyncClient, headers: dict[str, str], dpu_id: str, **given: Any) -> httpx.Response:
    return await client.post(f"/v1/dpus/{dpu_id}/approvals", json=given, headers=headers)


def code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


async def test_the_chain_is_listed_in_its_own_order(
    client: httpx.AsyncClient, customer: Customer, connection: Any
) -> None:
    """Numbers rise from page to page; a subject or a type picks its own; a cursor belongs to its filters."""
    subject = new_id("crs", NOW_MS)
    for _ in range(3):
        await seal(connection, customer.center_id, subject=subject)
    await seal(connection, customer.center_id, subject=new_id("crs", NOW_MS), type="other.decided")
    seqs: list[int] = []
    cursor = ""
    while True:
        page = (await client.get(f"/v1/dpus?limit=2{cursor}", headers=customer.headers)).json()
        seqs += [one["seq"] for one in page["data"]]
        if not page["has_more"]:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seqs == list(range(1, len(seqs) + 1))
    mine = (await client.get(f"/v1/dpus?subject={subject}", headers=customer.headers)).json()["data"]
    assert [one["subject"] for one in mine] == [subject] * 3
    others = (await client.get("/v1/dpus?type=other.decided", headers=customer.headers)).json()["data"]
    assert [one["type"] for one in others] == ["other.decided"]
    assert others[0]["object"] == "dpu"
    assert others[0]["level"] == "DRAFT"
    wrong = await client.get(f"/v1/dpus?type=x.y&limit=2{cursor}", headers=customer.headers)
    assert code(wrong) == (400, "invalid_cursor")
    for query in ("subject=x", "type=X", "type=a.b.c", "subject=crs_1", "level=DRAFT"):
        assert code(await client.get(f"/v1/dpus?{query}", headers=customer.headers)) == (400, "invalid_parameter")


class Explained:
    """A connection that says how it would find rows, in a table too long to be read through."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def fetch(self, query: str, *arguments: Any) -> list[Any]:
        async with self._connection.transaction():
            await self._connection.execute("set local enable_seqscan = off; set local enable_sort = off")
            return [row[0] for row in await self._connection.fetch(f"explain {query}", *arguments)]


@pytest.mark.parametrize(
    ("subject", "kind", "index"),
    [(None, None, "dpu_pkey"), ("crs_a", None, "dpu_by_subject"), (None, "key.revoked", "dpu_by_type")],
)
async def test_a_page_is_found_and_not_searched_for(
    connection: Any, subject: str | None, kind: str | None, index: str
) -> None:
    """What is rare in a long chain is listed as quickly as what is frequent."""
    plan: Any = await store.in_order(
        Explained(connection),
        "ctr_a",
        "live",
        subject=subject,
        kind=kind,
        behind=0,
        limit=21,  # type: ignore[arg-type]
    )
    assert index in str(plan)


async def test_a_record_is_shown_whole_to_its_center_alone(
    client: httpx.AsyncClient, customer: Customer, connection: Any
) -> None:
    """With the text that was hashed and what it commits to; another center or env finds the same nothing as for any id."""
    dpu_id = await seal(connection, customer.center_id, body='{"learner_ref":"anna"}', person="anna")
    shown = (await client.get(f"/v1/dpus/{dpu_id}", headers=customer.headers)).json()
    assert shown["inputs"] == {"learner_ref": "anna"}
    assert len(shown["salt"]) == 32
    assert dpu_id in shown["record"]
    other = await add_customer(connection)
    for headers, name in (
        (other.headers, dpu_id),
        (customer.headers, new_id("dpu", NOW_MS)),
        (customer.headers, "dpu_x"),
        (customer.headers, new_id("crs", NOW_MS)),
    ):
        assert code(await client.get(f"/v1/dpus/{name}", headers=headers)) == (404, "dpu_not_found")
        assert code(await attach(client, headers, name)) == (404, "dpu_not_found")


async def test_evidence_rises_by_a_document_and_an_approval(
    client: httpx.AsyncClient, customer: Customer, connection: Any, admin: Admin
) -> None:
    """DRAFT, DOCUMENTED, AUDIT_READY; and then nothing more is taken."""
    dpu_id = await seal(connection, customer.center_id)
    documented = await attach(client, customer.headers, dpu_id)
    assert (documented.status_code, documented.json()["level"]) == (201, "DOCUMENTED")
    again = await attach(client, customer.headers, dpu_id, sha256="a" * 64, url="https://files.example/x")
    assert (again.json()["level"], again.json()["documents"]) == ("DOCUMENTED", 2)
    person = await admin()
    approved = await approve(client, person.headers, dpu_id, comment="Looks right.")
    assert (approved.status_code, approved.json()["level"]) == (201, "AUDIT_READY")
    assert approved.json()["approvers"] == [person.person.id]
    assert code(await attach(client, customer.headers, dpu_id)) == (403, "dpu_sealed")
    assert code(await approve(client, (await admin()).headers, dpu_id)) == (403, "dpu_sealed")
    entries = (await client.get(f"/v1/dpus?subject={dpu_id}", headers=customer.headers)).json()["data"]
    assert [one["type"] for one in entries] == ["evidence.attached", "evidence.attached", "evidence.approved"]
    assert [one["level"] for one in entries] == [None] * 3
    assert "Agreed" not in str(entries)
    assert code(await attach(client, customer.headers, entries[0]["id"])) == (403, "dpu_sealed")


async def test_what_is_critical_needs_two_people(
    client: httpx.AsyncClient, customer: Customer, connection: Any, admin: Admin
) -> None:
    """One is not enough, the same one twice neither; between the two no document is slipped in."""
    dpu_id = await seal(connection, customer.center_id, type="quota.granted")
    await attach(client, customer.headers, dpu_id)
    first, second = await admin(), await admin()
    assert (await approve(client, first.headers, dpu_id)).json()["level"] == "DOCUMENTED"
    assert code(await approve(client, first.headers, dpu_id)) == (403, "insufficient_role")
    assert code(await attach(client, customer.headers, dpu_id)) == (400, "invalid_evidence_level")
    assert (await approve(client, second.headers, dpu_id)).json()["level"] == "AUDIT_READY"


async def test_a_draft_is_not_approved(
    client: httpx.AsyncClient, customer: Customer, connection: Any, admin: Admin
) -> None:
    """No level is left out."""
    dpu_id = await seal(connection, customer.center_id)
    refused = await approve(client, (await admin()).headers, dpu_id)
    assert code(refused) == (400, "invalid_evidence_level")
    assert refused.json()["error"]["details"] == {"level": "DRAFT"}


async def test_nobody_approves_what_is_their_own(
    client: httpx.AsyncClient, customer: Customer, connection: Any, admin: Admin
) -> None:
    """Neither the actor, nor who made the key that acted, nor who made the key that made that; and no key at all, whatever its
    scopes: keys lack scopes, people roles.
    """
    person, other = await admin(), await admin()
    first = (
        await client.post(
            "/v1/api-keys",
            json={"name": "a", "env": "live", "scopes": ["manage:center", "write:dpus"]},
            headers=person.headers,
        )
    ).json()
    second = (
        await client.post(
            "/v1/api-keys",
            json={"name": "b", "env": "live", "scopes": ["write:dpus"]},
            headers={"Authorization": f"Bearer {first['key']}"},
        )
    ).json()
    for actor in (person.person.id, first["id"], second["id"]):
        dpu_id = await seal(connection, customer.center_id, actor=actor)
        await attach(client, customer.headers, dpu_id)
        assert code(await approve(client, person.headers, dpu_id)) == (403, "insufficient_role")
        assert code(await approve(client, customer.headers, dpu_id)) == (403, "missing_scope")
        assert (await approve(client, other.headers, dpu_id)).json()["level"] == "AUDIT_READY"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"level": "AUDIT_READY"}, "unknown_field"),
        ({"name": ""}, "invalid_field"),
        ({"name": None}, "invalid_field"),
        ({"name": "\u200e"}, "invalid_field"),
        ({"text": None}, "invalid_field"),
        ({"text": None, "url": "https://files.example/x"}, "invalid_field"),
        ({"sha256": "A" * 64}, "invalid_field"),
        ({"url": "http://files.example/x"}, "invalid_field"),
        ({"url": "https://x\n"}, "invalid_field"),
        ({"text": "\x00"}, "invalid_field"),
    ],
)
async def test_a_document_that_is_none_is_refused(
    client: httpx.AsyncClient, customer: Customer, connection: Any, body: dict[str, Any], expected: str
) -> None:
    """Nobody declares a level; a digest is one, a link is https."""
    dpu_id = await seal(connection, customer.center_id)
    assert code(await attach(client, customer.headers, dpu_id, **body)) == (400, expected)


async def test_a_name_is_no_document(client: httpx.AsyncClient, customer: Customer, connection: Any) -> None:
    """A record is DOCUMENTED by a text or a digest: a name or an address raises nothing, and the refusal says what does."""
    dpu_id = await seal(connection, customer.center_id)
    refused = await client.post(f"/v1/dpus/{dpu_id}/evidence", json={"name": "x"}, headers=customer.headers)
    assert code(refused) == (400, "invalid_field")
    assert refused.json()["error"]["param"] == "text"
    assert "`sha256`" in refused.json()["error"]["details"]["requirement"]
    assert (await client.get(f"/v1/dpus/{dpu_id}", headers=customer.headers)).json()["level"] == "DRAFT"
    digest = {"name": "x", "sha256": "a" * 64}
    documented = await client.post(f"/v1/dpus/{dpu_id}/evidence", json=digest, headers=customer.headers)
    assert (documented.status_code, documented.json()["level"]) == (201, "DOCUMENTED")


async def test_a_retry_attaches_nothing_twice(client: httpx.AsyncClient, customer: Customer, connection: Any) -> None:
    """The same key, the same document: one entry; of what the record commits to nothing is kept for the answer."""
    dpu_id = await seal(connection, customer.center_id, body='{"learner_ref":"anna"}', person="anna")
    headers = customer.headers | {"Idempotency-Key": "k"}
    first, second = await attach(client, headers, dpu_id), await attach(client, headers, dpu_id)
    assert second.headers["Idempotent-Replayed"] == "true"
    assert first.json()["inputs"] == {"learner_ref": "anna"}
    assert first.json() | {"inputs": None, "salt": None} == second.json()
    assert (await client.get(f"/v1/dpus/{dpu_id}", headers=customer.headers)).json()["documents"] == 1


async def test_what_was_said_of_a_learners_record_goes_with_the_learner(
    client: httpx.AsyncClient, customer: Customer, connection: Any, admin: Admin
) -> None:
    """Documents and comments tell of whom the record tells of; they are dropped with it, and levels stand as they stood."""
    dpu_id = await seal(connection, customer.center_id, body='{"learner_ref":"anna"}', person="anna")
    headers = customer.headers | {"Idempotency-Key": "k"}
    await attach(client, headers, dpu_id, text="Anna was ill that day.")
    await approve(client, (await admin()).headers, dpu_id, comment="Anna told me so.")
    assert (await client.delete("/v1/learners/anna", headers=customer.headers)).status_code == 204
    for table in ("dpu_body", "dpu", "idempotency_claim"):
        rows = await connection.fetch(f"select t.* from {table} t where center_id = $1", customer.center_id)
        assert "anna" not in str([dict(row) for row in rows]).lower(), table
    shown = (await client.get(f"/v1/dpus/{dpu_id}", headers=customer.headers)).json()
    assert (shown["level"], shown["inputs"], shown["salt"]) == ("AUDIT_READY", None, None)
    assert shown["redacted_by"] is not None
    assert (await client.get("/v1/dpus/verify", headers=customer.headers)).json()["coverage"]["bodies_redacted"] == 3
