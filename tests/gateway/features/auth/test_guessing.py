"""How often a password may be tried, to the number, and what a guesser learns."""

import asyncio
import statistics
import time
from typing import Any

import httpx
import pytest

from gateway.app import Gateway
from gateway.guessing import count_try, policies
from gateway.passwords import HELD_BACK_SECONDS, Passwords
from gateway.settings import Settings
from gateway.visit import Visit
from tests.people import PASSWORD, Person, add_person
from tests.running import running, talking_to

WRONG = "not the right passphrase"


async def login(client: httpx.AsyncClient, email: str, password: str = WRONG) -> httpx.Response:
    return await client.post("/v1/auth/login", json={"email": email, "password": password})


def visit_from(app: Gateway, address: str) -> Visit:
    return Visit(app.services.admission, address, lambda _: None, {}, started=0.0)


@pytest.fixture
async def person(connection: Any, center_id: str) -> Person:
    return await add_person(connection, center_id)


async def test_the_sixth_try_in_a_quarter_of_an_hour_is_refused(app: Gateway, person: Person) -> None:
    """For one e-mail from one address, right passwords counted in; another e-mail and another address go on."""
    async with talking_to(app) as client, talking_to(app) as elsewhere:
        for left in (4, 3, 2, 1):
            answer = await login(client, person.email)
            assert answer.status_code == 401
            assert answer.headers["x-ratelimit-remaining"] == str(left)
        assert (await login(client, person.email.upper(), PASSWORD)).status_code == 200
        for password in (WRONG, PASSWORD):
            over = await login(client, person.email, password)
            error = over.json()["error"]
            assert over.status_code == 429
            assert error["details"]["policy"] == "login_pair"
            assert error["details"]["limit"] == 5
            assert error["details"]["window_seconds"] == 900
            assert error["code"] == f"retry_after_{over.headers['retry-after']}"
            assert 0 < int(over.headers["retry-after"]) <= 900
            assert over.headers["ratelimit-policy"] == (
                '"login_pair";q=5;w=900, "login_address";q=30;w=900, "login_email";q=50;w=900'
            )
        assert (await login(client, "another@school.example")).status_code == 401
        assert (await login(elsewhere, person.email, PASSWORD)).status_code == 200


async def test_five_pass_of_many_at_once(app: Gateway, person: Person) -> None:
    """Not one more, however they come."""
    async with talking_to(app) as client:
        answers = await asyncio.gather(*(login(client, person.email) for _ in range(12)))
    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 7


async def test_one_address_has_thirty_tries(app: Gateway, settings: Settings) -> None:
    """Whatever e-mails it tries; a refused try counts for nothing."""
    keyring = app.services.keyring
    for number in range(30):
        await count_try(app.services, visit_from(app, "192.0.2.77"), f"p{number}@{settings.database_url[-12:]}.example")
    decision = await app.services.admission.decide(policies(keyring, "192.0.2.77", "one.more@school.example"))
    assert type(decision).__name__ == "Refused"
    assert [state.remaining for state in decision.policies] == [5, 0, 50]


async def test_an_email_is_slowed_and_never_locked(app: Gateway, person: Person) -> None:
    """After 50 tries from wherever, the owner still signs in, later than else."""
    for number in range(50):
        await count_try(app.services, visit_from(app, f"198.51.100.{number}"), person.email)
    began = time.monotonic()
    async with talking_to(app) as client:
        answer = await login(client, person.email, PASSWORD)
    assert answer.status_code == 200
    assert time.monotonic() - began >= HELD_BACK_SECONDS
    assert '"login_email";r=0' in answer.headers["ratelimit"]


async def test_only_so_many_are_held_back_at_once() -> None:
    """The thirty-third is told that too much waits: slowing somebody costs the gateway no more than 32 waiting."""
    passwords = Passwords()
    waiting = [asyncio.ensure_future(passwords.hold_back()) for _ in range(32)]
    await asyncio.sleep(0)
    with pytest.raises(Exception, match="waiting"):
        await passwords.hold_back()
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    passwords.close()


async def test_neighbours_of_one_ipv6_network_are_one_address(app: Gateway, person: Person) -> None:
    """A /64 is one guesser."""
    statuses = []
    for number in range(6):
        async with talking_to(app, f"2001:db8:{person.id[-4:].encode().hex()[:4]}:1::{number + 1}") as client:
            statuses.append((await login(client, person.email)).status_code)
    assert statuses == [401] * 5 + [429]


async def test_limits_hold_across_gateways(settings: Settings, person: Person) -> None:
    """Two processes share the windows."""
    async with (
        running(settings) as one,
        running(settings) as two,
        talking_to(one, "203.0.113.9") as first,
        talking_to(two, "203.0.113.9") as second,
    ):
        answers = [await login(client, person.email) for client in (first, second) * 3]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]


async def test_addresses_and_emails_are_in_redis_as_digests(app: Gateway, person: Person) -> None:
    """The names of the windows tell nobody who was tried."""
    for policy in policies(app.services.keyring, "192.0.2.1", person.email):
        assert policy.key.startswith(f"cg:{{login}}:window:{policy.name}:")
        assert person.email not in policy.key
        assert "192.0.2.1" not in policy.key


async def test_an_unknown_email_costs_what_a_wrong_password_costs(app: Gateway, person: Person) -> None:
    """One statement and one hash each: medians of processor time within a third of each other."""
    passwords = app.services.passwords
    stored = (await app.services.passwords.hash(PASSWORD), None)
    await passwords.check(WRONG, None)
    spent: dict[str | None, list[float]] = {stored[0]: [], None: []}
    for _ in range(9):
        for which in stored:
            began = time.process_time()
            await passwords.check(WRONG, which)
            spent[which].append(time.process_time() - began)
    known, unknown = (statistics.median(times) for times in spent.values())
    assert abs(known - unknown) < max(known, unknown) / 3


async def test_a_full_queue_is_said(app: Gateway, person: Person) -> None:
    """While 2 hash and 32 wait, the next is 503 `overloaded` with `Retry-After`, nothing is compared, and no try is spent:
    who retries as told still has five.
    """
    under_way = [asyncio.ensure_future(app.services.passwords.check("x", None)) for _ in range(34)]
    await asyncio.sleep(0)
    async with talking_to(app) as client:
        for _ in range(6):
            answer = await login(client, person.email, PASSWORD)
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "overloaded")
        assert answer.headers["retry-after"] == "1"
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        assert (await login(client, person.email, PASSWORD)).status_code == 200
