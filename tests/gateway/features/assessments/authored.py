"""Assessments for tests: an item of every kind, with a secret planted in its key, and the calls that authors make."""

from typing import Any

import httpx

from gateway.stores import SqlStore
from tests.running import Customer, add_customer

SECRET = "zqsecretzq"
"""Stands in every key that can hold a free text, and nowhere else. One word of lower-case letters, so that no folding
of texts or names hides it.
"""

Json = dict[str, Any]

BODY: Json = {"title": "Tides"}
"""The least that is an assessment."""


def choices(*texts: str) -> list[Json]:
    return [{"id": text.lower(), "text": text} for text in texts]


def item(kind: str, item_id: str, content: Json, key: Any, **more: Any) -> Json:
    return {"type": kind, "id": item_id, "content": {"stem": f"About {kind}?"} | content, "key": key} | more


def single_choice(item_id: str = "q1", **more: Any) -> Json:
    """Two choices, the first one right."""
    return item("single_choice", item_id, {"choices": choices("A", "B")}, {"correct": "a"}, **more)


def short_text(item_id: str = "q2", text: str = SECRET, points: str = "1.00", **answer: Any) -> Json:
    """One accepted text."""
    return item("short_text", item_id, {}, {"answers": [{"text": text} | answer]}, points=points)


IMAGE: Json = {"width": 100, "height": 100, "description": "a map"}

EVERY_KIND: tuple[Json, ...] = (
    single_choice("i01"),
    item("true_false", "i02", {}, {"value": True}),
    item("multiple_choice", "i03", {"choices": choices("A", "B", "C")}, {"correct": ["a", "b"]}),
    item(
        "choice_matrix",
        "i04",
        {"rows": choices("Row1", "Row2"), "columns": choices("Yes", "No")},
        {"rows": {"row1": ["yes"], "row2": ["no"]}},
    ),
    short_text("i05"),
    item("numeric", "i06", {}, {"answers": [{"value": "31415926"}]}),
    item(
        "quantity",
        "i07",
        {"units": [{"id": "m", "symbols": ["m"]}, {"id": "km", "symbols": ["km"]}]},
        {"answers": [{"value": "31415926"}], "scales": [{"unit": "m"}, {"unit": "km", "factor": "1000"}]},
    ),
    item("formula", "i08", {"variables": ["x"]}, {"expression": "x + 31415926"}),
    item(
        "matching",
        "i09",
        {"stems": choices("S1", "S2"), "choices": choices("C1", "C2", "C3")},
        {"pairs": {"s1": "c2", "s2": "c1"}},
    ),
    item(
        "categorize",
        "i10",
        {"items": choices("I1", "I2", "I3"), "categories": choices("K1", "K2")},
        {"items": {"i1": "k1", "i2": "k2"}},
    ),
    item("ordering", "i11", {"items": choices("O1", "O2", "O3", "O4")}, {"order": ["o3", "o1", "o4", "o2"]}),
    item("parsons", "i12", {"blocks": choices("B1", "B2", "B3")}, {"blocks": [{"id": "b2"}, {"id": "b1"}]}),
    item(
        "gap_select",
        "i13",
        {"stem": "A _____ and _____.", "gaps": [{"id": "g1"}, {"id": "g2"}], "bank": choices("W1", "W2", "W3")},
        {"gaps": {"g1": "w1", "g2": "w2"}},
    ),
    item(
        "gap_text",
        "i14",
        {"stem": "A _____.", "gaps": [{"id": "g1"}]},
        {"gaps": {"g1": [{"text": SECRET}]}},
    ),
    item("hotspot", "i15", {"image": IMAGE}, {"areas": [{"shape": "rect", "coords": [1, 2, 31, 42]}]}),
    item(
        "marker_drop",
        "i16",
        {"image": IMAGE, "markers": choices("M1", "M2")},
        {"zones": [{"shape": "circle", "coords": [51, 52, 7], "marker": "m1"}]},
    ),
    item(
        "essay",
        "i17",
        {},
        {
            "criteria": [{"id": SECRET, "text": f"Says {SECRET}."}],
            "keywords": [{"text": SECRET, "score": 0.5}],
        },
    ),
    item(
        "composite",
        "i18",
        {
            "parts": [
                {"type": "true_false", "id": "p1", "content": {"stem": "Part?"}},
                {"type": "essay", "id": "p2", "content": {"stem": "Why?"}},
            ]
        },
        {
            "parts": [
                {"type": "true_false", "part": "p1", "key": {"value": True}},
                {"type": "essay", "part": "p2", "key": {"keywords": [{"text": SECRET, "score": 0.5}]}},
            ]
        },
    ),
)
"""All 18 kinds."""

SECRETS = (SECRET, "31415926")
"""What may stand in no answer that is given without `include=keys`."""


async def make(client: httpx.AsyncClient, customer: Customer, **body: Any) -> Json:
    """A draft of two questions, unless `body` says otherwise."""
    body = {"title": "Tides", "items": [single_choice(), short_text()]} | body
    answer = await client.post("/v1/assessments", json=body, headers=customer.headers)
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    return made


async def make_published(client: httpx.AsyncClient, customer: Customer, **body: Any) -> Json:
    """The same, published as version 1."""
    made = await make(client, customer, **body)
    answer = await client.post(f"/v1/assessments/{made['id']}/publish", headers=customer.headers)
    assert answer.status_code == 200, answer.text
    published: Json = answer.json()
    return published


async def shown(client: httpx.AsyncClient, customer: Customer, assessment_id: str, query: str = "") -> Json:
    """The assessment as this customer sees it."""
    answer = await client.get(f"/v1/assessments/{assessment_id}{query}", headers=customer.headers)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def refusal(answer: httpx.Response) -> tuple[int, str, str | None]:
    """Status, code and param."""
    error = answer.json()["error"]
    return answer.status_code, error["code"], error.get("param")


async def hold_to_scope(client: httpx.AsyncClient, sql: SqlStore, method: str, path: str, body: Json | None) -> None:
    """Ask with the scope for reading where writing is needed, and the other way round: refused, naming what is missing."""
    needed, other = "write:assessments", "read:assessments"
    if method == "GET":
        needed, other = other, needed
    async with sql.session() as connection:
        caller = await add_customer(connection, scopes=[other])
    answer = await client.request(method, path, headers=caller.headers, json=body)
    assert refusal(answer) == (403, "missing_scope", None)
    assert answer.json()["error"]["details"] == {"required_scope": needed}
