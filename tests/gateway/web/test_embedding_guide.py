"""`docs/guides/embedding.md`: what it says of limits and events is so, and what it has you do once can be done."""

import json
import re
from importlib.resources import files
from pathlib import Path

import httpx

from gateway.features.embed_origins.schemas import ORIGINS_MAX
from gateway.features.embed_tokens.schemas import TTL_SECONDS, TTL_SECONDS_MAX
from gateway.features.sessions.schemas import SESSION_SECONDS
from tests.running import Customer

GUIDE = (Path(__file__).resolve().parents[3] / "docs" / "guides" / "embedding.md").read_text(encoding="utf-8")
ELEMENT = files("gateway").joinpath("web", "player", "coursegate-player.js").read_text(encoding="utf-8")


def test_the_events_of_the_table_are_those_of_the_element() -> None:
    """Each event that is passed on stands in the table, and nothing else does; so do the element's own errors."""
    passed = re.search(r"\^coursegate:\(([a-z|]+)\)\$", ELEMENT)
    assert passed is not None
    assert re.findall(r"^\| `coursegate:([a-z]+)` \|", GUIDE, re.MULTILINE) == passed[1].split("|")
    for code in re.findall(r'code: "([a-z_]+)"', ELEMENT):
        assert f"`{code}`" in GUIDE


def test_the_attributes_of_the_table_are_those_of_the_element() -> None:
    """What is watched is what is told of."""
    observed = re.search(r"observedAttributes = (\[.*?\])", ELEMENT)
    assert observed is not None
    told = re.findall(r"^\| `(src|label|loading)` \|.*$", GUIDE, re.MULTILINE)
    assert [*told, "title"] == sorted(json.loads(observed[1]), key=[*told, "title"].index)


def test_the_limits_are_those_of_the_gateway() -> None:
    """Seconds of tokens, hours of sessions, the length of the list."""
    assert f"lives for {TTL_SECONDS} seconds, or `ttl_seconds` ({TTL_SECONDS_MAX} at most)" in GUIDE
    assert TTL_SECONDS == 5 * 60
    assert "good once, for five minutes" in GUIDE
    assert SESSION_SECONDS == 2 * 3600
    assert "session of two hours" in GUIDE
    assert f"({ORIGINS_MAX} at most)" in GUIDE


async def test_the_guides_assessment_can_be_made_and_opened(client: httpx.AsyncClient, customer: Customer) -> None:
    """The body that stands there is authored, published and minted for."""
    found = re.search(r"-d '\n(.*?)'\n", GUIDE, re.DOTALL)
    assert found is not None
    made = await client.post("/v1/assessments", json=json.loads(found[1]), headers=customer.headers)
    assert made.status_code == 201, made.text
    path = f"/v1/assessments/{made.json()['id']}/publish"
    assert (await client.post(path, headers=customer.headers)).status_code == 200
    origin = {"origins": ["https://learn.example.com"]}
    assert (await client.put("/v1/embed/origins", json=origin, headers=customer.headers)).status_code == 200
    body = {"assessment_id": made.json()["id"], "learner_ref": "student-4711", "origin": "https://learn.example.com"}
    minted = await client.post("/v1/embed/token", json=body, headers=customer.headers)
    assert minted.status_code == 201, minted.text
    opened = await client.post("/v1/embed/sessions", json={"token": minted.json()["token"]})
    assert opened.status_code == 201, opened.text
    assert list(opened.json()["player"]["rich"]) == ["What moves the tides **most**?"]
