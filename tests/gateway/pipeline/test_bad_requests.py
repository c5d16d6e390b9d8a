"""Bad input of every kind meets the exact code of the catalogue, with the place that is wrong; nothing is written."""

from typing import Any

import httpx
import pytest

from gateway.stores import SqlStore
from tests.running import Customer

JSON = {"Content-Type": "application/json"}
PRESET = '{"name": "A", "brief": {"topic": "Rust"}}'


async def presets(sql: SqlStore) -> int:
    async with sql.session() as connection:
        return int(await connection.fetchval("select count(*) from preset"))


def refused(answer: httpx.Response) -> tuple[int, str, str | None]:
    error = answer.json()["error"]
    return answer.status_code, error["code"], error.get("param")


BODIES: list[tuple[str, bytes, str, str | None]] = [
    ("nothing", b"", "missing_required_field", "name"),
    ("white space", b"  ", "malformed_json", None),
    ("half a body", b'{"name": "A"', "malformed_json", None),
    ("a trailing comma", b'{"name": "A",}', "malformed_json", None),
    ("two values", b"{} {}", "malformed_json", None),
    ("a byte order mark", b'\xef\xbb\xbf{"name": "A"}', "malformed_json", None),
    ("UTF-16", '{"name": "A"}'.encode("utf-16"), "malformed_json", None),
    ("Latin-1", '{"name": "ä"}'.encode("latin-1"), "malformed_json", None),
    ("NaN", b'{"name": NaN}', "malformed_json", None),
    ("a lone surrogate, escaped", b'{"name": "\\ud800"}', "malformed_json", None),
    ("a lone surrogate, raw", b'{"name": "\xed\xa0\x80"}', "malformed_json", None),
    ("10 000 levels", b'{"name": ' + b"[" * 10_000 + b"]" * 10_000 + b"}", "malformed_json", None),
    ("10 000 levels unclosed", b"[" * 10_000, "malformed_json", None),
    ("a list", b"[]", "invalid_field", "body"),
    ("null", b"null", "invalid_field", "body"),
    ("a wrong type", b'{"name": 5}', "invalid_field", "name"),
    ("no conversion", b'{"name": "A", "brief": {"topic": "x", "modules": "3"}}', "invalid_field", "brief.modules"),
    (
        "a float for an integer",
        b'{"name": "A", "brief": {"topic": "x", "modules": 3.0}}',
        "invalid_field",
        "brief.modules",
    ),
    ("too many", b'{"name": "A", "brief": {"topic": "x", "modules": 21}}', "invalid_field", "brief.modules"),
    ("within a list", b'{"name": "A", "brief": {"objectives": ["a", 5]}}', "invalid_field", "brief.objectives[1]"),
    ("U+0000", b'{"name": "A\\u0000"}', "invalid_field", "name"),
    (
        "U+0000 deep",
        b'{"name": "A", "brief": {"objectives": ["a", "b\\u0000"]}}',
        "invalid_field",
        "brief.objectives[1]",
    ),
    ("beyond 64 bit", b'{"name": "A", "brief": {"modules": 9223372036854775808}}', "invalid_field", "brief.modules"),
    ("5000 digits", b'{"name": "A", "brief": {"modules": ' + b"9" * 5000 + b"}}", "invalid_field", "brief.modules"),
    ("an enormous exponent", b'{"name": "A", "brief": {"modules": 1e400}}', "invalid_field", "brief.modules"),
    ("an unknown field", b'{"name": "A", "nmae": "B"}', "unknown_field", "nmae"),
    ("an unknown field deep", b'{"name": "A", "brief": {"topics": "x"}}', "unknown_field", "brief.topics"),
    ("a missing field", b'{"brief": {}}', "missing_required_field", "name"),
]


@pytest.mark.parametrize(("body", "code", "param"), [case[1:] for case in BODIES], ids=[case[0] for case in BODIES])
async def test_a_bad_body_is_named(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore, body: bytes, code: str, param: str | None
) -> None:
    """The exact code, with the path of the field, and nothing written."""
    answer = await client.post("/v1/presets", content=body, headers=customer.headers | JSON)
    assert refused(answer) == (400, code, param)
    assert await presets(sql) == 0
    if code in {"invalid_field", "unknown_field", "missing_required_field"}:
        details = answer.json()["error"]["details"]
        assert details["field"] == param
        assert details["requirement"]


async def test_of_doubled_keys_the_last_counts(client: httpx.AsyncClient, customer: Customer) -> None:
    """As everywhere in JSON: one of them, always the same."""
    answer = await client.post("/v1/presets", content=b'{"name": "A", "name": "B"}', headers=customer.headers | JSON)
    assert (answer.status_code, answer.json()["name"]) == (201, "B")


HEADS: list[tuple[str, dict[str, str], int, str, str | None]] = [
    ("no type", {}, 415, "unsupported_media_type", "Content-Type"),
    ("another type", {"Content-Type": "text/plain"}, 415, "unsupported_media_type", "Content-Type"),
    ("a form", {"Content-Type": "application/x-www-form-urlencoded"}, 415, "unsupported_media_type", "Content-Type"),
    (
        "another charset",
        {"Content-Type": "application/json; charset=latin-1"},
        415,
        "unsupported_media_type",
        "Content-Type",
    ),
    ("compressed", JSON | {"Content-Encoding": "gzip"}, 415, "unsupported_media_type", "Content-Encoding"),
]


@pytest.mark.parametrize(
    ("head", "status", "code", "param"), [case[1:] for case in HEADS], ids=[case[0] for case in HEADS]
)
async def test_only_plain_json_is_read(
    client: httpx.AsyncClient, customer: Customer, head: dict[str, str], status: int, code: str, param: str | None
) -> None:
    """Another content type, another charset or any encoding is refused before the body is looked at."""
    answer = await client.post("/v1/presets", content=PRESET.encode(), headers=customer.headers | head)
    assert refused(answer) == (status, code, param)


async def test_json_in_utf_8_may_say_so(client: httpx.AsyncClient, customer: Customer) -> None:
    """`application/json; charset=utf-8` is what it is without the parameter."""
    head = {"Content-Type": 'Application/JSON; charset="UTF-8"'}
    answer = await client.post("/v1/presets", content=PRESET.encode(), headers=customer.headers | head)
    assert answer.status_code == 201


DOUBLED: list[tuple[str, str]] = [
    ("Authorization", "Authorization"),
    ("X-API-Key", "X-API-Key"),
    ("Content-Type", "Content-Type"),
    ("Content-Length", "Content-Length"),
]


@pytest.mark.parametrize(("header", "param"), DOUBLED)
async def test_a_header_that_decides_is_sent_once(
    client: httpx.AsyncClient, customer: Customer, header: str, param: str
) -> None:
    """Two of them could be read differently by whoever stands between: 400, even where they agree."""
    values = {"Authorization": f"Bearer {customer.key}", "X-API-Key": customer.key, "Content-Length": "2"}
    value = values.get(header, "application/json")
    headers = [(header, value), (header, value)]
    if header not in {"Authorization", "X-API-Key"}:
        headers.append(("Authorization", f"Bearer {customer.key}"))
    answer = await client.post("/v1/presets", content=b"{}", headers=headers)
    assert refused(answer) == (400, "invalid_parameter", param)


QUERIES: list[tuple[str, str, str]] = [
    ("unknown", "colour=red", "colour"),
    ("twice", "limit=1&limit=2", "limit"),
    ("too small", "limit=0", "limit"),
    ("too large", "limit=101", "limit"),
    ("no number", "limit=ten", "limit"),
    ("a float", "limit=1.5", "limit"),
    ("beyond 64 bit", "limit=99999999999999999999", "limit"),
    ("empty", "limit=", "limit"),
    ("U+0000", "external_ref=a%00b", "external_ref"),
    ("bad percent-encoding", "external_ref=%zz", "query"),
    ("no UTF-8", "external_ref=%ff", "external_ref"),
    ("no such state", "status=asleep", "status"),
    ("too long", "external_ref=" + "a" * 200, "external_ref"),
]


@pytest.mark.parametrize(("query", "param"), [case[1:] for case in QUERIES], ids=[case[0] for case in QUERIES])
async def test_a_bad_query_is_named(client: httpx.AsyncClient, customer: Customer, query: str, param: str) -> None:
    """Unknown, doubled, out of bounds or not text: 400 `invalid_parameter` with the parameter's name."""
    answer = await client.get(f"/v1/courses?{query}", headers=customer.headers)
    assert refused(answer) == (400, "invalid_parameter", param)


async def test_what_was_given_is_repeated_in_64_printable_characters_at_most(
    client: httpx.AsyncClient, customer: Customer
) -> None:
    """An unknown field's name comes back cut and without control characters."""
    name = "x\\u202e\\u0007" + "y" * 500
    answer = await client.post("/v1/presets", content=f'{{"{name}": 1}}'.encode(), headers=customer.headers | JSON)
    assert answer.status_code == 400
    assert len(answer.json()["error"]["param"]) <= 64
    assert answer.json()["error"]["param"].isprintable()


CURSORS = ["", "a", "not-a-cursor", "ä", "A" * 4000, "W10", "eyJhIjoxfQ", "%00"]


@pytest.mark.parametrize("cursor", CURSORS)
async def test_a_bad_cursor_is_named(client: httpx.AsyncClient, customer: Customer, cursor: str) -> None:
    """Whatever is no cursor of ours is `invalid_cursor`, or `invalid_parameter` where it is no text at all."""
    answer = await client.get("/v1/presets", params={"cursor": cursor}, headers=customer.headers)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] in {"invalid_cursor", "invalid_parameter"}
    assert answer.json()["error"]["param"] == "cursor"


async def test_methods_and_paths_that_are_not_there(client: httpx.AsyncClient, customer: Customer) -> None:
    """405 names the methods that are; OPTIONS is no exception; 404 is the envelope."""
    for method in ("DELETE", "OPTIONS", "TRACE"):
        answer = await client.request(method, "/v1/presets", headers=customer.headers)
        assert answer.status_code == 405, method
        assert answer.headers["allow"] == "GET, HEAD, POST"
    answer = await client.get("/v1/presets/%ff", headers=customer.headers)
    assert refused(answer) == (400, "invalid_parameter", "path")
    answer = await client.get("/elsewhere")
    assert refused(answer) == (404, "route_not_found", None)


async def test_an_id_of_another_shape_is_the_same_404(client: httpx.AsyncClient, customer: Customer) -> None:
    """Missing, malformed, of another kind: one body but for the request id."""
    bodies: list[dict[str, Any]] = []
    for course_id in (
        "crs_aaaaaaaaaaaaaaaaaaaaaaaaaa",
        "crs_AAAA",
        "prst_aaaaaaaaaaaaaaaaaaaaaaaaaa",
        "1",
        "'",
        "a" * 500,
    ):
        answer = await client.get(f"/v1/courses/{course_id}", headers=customer.headers)
        assert answer.status_code == 404
        body = answer.json()
        del body["error"]["request_id"]
        bodies.append(body)
    assert all(body == bodies[0] for body in bodies)


async def test_too_large_a_body_is_refused_unread(client: httpx.AsyncClient, customer: Customer) -> None:
    """By its declared length at once, by its chunks as soon as there are too many; clients are told to leave the
    connection, whose next bytes are the rest of that body.
    """
    answer = await client.post("/v1/presets", content=b" " * 2_000_000, headers=customer.headers | JSON)
    assert refused(answer) == (413, "body_too_large", None)
    assert answer.headers["connection"] == "close"
    assert answer.json()["error"]["details"] == {"limit_bytes": 1_048_576}
    sent = 0

    async def endless() -> Any:
        nonlocal sent
        while True:
            sent += 65_536
            yield b" " * 65_536

    answer = await client.post("/v1/presets", content=endless(), headers=customer.headers | JSON)
    assert refused(answer) == (413, "body_too_large", None)
    assert answer.headers["connection"] == "close"
    assert sent <= 2 * 1_048_576


async def test_the_same_error_comes_as_rfc_9457(client: httpx.AsyncClient, customer: Customer) -> None:
    """With `Accept: application/problem+json`: type, title, status, detail, instance, and our code, param, retryable."""
    headers = customer.headers | {"Accept": "application/problem+json"}
    answer = await client.get("/v1/courses/crs_aaaaaaaaaaaaaaaaaaaaaaaaaa", headers=headers)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "https://gateway.test/docs#course_not_found",
        "title": "No such course.",
        "status": 404,
        "detail": "No such course.",
        "instance": answer.headers["x-request-id"],
        "code": "course_not_found",
        "param": "course_id",
        "retryable": False,
    }


async def test_a_route_without_fields_refuses_them(client: httpx.AsyncClient, customer: Customer) -> None:
    """What would be ignored is a mistake unseen: only nothing or `{}` comes to a route that takes no body."""
    course = (await client.post("/v1/courses", json={"brief": {"topic": "A"}}, headers=customer.headers)).json()
    path = f"/v1/courses/{course['id']}/cancel"
    answer = await client.post(path, json={"force": True}, headers=customer.headers)
    assert refused(answer) == (400, "unknown_field", "force")
    answer = await client.post(path, content=b"force", headers=customer.headers | JSON)
    assert refused(answer) == (400, "malformed_json", None)
    for nothing in (b"", b"{}", b" {} "):
        answer = await client.post(path, content=nothing, headers=customer.headers | JSON)
        assert refused(answer) == (409, "wrong_state", None)


async def test_where_few_values_are_allowed_they_are_named(client: httpx.AsyncClient, customer: Customer) -> None:
    """In a body, within a list, and in a query."""
    body = {"name": "A", "brief": {"topic": "x", "artifacts": ["notes", "song"]}}
    answer = await client.post("/v1/presets", json=body, headers=customer.headers)
    assert refused(answer) == (400, "invalid_field", "brief.artifacts[1]")
    assert answer.json()["error"]["details"]["requirement"] == "one of: narration, notes, quiz, slides"
    answer = await client.get("/v1/courses?status=asleep", headers=customer.headers)
    assert "ready" in answer.json()["error"]["details"]["requirement"]


async def test_a_path_of_any_length_is_answered(client: httpx.AsyncClient, customer: Customer) -> None:
    """One longer than any route's is not there, and is not remembered."""
    answer = await client.get(f"/v1/courses/{'a' * 20_000}", headers=customer.headers)
    assert refused(answer) == (404, "route_not_found", None)
    for path in ("/v1", "/v1/", "/v1//courses//x/"):
        answer = await client.get(path, headers=customer.headers)
        assert answer.status_code == 404
        assert "x-ratelimit-limit" in answer.headers
