"""The origins whose pages may hold players: exact, few, and of one env each."""

import httpx
import pytest
from hypothesis import given
from hypothesis.strategies import text

from gateway.app import Gateway
from gateway.origins import is_origin
from gateway.stores import SqlStore
from tests.gateway.features.embedding import allow
from tests.gateway.features.taking import refused
from tests.people import add_member
from tests.running import Customer, add_key

GOOD = ("https://learn.example.com", "https://a.b-c.example:8443", "https://xn--bcher-kva.example", "https://192.0.2.7")
HERE = ("http://localhost", "http://localhost:3000", "http://127.0.0.1:8080", "https://localhost:8443")
WRONG = (
    "http://learn.example.com",
    "https://learn.example.com/",
    "https://learn.example.com/path",
    "https://learn.example.com:443",
    "https://learn.example.com:0",
    "https://learn.example.com:65536",
    "https://learn.example.com:",
    "https://Learn.example.com",
    "https://user@learn.example.com",
    "https://*.example.com",
    "https://learn.example.com https://other.example.com",
    "https://learn.example.com;script-src *",
    "https://learn.example.com\n",
    "https://-a.example.com",
    "https://a..example.com",
    "https://bücher.example",
    "https://intranet",
    "https://127.1",
    "https://0x7f.1",
    "https://0177.0.0.1",
    "https://999.999.999.999",
    "https://example.123",
    "https://[::1]",
    "https://" + "a" * 250 + ".example",
    "//learn.example.com",
    "learn.example.com",
    "javascript:alert(1)",
    "data:text/html,x",
    "file://",
    "null",
    "*",
    "",
)


async def test_a_list_replaces_the_one_before(client: httpx.AsyncClient, customer: Customer) -> None:
    """All of them at once, read back in the order of the alphabet; empty at first, and again."""
    empty = await client.get("/v1/embed/origins", headers=customer.headers)
    assert empty.json() == {"object": "embed_origins", "env": "live", "origins": []}
    put = await allow(client, customer, *GOOD)
    assert (put.status_code, put.json()["origins"]) == (200, sorted(GOOD))
    assert (await allow(client, customer, GOOD[1])).json()["origins"] == [GOOD[1]]
    assert (await client.get("/v1/embed/origins", headers=customer.headers)).json()["origins"] == [GOOD[1]]
    assert (await allow(client, customer)).json()["origins"] == []


@pytest.mark.parametrize("wrong", WRONG)
async def test_what_no_browser_writes_is_refused(client: httpx.AsyncClient, customer: Customer, wrong: str) -> None:
    """Named by its place; nothing is changed."""
    await allow(client, customer, GOOD[0])
    for env in ("live", "test"):
        answer = await allow(client, customer, GOOD[1], wrong, env=env)
        assert refused(answer) == (400, "invalid_field")
        assert answer.json()["error"]["param"] == "origins[1]"
    assert (await client.get("/v1/embed/origins", headers=customer.headers)).json()["origins"] == [GOOD[0]]


@given(text(max_size=60))
def test_an_origin_never_holds_what_a_header_could_be_cut_by(anything: str) -> None:
    """Whatever is taken has nothing but scheme, host and port in it."""
    for candidate in (anything, f"https://{anything}", f"https://a.example{anything}"):
        if is_origin(candidate, "live"):
            assert set(candidate) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-:/")
            assert candidate.count("/") == 2


async def test_this_machine_is_an_origin_in_test_alone(client: httpx.AsyncClient, customer: Customer) -> None:
    """`localhost` and 127.0.0.1, with any port, over http too; each env has its own list."""
    for here in HERE:
        assert refused(await allow(client, customer, here)) == (400, "invalid_field")
    put = await allow(client, customer, *HERE, *GOOD, env="test")
    assert put.json() == {"object": "embed_origins", "env": "test", "origins": sorted((*HERE, *GOOD))}
    assert (await client.get("/v1/embed/origins", headers=customer.headers)).json()["origins"] == []
    other = await client.get("/v1/embed/origins?env=test", headers=customer.headers)
    assert other.json()["origins"] == sorted((*HERE, *GOOD))


async def test_a_list_has_at_most_fifty_and_none_twice(client: httpx.AsyncClient, customer: Customer) -> None:
    """One more is refused, and so is the same once more."""
    many = [f"https://h{number}.example.com" for number in range(51)]
    assert (await allow(client, customer, *many[:50])).status_code == 200
    assert refused(await allow(client, customer, *many)) == (400, "invalid_field")
    twice = await allow(client, customer, *many[:2], many[0])
    assert (refused(twice), twice.json()["error"]["param"]) == ((400, "invalid_field"), "origins[2]")


async def test_test_keys_read_their_own_list_alone(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore, app: Gateway
) -> None:
    """They change nothing, and see nothing of live; an ADMIN changes both, other roles neither."""
    await allow(client, customer, GOOD[0])
    await allow(client, customer, HERE[0], env="test")
    async with sql.session() as connection:
        tester = await add_key(connection, customer.center_id, env="test")
        admin = await add_member(app, connection, customer.center_id, "ADMIN")
        teacher = await add_member(app, connection, customer.center_id, "INSTRUCTOR")
    for query in ("", "?env=live", "?env=test"):
        read = await client.get(f"/v1/embed/origins{query}", headers=tester.headers)
        assert read.json() == {"object": "embed_origins", "env": "test", "origins": [HERE[0]]}
    assert refused(await allow(client, tester, GOOD[0])) == (403, "missing_scope")
    body = {"origins": [GOOD[1]]}
    assert (await client.put("/v1/embed/origins", json=body, headers=admin.headers)).status_code == 200
    denied = await client.put("/v1/embed/origins", json=body, headers=teacher.headers)
    assert refused(denied) == (403, "insufficient_role")
