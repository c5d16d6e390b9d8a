"""Keys leave with `write:assessments` and `include=keys` alone: planted secrets are looked for in everything else."""

import io
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest
from msgspec import inspect

from gateway import log
from gateway.features.assessments.schemas import Assessment, AssessmentSummary
from gateway.stores import SqlStore
from tests.gateway.features.assessments.authored import EVERY_KIND, SECRETS, Json, make, refusal, shown
from tests.running import Customer, add_key

SECRET_FIELDS = {"key", "keys", "correct", "answers", "scoring", "source_ref", "rubric", "scores"}


def _names(value: Any) -> Iterator[str]:
    """Every field's name, however deep."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from _names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _names(inner)


def _kinds(kind: inspect.Type, seen: set[type]) -> Iterator[type]:
    """Every Struct that a type can hold, however deep."""
    match kind:
        case inspect.StructType(cls=cls, fields=fields):
            if cls not in seen:
                seen.add(cls)
                yield cls
                for field in fields:
                    yield from _kinds(field.type, seen)
        case inspect.UnionType(types=types) | inspect.TupleType(item_types=types):
            for one in types:
                yield from _kinds(one, seen)
        case inspect.VarTupleType(item_type=inner) | inspect.ListType(item_type=inner):
            yield from _kinds(inner, seen)
        case inspect.DictType(key_type=key, value_type=value):
            yield from _kinds(key, seen)
            yield from _kinds(value, seen)
        case inspect.Metadata(type=inner):
            yield from _kinds(inner, seen)


@pytest.mark.parametrize("shape", [Assessment, AssessmentSummary])
def test_no_type_of_an_answer_without_keys_can_hold_one(shape: type) -> None:
    """No key, scoring or source is a field of the type, so that none can be forgotten to be taken out."""
    held = {kind.__name__ for kind in _kinds(inspect.type_info(shape), set())}
    assert "SingleChoiceContent" in held or shape is AssessmentSummary
    assert not [name for name in held if name.endswith(("Key", "Scoring", "SourceRef"))]
    assert not [name for name in held if name.startswith(("Accepted", "KeyBlock", "HotspotArea", "MarkerZone"))]


def _assert_no_key(answer: httpx.Response) -> None:
    for secret in SECRETS:
        assert secret not in answer.text, f"{answer.request.method} {answer.request.url}"
    named = {name for name in _names(answer.json()) if name != "details"} if answer.content else set()
    assert named & SECRET_FIELDS == set(), f"{answer.request.method} {answer.request.url}"


async def test_a_planted_secret_is_in_no_answer(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every route of authoring, every kind, every caller and replay; nor in the log."""
    lines = io.StringIO()
    monkeypatch.setattr(log.sink(), "write", lambda line: lines.write(str(line)))
    async with sql.session() as connection:
        reader = await add_key(connection, customer.center_id, scopes=["read:assessments"])
    body: Json = {"title": "x", "items": EVERY_KIND, "settings": {"shuffle": True}}
    headers = customer.headers | {"Idempotency-Key": "s"}
    made = [await client.post("/v1/assessments", json=body, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in made] == [201, 201]
    path = f"/v1/assessments/{made[0].json()['id']}"
    collection = await client.post(
        "/v1/collections", json={"title": "c", "assessment_ids": [made[0].json()["id"]]}, headers=headers
    )
    answers = [*made, collection]
    for state in ("validate", "publish", "archive"):
        sent = {"json": body} if state == "validate" else {}
        answers.append(await client.post(f"{path}/{state}", headers=headers, **sent))
        for caller in (customer, reader):
            answers += [
                await client.get(path, headers=caller.headers),
                await client.get("/v1/assessments", headers=caller.headers),
                await client.get(f"/v1/collections/{collection.json()['id']}", headers=caller.headers),
            ]
        if state != "archive":
            answers.append(await client.patch(path, json={"title": state}, headers=customer.headers))
            answers.append(await client.patch(path, json={"items": EVERY_KIND}, headers=customer.headers))
    answers.append(await client.get(f"{path}?include=keys", headers=reader.headers))
    answers.append(await client.post("/v1/grade", json={"items": EVERY_KIND, "answers": []}, headers=customer.headers))
    answers.append(await client.delete(path, headers=customer.headers))
    for answer in answers:
        _assert_no_key(answer)
    assert answers[-1].status_code == 204
    assert lines.getvalue()
    assert not [secret for secret in SECRETS if secret in lines.getvalue()]


async def test_keys_need_the_scope_to_write(client: httpx.AsyncClient, customer: Customer, sql: SqlStore) -> None:
    """A reader who asks for them is refused before anything is looked up; an author without asking gets none."""
    made = await make(client, customer, items=EVERY_KIND)
    path = f"/v1/assessments/{made['id']}"
    async with sql.session() as connection:
        reader = await add_key(connection, customer.center_id, scopes=["read:assessments"])
    for asked in (path, "/v1/assessments/asmt_x"):
        refused = await client.get(f"{asked}?include=keys", headers=reader.headers)
        assert refusal(refused) == (403, "missing_scope", None)
        assert refused.json()["error"]["details"] == {"required_scope": "write:assessments"}
    assert refusal(await client.get(f"{path}?include=key", headers=customer.headers))[1] == "invalid_parameter"
    with_keys = await shown(client, customer, made["id"], "?include=keys")
    assert all("key" in question for question in with_keys["items"])
    assert not any("key" in question for question in made["items"])
    text = msgspec.json.encode(with_keys).decode()
    assert all(secret in text for secret in SECRETS)


async def test_a_flawed_key_is_not_repeated(client: httpx.AsyncClient, customer: Customer) -> None:
    """What is wrong with an accepted text is told by its path, without the text."""
    secret = SECRETS[0]
    broken = [
        {"type": "short_text", "id": "a", "content": {"stem": "?"}, "key": {"answers": [{"text": f"({secret}", "mode": "regex"}]}},
        {"type": "numeric", "id": "b", "content": {"stem": "?"}, "key": {"answers": [{"value": secret}]}},
        {"type": "formula", "id": "c", "content": {"stem": "?"}, "key": {"expression": f"{secret} +"}},
    ]  # fmt: skip
    answer = await client.post("/v1/assessments", json={"title": "x", "items": broken}, headers=customer.headers)
    assert answer.status_code == 400
    named = {flaw["param"] for flaw in answer.json()["error"]["details"]["flaws"]}
    assert named == {"items[0].key.answers[0].text", "items[1].key.answers[0].value", "items[2].key.expression"}
    assert secret not in answer.text
