"""Authored items: what can't be graded is refused when it is authored, by the path of every flaw."""

import httpx
import pytest

from tests.gateway.features.assessments.authored import (
    EVERY_KIND,
    Json,
    item,
    make,
    refusal,
    short_text,
    shown,
    single_choice,
)
from tests.running import Customer


async def test_every_kind_comes_back_as_it_was_authored(client: httpx.AsyncClient, customer: Customer) -> None:
    """With their keys, in their order; what was left out has its default."""
    made = await make(client, customer, items=EVERY_KIND)
    assert made["points_total"] == "18.00"
    authored = await shown(client, customer, made["id"], "?include=keys")
    assert [one["type"] for one in authored["items"]] == [one["type"] for one in EVERY_KIND]
    for given, kept in zip(EVERY_KIND, authored["items"], strict=True):
        assert kept["id"] == given["id"]
        assert _within(given["content"], kept["content"]), given["type"]
        assert _within(given["key"], kept["key"]), given["type"]
    again = await client.patch(
        f"/v1/assessments/{made['id']}", json={"items": authored["items"]}, headers=customer.headers
    )
    assert again.json() == made, "what was read can be sent again"


def _within(given: object, kept: object) -> bool:
    """Whether all that was given was kept."""
    if isinstance(given, dict) and isinstance(kept, dict):
        return all(name in kept and _within(value, kept[name]) for name, value in given.items())
    if isinstance(given, list) and isinstance(kept, list):
        return len(given) == len(kept) and all(map(_within, given, kept))
    return given == kept


GOOD = single_choice()


@pytest.mark.parametrize(
    ("wrong", "code", "param"),
    [
        (7, "invalid_field", "items[1]"),
        ({}, "missing_required_field", "items[1].type"),
        (GOOD | {"type": "guess"}, "invalid_field", "items[1].type"),
        ({name: GOOD[name] for name in ("type", "content", "key")}, "missing_required_field", "items[1].id"),
        ({name: GOOD[name] for name in ("type", "id", "key")}, "missing_required_field", "items[1].content"),
        ({name: GOOD[name] for name in ("type", "id", "content")}, "missing_required_field", "items[1].key"),
        (GOOD | {"id": ""}, "invalid_field", "items[1].id"),
        (GOOD | {"id": "a b"}, "invalid_field", "items[1].id"),
        (GOOD | {"id": "x" * 65}, "invalid_field", "items[1].id"),
        (GOOD | {"points": 1}, "invalid_field", "items[1].points"),
        (GOOD | {"points": "1"}, "invalid_field", "items[1].points"),
        (GOOD | {"points": "-1.00"}, "invalid_field", "items[1].points"),
        (GOOD | {"floor": -1.5}, "invalid_field", "items[1].floor"),
        (GOOD | {"floor": 0.5}, "invalid_field", "items[1].floor"),
        (GOOD | {"allow_blank": 1}, "invalid_field", "items[1].allow_blank"),
        (GOOD | {"points_max": "1.00"}, "unknown_field", "items[1].points_max"),
        (GOOD | {"content": GOOD["content"] | {"stem": ""}}, "invalid_field", "items[1].content.stem"),
        (GOOD | {"content": GOOD["content"] | {"stem": "a\0b"}}, "invalid_field", "items[1].content.stem"),
        (GOOD | {"content": GOOD["content"] | {"key": 1}}, "unknown_field", "items[1].content.key"),
        (GOOD | {"content": GOOD["content"] | {"choices": []}}, "invalid_field", "items[1].content.choices"),
        (GOOD | {"key": {"right": "a"}}, "unknown_field", "items[1].key.right"),
        (GOOD | {"scoring": {"rule": "luck"}}, "invalid_field", "items[1].scoring.rule"),
        (GOOD, "invalid_field", "items[1].id"),
        (short_text(text="(", mode="regex"), "invalid_field", "items[1].key.answers[0].text"),
        (short_text(text="x" * 501), "invalid_field", "items[1].key.answers[0].text"),
        (short_text(score=2), "invalid_field", "items[1].key.answers[0].score"),
        (short_text() | {"key": {"answers": [{"txt": "x"}]}}, "unknown_field", "items[1].key.answers[0].txt"),
        (item("numeric", "n", {}, {"answers": [{}]}), "invalid_field", "items[1].key.answers[0]"),
        (item("formula", "f", {}, {}), "missing_required_field", "items[1].key.expression"),
        (single_choice("q2") | {"key": {"correct": "c"}}, "invalid_field", "items[1].key.correct"),
        (single_choice("q2") | {"key": {}}, "invalid_field", "items[1].key"),
        (
            item("numeric", "n", {}, {"answers": [{"value": "ten"}]}),
            "invalid_field",
            "items[1].key.answers[0].value",
        ),
        (item("formula", "f", {"variables": ["x"]}, {"expression": "x +"}), "invalid_field", "items[1].key.expression"),
    ],
)
async def test_what_can_not_be_graded_is_refused_by_its_path(
    client: httpx.AsyncClient, customer: Customer, wrong: Json, code: str, param: str
) -> None:
    """In a new assessment, in an edit and in a trial alike; nothing is written."""
    items = [GOOD, wrong]
    made = await make(client, customer)
    for answer in (
        await client.post("/v1/assessments", json={"title": "x", "items": items}, headers=customer.headers),
        await client.patch(f"/v1/assessments/{made['id']}", json={"items": items}, headers=customer.headers),
        await client.post("/v1/grade", json={"items": items, "answers": []}, headers=customer.headers),
    ):
        assert refusal(answer) == (400, code, param), answer.text
    assert await shown(client, customer, made["id"]) == made


async def test_an_unknown_type_is_told_what_there_is(client: httpx.AsyncClient, customer: Customer) -> None:
    """All 18 kinds are named."""
    body = {"title": "x", "items": [GOOD | {"type": "guess"}]}
    answer = await client.post("/v1/assessments", json=body, headers=customer.headers)
    requirement = answer.json()["error"]["details"]["requirement"]
    assert requirement == "one of: " + ", ".join(sorted(one["type"] for one in EVERY_KIND))


async def test_all_flaws_are_told_at_once(client: httpx.AsyncClient, customer: Customer) -> None:
    """Of every item, each with its path; `param` is the first."""
    items = [
        single_choice("q1") | {"key": {"correct": "c"}},
        GOOD,
        short_text("q3", "(", mode="regex"),
    ]
    answer = await client.post("/v1/assessments", json={"title": "x", "items": items}, headers=customer.headers)
    error = answer.json()["error"]
    assert error["param"] == error["details"]["field"] == "items[0].key.correct"
    assert [flaw["param"] for flaw in error["details"]["flaws"]] == [
        "items[0].key.correct",
        "items[1].id",
        "items[2].key.answers[0].text",
    ]
    assert error["details"]["flaws"][0]["requirement"] == error["details"]["requirement"]


async def test_what_takes_too_long_to_grade_is_refused(client: httpx.AsyncClient, customer: Customer) -> None:
    """Each item keeps its own bounds, all together break the summed budget."""
    hard = {"expression": "+".join(["sin(x)"] * 28), "samples": 24}
    content = {"stem": "?", "variables": ["x"]}
    parts = [{"type": "formula", "id": f"p{place}", "content": content} for place in range(12)]
    keys = [{"type": "formula", "part": part["id"], "key": hard} for part in parts]
    costly = [item("composite", f"q{place}", {"parts": parts}, {"parts": keys}) for place in range(60)]
    answer = await client.post("/v1/assessments", json={"title": "x", "items": costly}, headers=customer.headers)
    assert refusal(answer) == (400, "invalid_field", "items")
    await make(client, customer, items=costly[:40])
