"""Results of assessments, collections and learners: paged, filtered, and as CSV."""

import csv
import io
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.clock import FrozenClock
from tests.gateway.features.taking import (
    Taker,
    essay,
    picked,
    publish,
    publish_anew,
    question,
    refused,
    several,
    ticked,
    written,
)
from tests.running import Customer, add_customer, add_key

HOUR_MS = 3_600_000


async def results(client: httpx.AsyncClient, customer: Customer, path: str, **query: Any) -> dict[str, Any]:
    answer = await client.get(f"/v1/{path}/results", params=query, headers=customer.headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def as_csv(client: httpx.AsyncClient, customer: Customer, assessment_id: str, **query: Any) -> list[list[str]]:
    path = f"/v1/assessments/{assessment_id}/results"
    answer = await client.get(path, params={"format": "csv"} | query, headers=customer.headers)
    assert answer.status_code == 200, answer.text
    return list(csv.reader(io.StringIO(answer.text, newline="")))


async def taken(client: httpx.AsyncClient, customer: Customer, assessment_id: str, learner: str, *answers: Any) -> str:
    submitted = await Taker(client, customer, learner).submit_at_once(assessment_id, *answers)
    assert submitted.status_code == 201, submitted.text
    submission_id: str = submitted.json()["id"]
    return submission_id


async def test_results_come_newest_first_page_by_page(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock
) -> None:
    """Every attempt that is over once, none twice, with its totals; attempts under way are not among them."""
    assessment_id = await publish(client, customer, question(), several())
    ids = []
    for place in range(5):
        clock.advance(1000 * (place % 2))  # some at the same instant
        ids.append(await taken(client, customer, assessment_id, f"l{place}", picked(), ticked("a")))
    await Taker(client, customer, "under way").started(assessment_id)
    found, cursor = [], None
    while True:
        page = await results(
            client, customer, f"assessments/{assessment_id}", limit=2, **({"cursor": cursor} if cursor else {})
        )
        found += page["data"]
        cursor = page["next_cursor"]
        if not page["has_more"]:
            break
    assert sorted(one["id"] for one in found) == sorted(ids)
    assert [one["submitted_at"] for one in found] == sorted((one["submitted_at"] for one in found), reverse=True)
    last = next(one for one in found if one["learner_ref"] == "l4")
    assert {key: last[key] for key in ("object", "learner_ref", "status", "score", "max_score", "percent")} == {
        "object": "submission",
        "learner_ref": "l4",
        "status": "graded",
        "score": "1.33",
        "max_score": "2.00",
        "percent": 66,
    }
    assert not {"answers", "results", "items"} & set(last)


async def test_results_are_narrowed_by_learner_and_time(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock
) -> None:
    """`from` is included, `to` is not; both take any zone."""
    assessment_id = await publish(client, customer, max_attempts=3)
    for _ in range(3):
        for learner in ("anna", "ben"):
            await taken(client, customer, assessment_id, learner, picked())
        clock.advance(HOUR_MS)
    path = f"assessments/{assessment_id}"
    assert len((await results(client, customer, path, learner_ref="anna"))["data"]) == 3
    within = {"from": "2026-03-15T13:00:00Z", "to": "2026-03-15T14:00:00Z"}
    assert {one["attempt"] for one in (await results(client, customer, path, **within))["data"]} == {2}
    zoned = {"from": "2026-03-15T14:00:00+01:00", "to": "2026-03-15T15:00:00+01:00", "learner_ref": "ben"}
    assert [one["attempt"] for one in (await results(client, customer, path, **zoned))["data"]] == [2]
    assert (await results(client, customer, path, learner_ref="nobody"))["data"] == []
    assert len(await as_csv(client, customer, assessment_id, **within)) == 3


@pytest.mark.parametrize(("keep", "counting"), [("best", 2), ("last", 3)])
async def test_one_attempt_of_each_learner_counts(
    client: httpx.AsyncClient, customer: Customer, keep: str, counting: int
) -> None:
    """By the assessment's `keep`: the last, or the best and of equals the earliest."""
    assessment_id = await publish(client, customer, question(), several(), max_attempts=None, keep=keep)
    for answers in ([ticked("a")], [picked()], [picked("b"), ticked("a", "b", "c")]):
        await taken(client, customer, assessment_id, "anna", *answers)
    await taken(client, customer, assessment_id, "ben")
    found = (await results(client, customer, f"assessments/{assessment_id}"))["data"]
    assert {(one["learner_ref"], one["attempt"]) for one in found if one["counts"]} == {("anna", counting), ("ben", 1)}
    [header, *rows] = await as_csv(client, customer, assessment_id)
    counts, attempt = header.index("counts"), header.index("attempt")
    assert {row[attempt] for row in rows if row[counts] == "true"} == {str(counting), "1"}


async def test_a_cursor_serves_its_own_list_alone(client: httpx.AsyncClient, customer: Customer) -> None:
    """Not that of another assessment, learner or filter."""
    assessment_id, other = await publish(client, customer), await publish(client, customer)
    for learner in ("anna", "ben"):
        await taken(client, customer, assessment_id, learner, picked())
    cursor = (await results(client, customer, f"assessments/{assessment_id}", limit=1))["next_cursor"]
    for path, query in (
        (f"assessments/{other}", {}),
        (f"assessments/{assessment_id}", {"learner_ref": "anna"}),
        ("learners/anna", {}),
    ):
        answer = await client.get(f"/v1/{path}/results", params=query | {"cursor": cursor}, headers=customer.headers)
        assert refused(answer) == (400, "invalid_cursor")


async def test_csv_is_a_file_that_no_spreadsheet_runs(client: httpx.AsyncClient, customer: Customer) -> None:
    """RFC 4180, named after the id; what begins like a formula is guarded, a comma and a quote are quoted."""
    assessment_id = await publish(client, customer)
    learners = ["=HYPERLINK(1)", "+1", "-2", "@cmd", 'say "hi", you', "plain", " =1"]
    for learner in learners:
        await taken(client, customer, assessment_id, learner, picked())
    answer = await client.get(f"/v1/assessments/{assessment_id}/results?format=csv", headers=customer.headers)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="{assessment_id}.csv"'
    assert answer.headers["x-request-id"]
    assert answer.text.count("\r\n") == 1 + len(learners) == answer.text.count("\n")
    [header, *rows] = csv.reader(io.StringIO(answer.text, newline=""))
    assert {row[header.index("learner_ref")] for row in rows} == {
        "'=HYPERLINK(1)", "'+1", "'-2", "'@cmd", 'say "hi", you', "plain", " =1",
    }  # fmt: skip
    assert {row[header.index("score")] for row in rows} == {"1.00"}
    assert all(row[header.index("submitted_at")] == "2026-03-15T12:00:00Z" for row in rows)


async def test_an_empty_list_is_a_header(client: httpx.AsyncClient, customer: Customer) -> None:
    """CSV of nothing names its columns, JSON of nothing is an empty page."""
    assessment_id = await publish(client, customer)
    assert len(await as_csv(client, customer, assessment_id)) == 1
    assert await results(client, customer, f"assessments/{assessment_id}") == {
        "data": [],
        "has_more": False,
        "next_cursor": None,
    }


async def test_a_collection_shows_the_results_of_all_its_assessments(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock
) -> None:
    """Merged by time, over pages; those of other assessments are not among them."""
    ids = [await publish(client, customer, max_attempts=2) for _ in range(3)]
    made = await client.post(
        "/v1/collections", json={"title": "Term", "assessment_ids": ids[:2]}, headers=customer.headers
    )
    submitted = []
    for place in range(6):
        submitted.append(await taken(client, customer, ids[place % 3], "anna", picked()))
        clock.advance(1000)
    path = f"collections/{made.json()['id']}"
    first = await results(client, customer, path, limit=3)
    second = await results(client, customer, path, limit=3, cursor=first["next_cursor"])
    assert [one["id"] for one in first["data"] + second["data"]] == [submitted[place] for place in (4, 3, 1, 0)]
    assert (await results(client, customer, path, learner_ref="ben"))["data"] == []
    answer = await client.get("/v1/collections/col_none/results", headers=customer.headers)
    assert refused(answer) == (404, "collection_not_found")


@pytest.mark.parametrize(
    "learner", ["a/b", "ünï çødé", "50% + 1 = ?", "a//", "#1&x=y", "..x", "日本", "/", "a\\b", "\ufdd0"]
)
async def test_a_learner_may_be_called_anything_printable(
    client: httpx.AsyncClient, customer: Customer, learner: str
) -> None:
    """Percent-encoded, slashes too, the name in the path is the one that was sent in the body."""
    for _ in range(2):
        await taken(client, customer, await publish(client, customer), learner, picked())
    await taken(client, customer, await publish(client, customer), "another", picked())
    path = f"learners/{quote(learner, safe='')}"
    first = await results(client, customer, path, limit=1)
    second = await results(client, customer, path, limit=1, cursor=first["next_cursor"])
    assert [one["learner_ref"] for one in first["data"] + second["data"]] == [learner] * 2
    assert not second["has_more"]


@pytest.mark.parametrize(
    ("path", "query", "param"),
    [
        ("learners/usr_x", {}, "learner_ref"),
        (f"learners/{'x' * 129}", {}, "learner_ref"),
        ("learners/a%0Ab", {}, "learner_ref"),
        ("assessments/{}", {"learner_ref": "usr_x"}, "learner_ref"),
        ("assessments/{}", {"from": "2026-03-15T12:00:00"}, "from"),
        ("assessments/{}", {"from": "1773576000"}, "from"),
        ("assessments/{}", {"to": "yesterday"}, "to"),
        ("assessments/{}", {"to": "0001-01-01T00:00:00+23:00"}, "to"),
        ("assessments/{}", {"format": "xml"}, "format"),
        ("assessments/{}", {"since": "2026-03-15T12:00:00Z"}, "since"),
        ("assessments/{}", {"limit": "0"}, "limit"),
    ],
)
async def test_what_makes_no_sense_is_refused_by_name(
    client: httpx.AsyncClient, customer: Customer, path: str, query: dict[str, str], param: str
) -> None:
    """400 with the parameter, never a 500."""
    assessment_id = await publish(client, customer)
    answer = await client.get(f"/v1/{path.format(assessment_id)}/results", params=query, headers=customer.headers)
    assert refused(answer) == (400, "invalid_parameter")
    assert answer.json()["error"]["param"] == param


async def test_anothers_results_are_not_there(client: httpx.AsyncClient, customer: Customer, database: Any) -> None:
    """Another center, and the other env, get the 404 of what never was, or an empty list of a learner."""
    assessment_id = await publish(client, customer)
    await taken(client, customer, assessment_id, "anna", picked())
    async with database.acquire() as connection:
        strangers = [await add_customer(connection), await add_key(connection, customer.center_id, env="test")]
        reader = await add_key(connection, customer.center_id, scopes=["read:assessments"])
    for stranger in strangers:
        for path in (f"assessments/{assessment_id}", f"assessments/{'asmt_' + 'a' * 26}", "assessments/x"):
            for form in ("json", "csv"):
                answer = await client.get(f"/v1/{path}/results?format={form}", headers=stranger.headers)
                assert refused(answer) == (404, "assessment_not_found")
        assert (await results(client, stranger, "learners/anna"))["data"] == []
    answer = await client.get(f"/v1/assessments/{assessment_id}/results", headers=reader.headers)
    assert answer.json()["error"]["details"] == {"required_scope": "read:results"}


async def test_what_waits_for_a_person_is_listed_as_it_stands(client: httpx.AsyncClient, customer: Customer) -> None:
    """Its score so far, and no word on whether it is passed; a version published since changes nothing."""
    assessment_id = await publish(client, customer, question(), essay())
    await taken(client, customer, assessment_id, "anna", picked(), written())
    await publish_anew(client, customer, assessment_id, title="Another")
    [one] = (await results(client, customer, f"assessments/{assessment_id}"))["data"]
    assert (one["status"], one["score"], one["passed"], one["assessment_version"]) == (
        "awaiting_review",
        "1.00",
        None,
        1,
    )
    [header, row] = await as_csv(client, customer, assessment_id)
    assert (row[header.index("passed")], row[header.index("graded_at")]) == ("", "")


async def test_reviewers_list_what_waits_for_them(client: httpx.AsyncClient, customer: Customer) -> None:
    """`status` narrows an assessment's results, a collection's and the CSV; the cursor belongs to it."""
    assessment_id = await publish(client, customer, question(), essay())
    made = await client.post("/v1/collections", json={"title": "All"}, headers=customer.headers)
    body = {"assessment_id": assessment_id}
    collection = f"collections/{made.json()['id']}"
    added = await client.post(f"/v1/{collection}/items", json=body, headers=customer.headers)
    assert added.status_code < 300, added.text
    waiting = [await taken(client, customer, assessment_id, f"w{n}", picked(), written()) for n in range(2)]
    waiting.sort()
    graded = await taken(client, customer, assessment_id, "done", picked())
    for path in (f"assessments/{assessment_id}", collection):
        for status, ids in (("awaiting_review", waiting[::-1]), ("graded", [graded]), ("expired", [])):
            found = await results(client, customer, path, status=status)
            assert [one["id"] for one in found["data"]] == ids
        first = await results(client, customer, path, status="awaiting_review", limit=1)
        query = {"limit": 1, "cursor": first["next_cursor"]}
        [second] = (await results(client, customer, path, status="awaiting_review", **query))["data"]
        assert second["id"] == waiting[0]
        other = await client.get(f"/v1/{path}/results", params=query | {"status": "graded"}, headers=customer.headers)
        assert refused(other) == (400, "invalid_cursor")
    assert len(await as_csv(client, customer, assessment_id, status="awaiting_review")) == 3
    path = f"/v1/assessments/{assessment_id}/results"
    unknown = await client.get(path, params={"status": "in_progress"}, headers=customer.headers)
    assert refused(unknown) == (400, "invalid_parameter")
