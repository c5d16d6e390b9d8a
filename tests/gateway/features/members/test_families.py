"""Who sees what: a CHILD what it did itself, a PARENT what its linked children did, and neither any list of others'."""

from typing import Any

import httpx
import pytest
from msgspec import Struct

from gateway.app import openapi_document
from gateway.ids import new_id
from gateway.stores import SqlStore
from tests.gateway.features.members.asking import Joined, invite, join, problem
from tests.gateway.features.taking import Taker, picked, publish
from tests.running import NOW_MS, Customer, add_customer, add_key


class Family(Struct, frozen=True):
    """A quiz, and those around it."""

    quiz: str
    child: Joined
    sibling: Joined
    parent: Joined
    teacher: Joined
    head: Joined


@pytest.fixture
async def family(client: httpx.AsyncClient, customer: Customer) -> Family:
    """A published quiz with checks; two children, one parent of the first, a teacher, an administrator."""
    quiz = await publish(client, customer, max_attempts=None, checks_per_question=5)
    child, sibling = [await join(client, customer, f"{name}@school.example", "CHILD") for name in ("ada", "bob")]
    parent = await join(client, customer, "parent@school.example", "PARENT")
    teacher = await join(client, customer, "teacher@school.example", "INSTRUCTOR")
    head = await join(client, customer, "head@school.example", "ADMIN")
    linked = await link(client, head, parent, child)
    assert (linked.status_code, linked.json()["children"]) == (201, [child.member_id])
    return Family(quiz, child, sibling, parent, teacher, head)


async def link(client: httpx.AsyncClient, by: Customer | Joined, parent: Joined, child: Joined) -> httpx.Response:
    body = {"child_id": child.member_id}
    return await client.post(f"/v1/members/{parent.member_id}/children", json=body, headers=by.headers)


async def taken(client: httpx.AsyncClient, quiz: str, by: Joined) -> dict[str, Any]:
    """An attempt that this child took."""
    answer = await client.post(f"/v1/assessments/{quiz}/submit", json={"answers": [picked()]}, headers=by.headers)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_a_child_takes_a_quiz_as_itself(client: httpx.AsyncClient, family: Family) -> None:
    """Every step of an attempt, with no `learner_ref`: it is the child's own id."""
    headers, base = family.child.headers, f"/v1/assessments/{family.quiz}"
    started = await client.post(f"{base}/submissions", json={}, headers=headers)
    assert (started.status_code, started.json()["learner_ref"]) == (201, family.child.person_id)
    path = f"/v1/submissions/{started.json()['id']}"
    saved = await client.put(f"{path}/answers", json={"sequence": 1, "answers": [picked("b")]}, headers=headers)
    assert saved.status_code == 200
    checked = await client.post(f"{base}/check", json={"item_id": "q1", "answer": picked()["answer"]}, headers=headers)
    assert checked.status_code == 200, checked.text
    event = {"id": new_id("evt", NOW_MS), "type": "paused", "at": "2026-03-15T12:00:00Z"}
    noted = await client.post(f"{path}/events", json={"events": [event]}, headers=headers)
    assert noted.status_code == 200, noted.text
    submitted = await client.post(f"{path}/submit", json={}, headers=headers)
    assert (submitted.status_code, submitted.json()["status"]) == (200, "graded")
    assert (await client.get(path, headers=headers)).status_code == 200
    assert (await taken(client, family.quiz, family.child))["learner_ref"] == family.child.person_id
    own = await client.get(f"/v1/learners/{family.child.person_id}/results", headers=headers)
    assert [row["learner_ref"] for row in own.json()["data"]] == [family.child.person_id] * 2


@pytest.mark.parametrize("named", ["self", "other", "integrators"])
async def test_a_child_names_nobody(client: httpx.AsyncClient, family: Family, named: str) -> None:
    """`learner_ref` in a child's body is 400, whoever it names; nothing is begun or counted."""
    who = {"self": family.child.person_id, "other": family.sibling.person_id, "integrators": "learner-1"}[named]
    base = f"/v1/assessments/{family.quiz}"
    bodies = {
        f"{base}/submissions": {},
        f"{base}/submit": {"answers": [picked()]},
        f"{base}/check": {"item_id": "q1", "answer": picked()["answer"]},
    }
    for path, body in bodies.items():
        answer = await client.post(path, json=body | {"learner_ref": who}, headers=family.child.headers)
        assert problem(answer) == (400, "invalid_field", "learner_ref")
    checked = await client.post(f"{base}/check", json=bodies[f"{base}/check"], headers=family.child.headers)
    assert checked.json()["checks_left"] == 4


async def test_all_others_name_a_learner_of_their_own(
    client: httpx.AsyncClient, customer: Customer, family: Family
) -> None:
    """A key and a teacher must name one, and nobody who signs in here."""
    for caller in (customer, family.teacher):
        path = f"/v1/assessments/{family.quiz}/submissions"
        missing = await client.post(path, json={}, headers=caller.headers)
        assert problem(missing) == (400, "missing_required_field", "learner_ref")
        body = {"learner_ref": family.child.person_id}
        assert problem(await client.post(path, json=body, headers=caller.headers)) == (
            400,
            "invalid_field",
            "learner_ref",
        )
        assert (await client.post(path, json={"learner_ref": "jo"}, headers=caller.headers)).status_code in {200, 201}


async def test_what_another_learner_did_is_not_there(
    client: httpx.AsyncClient, customer: Customer, family: Family
) -> None:
    """For a child each route over another's attempt is the 404 of one that never was; nothing of it changes."""
    foreign = (await Taker(client, customer).start(family.quiz)).json()["id"]
    theirs = (
        await client.post(f"/v1/assessments/{family.quiz}/submissions", json={}, headers=family.sibling.headers)
    ).json()["id"]
    event = {"id": new_id("evt", NOW_MS), "type": "paused", "at": "2026-03-15T12:00:00Z"}
    errors = set()
    for submission_id in (foreign, theirs, new_id("sub", NOW_MS)):
        path, headers = f"/v1/submissions/{submission_id}", family.child.headers
        answers = [
            await client.get(path, headers=headers),
            await client.put(f"{path}/answers", json={"sequence": 9, "answers": [picked()]}, headers=headers),
            await client.post(f"{path}/submit", json={"answers": [picked()]}, headers=headers),
            await client.post(f"{path}/submit", json={}, headers=headers | {"Idempotency-Key": submission_id}),
            await client.post(f"{path}/events", json={"events": [event]}, headers=headers),
        ]
        for answer in answers:
            assert problem(answer) == (404, "submission_not_found", "submission_id")
            errors.add(str(answer.json()["error"] | {"request_id": ""}))
    assert len(errors) == 1
    kept = await client.get(f"/v1/submissions/{theirs}", headers=family.sibling.headers)
    assert (kept.json()["status"], kept.json()["sequence"]) == ("in_progress", 0)


async def test_a_parent_reads_what_linked_children_did(client: httpx.AsyncClient, family: Family) -> None:
    """Their attempts and results, and nobody else's; with the link goes the sight, at once."""
    own = (await taken(client, family.quiz, family.child))["id"]
    other = (await taken(client, family.quiz, family.sibling))["id"]
    headers = family.parent.headers
    assert (await client.get(f"/v1/submissions/{own}", headers=headers)).status_code == 200
    assert problem(await client.get(f"/v1/submissions/{other}", headers=headers)) == (
        404,
        "submission_not_found",
        "submission_id",
    )
    mine = await client.get(f"/v1/learners/{family.child.person_id}/results", headers=headers)
    assert [row["id"] for row in mine.json()["data"]] == [own]
    for stranger in (family.sibling.person_id, family.teacher.person_id, new_id("usr", NOW_MS), "learner-1"):
        refused = await client.get(f"/v1/learners/{stranger}/results", headers=headers)
        assert problem(refused) == (403, "insufficient_role", None)


async def test_a_link_ends_with_what_it_stands_on(
    client: httpx.AsyncClient, customer: Customer, family: Family
) -> None:
    """Taken back by an ADMIN, the child's or the parent's role changed, or one of them ended: nothing is seen any more."""
    own = (await taken(client, family.quiz, family.child))["id"]

    async def seen() -> bool:
        return (await client.get(f"/v1/submissions/{own}", headers=family.parent.headers)).status_code == 200

    async def linked() -> list[str]:
        shown = await client.get(f"/v1/members/{family.parent.member_id}", headers=customer.headers)
        children: list[str] = shown.json()["children"]
        return children

    path = f"/v1/members/{family.parent.member_id}/children/{family.child.member_id}"
    assert await seen()
    assert problem(await client.delete(path, headers=customer.headers)) == (403, "missing_scope", None)
    for caller in (family.teacher, family.parent, family.child):
        assert problem(await client.delete(path, headers=caller.headers)) == (403, "insufficient_role", None)
    assert await seen()
    assert (await client.delete(path, headers=family.head.headers)).status_code == 204
    assert not await seen()
    assert problem(await client.delete(path, headers=family.head.headers)) == (404, "member_not_found", "child_id")
    for member, roles in ((family.child, ("INSTRUCTOR", "CHILD")), (family.parent, ("INSTRUCTOR", "PARENT"))):
        await link(client, family.head, family.parent, family.child)
        assert await seen()
        for role in roles:
            edited = await client.patch(
                f"/v1/members/{member.member_id}", json={"role": role}, headers=customer.headers
            )
            assert edited.status_code == 200
        assert (await seen(), await linked()) == (False, [])
    await link(client, family.head, family.parent, family.child)
    assert (await client.delete(f"/v1/members/{family.child.member_id}", headers=customer.headers)).status_code == 204
    assert (await seen(), await linked()) == (False, [])


async def test_neither_sees_lists_statistics_or_exports(client: httpx.AsyncClient, family: Family) -> None:
    """403 `insufficient_role` for both, on whatever is over more than one learner, and on what others do with results."""
    own = (await taken(client, family.quiz, family.child))["id"]
    paths = (
        f"/v1/assessments/{family.quiz}/results",
        f"/v1/assessments/{family.quiz}/results?format=csv",
        f"/v1/assessments/{family.quiz}/results?learner_ref={family.child.person_id}",
        f"/v1/assessments/{family.quiz}/statistics",
        f"/v1/assessments/{family.quiz}/regrades",
        f"/v1/collections/{new_id('col', NOW_MS)}/results",
        f"/v1/learners/{family.child.person_id}/export",
        f"/v1/submissions/{own}/reviews",
        f"/v1/submissions/{own}?include=results",
        f"/v1/assessments/{family.quiz}",
        "/v1/assessments",
        "/v1/courses",
        "/v1/members",
        "/v1/center",
        "/v1/api-keys",
        "/v1/usage",
    )
    for caller in (family.child, family.parent):
        for path in paths:
            answer = await client.get(path, headers=caller.headers)
            assert problem(answer) == (403, "insufficient_role", None), path
            assert answer.json()["error"]["details"]["role"] in {"CHILD", "PARENT"}
    for path in (f"/v1/assessments/{family.quiz}/submissions", f"/v1/submissions/{own}/submit"):
        answer = await client.post(path, json={}, headers=family.parent.headers)
        assert problem(answer) == (403, "insufficient_role", None)


async def test_a_teacher_sees_every_learner(client: httpx.AsyncClient, customer: Customer, family: Family) -> None:
    """Children too, by their ids; an API key does not name those."""
    own = (await taken(client, family.quiz, family.child))["id"]
    who = family.child.person_id
    for path in (f"/v1/learners/{who}/results", f"/v1/assessments/{family.quiz}/results?learner_ref={who}"):
        seen = await client.get(path, headers=family.teacher.headers)
        assert [row["id"] for row in seen.json()["data"]] == [own]
        assert problem(await client.get(path, headers=customer.headers)) == (400, "invalid_parameter", "learner_ref")
    assert (await client.get(f"/v1/submissions/{own}", headers=customer.headers)).status_code == 200


def test_the_document_offers_linking_to_people_alone() -> None:
    """Neither is taking a link back a key's."""
    paths = openapi_document()["paths"]
    linking = paths["/v1/members/{member_id}/children"]["post"]
    unlinking = paths["/v1/members/{member_id}/children/{child_id}"]["delete"]
    assert linking["security"] == unlinking["security"] == [{"person": ["manage:center"]}]


async def test_admins_alone_link_children(
    client: httpx.AsyncClient, customer: Customer, family: Family, sql: SqlStore
) -> None:
    """Neither a teacher, the parent, the child nor any key, whatever its scopes; a parent and a child, both of the center,
    and no others.
    """
    admin = family.head
    for caller in (family.teacher, family.parent, family.child):
        assert problem(await link(client, caller, family.parent, family.sibling)) == (403, "insufficient_role", None)
    async with sql.session() as connection:
        tester = await add_key(connection, customer.center_id, env="test")
        other = await add_customer(connection)
    for key in (customer, tester):
        assert problem(await link(client, key, family.parent, family.sibling)) == (403, "missing_scope", None)
    for _ in range(2):
        both = await link(client, admin, family.parent, family.sibling)
        assert both.status_code == 201
        assert set(both.json()["children"]) == {family.child.member_id, family.sibling.member_id}
    assert problem(await link(client, admin, family.teacher, family.child)) == (409, "wrong_state", None)
    assert problem(await link(client, admin, family.parent, family.teacher)) == (400, "invalid_field", "child_id")
    foreign = (await invite(client, other, "c@d.example", "CHILD"))["id"]
    path = f"/v1/members/{family.parent.member_id}/children"
    for child_id in (foreign, new_id("mbr", NOW_MS)):
        answer = await client.post(path, json={"child_id": child_id}, headers=admin.headers)
        assert problem(answer) == (404, "member_not_found", "child_id")
    for child_id in ("x", f"usr_{26 * 'a'}", 7):
        answer = await client.post(path, json={"child_id": child_id}, headers=admin.headers)
        assert problem(answer) == (400, "invalid_field", "child_id")
    assert problem(await client.post(path, json={}, headers=admin.headers)) == (
        400,
        "missing_required_field",
        "child_id",
    )
