"""What a refusal says: in words that need no knowledge of how we are written, and naming what would have been right."""

import httpx
import pytest

from tests.running import Customer


def refused(answer: httpx.Response) -> tuple[int, str, str | None]:
    error = answer.json()["error"]
    return answer.status_code, error["code"], error.get("param")


async def test_a_body_of_another_kind_is_told_what_came(client: httpx.AsyncClient, customer: Customer) -> None:
    """At most 64 printable characters of it: a client's library may have chosen it."""
    kinds = {
        "text/plain": "text/plain",
        "application/x-www-form-urlencoded; " + "x" * 99: "application/x-www-form-urlencoded; " + "x" * 29,
    }
    for sent, told in kinds.items():
        answer = await client.post("/v1/presets", content=b"{}", headers=customer.headers | {"Content-Type": sent})
        assert refused(answer) == (415, "unsupported_media_type", "Content-Type")
        assert answer.json()["error"]["message"].endswith(f"; it came with `Content-Type: {told}`.")
    answer = await client.post("/v1/presets", content=b"{}", headers=customer.headers)
    assert answer.json()["error"]["message"].endswith("; it came without `Content-Type`.")


async def test_an_unknown_parameter_is_told_with_those_that_there_are(
    client: httpx.AsyncClient, customer: Customer
) -> None:
    """The route's own; a route without any says so."""
    for path, allowed in (
        ("/v1/presets", "; allowed: limit, cursor"),
        ("/v1/center", "; it has none"),
    ):
        answer = await client.get(path, params={"colour": "red"}, headers=customer.headers)
        assert refused(answer) == (400, "invalid_parameter", "colour")
        said = answer.json()["error"]["details"]["requirement"]
        assert said == f"it is no parameter of this request{allowed}"


@pytest.mark.parametrize(
    ("path", "requirement"),
    [
        ("/v1/dpus?subject=zzz", "an id: a prefix such as `crs`, `_` and 26 of a-z and 2-7"),
        ("/v1/presets?limit=many", "an integer"),
        ("/v1/presets?limit=0", "an integer >= 1"),
    ],
)
async def test_a_parameter_is_told_what_it_may_be(
    client: httpx.AsyncClient, customer: Customer, path: str, requirement: str
) -> None:
    """In words: no pattern, and no name of a type that is not JSON's."""
    answer = await client.get(path, headers=customer.headers)
    assert answer.status_code == 400
    assert answer.json()["error"]["details"]["requirement"] == requirement


async def test_names_that_others_read_hold_no_control_characters(client: httpx.AsyncClient, customer: Customer) -> None:
    """An integrator's own reference comes back in lists, webhooks and terminals."""
    for reference in ("\u0007", "a\u001b[2J", "\u202egnp.exe", " "):
        answer = await client.post("/v1/courses", json={"external_ref": reference}, headers=customer.headers)
        assert refused(answer) == (400, "invalid_field", "external_ref")
