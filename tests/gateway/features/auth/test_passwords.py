"""Changing one's password: with the current one, ending all other sign-ins, and nobody else's."""

import asyncio
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher

from gateway.app import Gateway
from gateway.stores import SqlStore
from tests.people import PASSWORD, SignedIn, sign_in
from tests.running import talking_to
from tests.waiting import until_waiting_for_locks

NEW = "another passphrase altogether"


async def change(client: httpx.AsyncClient, who: SignedIn, current: str = PASSWORD, new: str = NEW) -> httpx.Response:
    return await client.post("/v1/auth/password", headers=who.headers, json={"current": current, "new": new})


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def login(client: httpx.AsyncClient, email: str, password: str) -> int:
    return (await client.post("/v1/auth/login", json={"email": email, "password": password})).status_code


@pytest.fixture
async def elsewhere(app: Gateway, connection: Any, admin: SignedIn) -> SignedIn:
    """The same person, signed in at another place."""
    return await sign_in(connection, app.services.tokens, admin.person, app.services.clock.now_ms())


async def test_a_new_password_ends_all_other_sign_ins(
    client: httpx.AsyncClient, admin: SignedIn, elsewhere: SignedIn
) -> None:
    """The others' access and refresh tokens at once; this one goes on, by both of its tokens."""
    assert (await change(client, admin)).status_code == 204
    assert refused(await client.get("/v1/auth/me", headers=elsewhere.headers)) == (401, "invalid_token")
    gone = await client.post("/v1/auth/refresh", json={"refresh_token": elsewhere.refresh_token})
    assert refused(gone) == (401, "invalid_token")
    assert (await client.get("/v1/auth/me", headers=admin.headers)).status_code == 200
    assert (await client.post("/v1/auth/refresh", json={"refresh_token": admin.refresh_token})).status_code == 200
    assert await login(client, admin.person.email, PASSWORD) == 401
    assert await login(client, admin.person.email, NEW) == 200


async def test_a_wrong_current_password_is_a_try(app: Gateway, admin: SignedIn, elsewhere: SignedIn) -> None:
    """Five in a quarter of an hour, together with those at the login; nothing is changed, and no sign-in ends."""
    async with talking_to(app) as client:
        for _ in range(4):
            answer = await change(client, admin, "not the current one")
            assert refused(answer) == (401, "invalid_credentials")
        assert await login(client, admin.person.email, "not this either") == 401
        over = await change(client, admin)
        assert over.status_code == 429
        assert over.json()["error"]["details"]["policy"] == "login_pair"
        assert (await client.get("/v1/auth/me", headers=elsewhere.headers)).status_code == 200


@pytest.mark.parametrize(
    "new", ["Password1234!", "qwertyuiop12", "111111111111", "short", "x" * 129, PASSWORD, "nul\0nul\0nul\0nul"]
)
async def test_a_weak_password_is_refused_by_its_place(client: httpx.AsyncClient, admin: SignedIn, new: str) -> None:
    """Common, short, long, the same: 400 at `new`, which is not repeated; it costs no try."""
    answer = await change(client, admin, new=new)
    assert refused(answer) == (400, "invalid_field")
    assert answer.json()["error"]["param"] == "new"
    assert new not in answer.text
    assert "login_pair" not in answer.headers["ratelimit-policy"]


async def test_the_own_address_is_no_password(client: httpx.AsyncClient, admin: SignedIn) -> None:
    """With numbers after it, too."""
    local = admin.person.email.partition("@")[0]
    assert refused(await change(client, admin, new=f"{admin.person.email}")) == (400, "invalid_field")
    assert len(local) >= 12 or refused(await change(client, admin, new=f"{local}{'9' * 12}"))[0] == 400


async def test_two_changes_at_once_have_one_winner(
    client: httpx.AsyncClient, admin: SignedIn, elsewhere: SignedIn
) -> None:
    """The other compared with a password that is no more; whoever won is signed in alone."""
    answers = await asyncio.gather(
        change(client, admin, new="the first passphrase of two"),
        change(client, elsewhere, new="the second passphrase of two"),
    )
    assert sorted(answer.status_code for answer in answers) == [204, 401]
    standing = [(await client.get("/v1/auth/me", headers=who.headers)).status_code for who in (admin, elsewhere)]
    assert [answer.status_code for answer in answers] == [204 if status == 200 else 401 for status in standing]


async def test_a_login_with_a_password_that_was_just_changed_opens_nothing(
    client: httpx.AsyncClient, connection: Any, admin: SignedIn, elsewhere: SignedIn
) -> None:
    """Compared before the change, it signs nobody in after it."""
    verified = await connection.fetchval("select password_hash from person where id = $1", admin.person.id)
    assert (await change(client, admin)).status_code == 204
    outcome = await connection.fetchval(
        "select session_open('sid_x', $1, $2, $3, null, $4, now(), now())",
        admin.person.id,
        admin.person.center_id,
        verified,
        b"\x01" * 32,
    )
    assert outcome == "changed"
    assert await connection.fetchval("select count(*) from login_session where id = 'sid_x'") == 0


async def test_an_old_hash_is_renewed_at_the_next_login(
    client: httpx.AsyncClient, connection: Any, admin: SignedIn
) -> None:
    """Under today's cost, for the same password."""
    old = PasswordHasher(1, 8, 1).hash(PASSWORD)
    await connection.execute("update person set password_hash = $2 where id = $1", admin.person.id, old)
    assert await login(client, admin.person.email, PASSWORD) == 200
    new = await connection.fetchval("select password_hash from person where id = $1", admin.person.id)
    assert new.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    assert await login(client, admin.person.email, PASSWORD) == 200


async def test_whose_sign_in_ends_meanwhile_changes_nothing(
    client: httpx.AsyncClient, connection: Any, sql: SqlStore, admin: SignedIn
) -> None:
    """Who was suspended or signed out while the passwords were compared: the old password stays."""
    async with sql.session() as ending, ending.transaction():
        await ending.execute("select 1 from person where id = $1 for update", admin.person.id)
        coming = asyncio.create_task(change(client, admin))
        await until_waiting_for_locks(sql)
        await ending.execute("update membership set status = 'suspended' where id = $1", admin.person.member_id)
    assert refused(await coming) == (401, "invalid_credentials")
    await connection.execute("update membership set status = 'active' where id = $1", admin.person.member_id)
    assert await login(client, admin.person.email, PASSWORD) == 200
