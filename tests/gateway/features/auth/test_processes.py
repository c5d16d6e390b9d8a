"""What only processes can show: races between gateways, and keys that rotate under them."""

import asyncio
import secrets
import time
from collections import Counter
from contextlib import AsyncExitStack
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.clock import SystemClock
from gateway.private_files import write_private
from gateway.tokens.access import AccessTokens
from gateway.tokens.key_file import new_key, read_key_file, written
from gateway.tokens.ring import open_token_keys
from tests.people import SignedIn, add_person, sign_in
from tests.processes import run
from tests.running import add_center
from tests.serving import environment, serving_many, talking

ISSUER = "https://gateway.test"


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "jwt-keys.pem"
    write_private(path, written((new_key(1, 0),)))
    return path


async def signed_in(connection: Any, key_file: Path) -> SignedIn:
    clock = SystemClock()
    tokens = AccessTokens(open_token_keys(key_file, clock.monotonic_seconds), ISSUER)
    person = await add_person(connection, await add_center(connection))
    return await sign_in(connection, tokens, person, clock.now_ms())


def from_anywhere() -> dict[str, str]:
    """A header by which the request has an address of its own, so that no limit stands in the way."""
    return {"X-Forwarded-For": str(IPv4Address(0x0A000000 + secrets.randbits(24)))}


async def refresh(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.post("/v1/auth/refresh", json={"refresh_token": token}, headers=from_anywhere())


async def status(client: httpx.AsyncClient, access_token: str) -> int:
    headers = {"Authorization": f"Bearer {access_token}"} | from_anywhere()
    return (await client.get("/v1/courses", headers=headers)).status_code


async def test_one_refresh_of_many_at_several_gateways_wins(
    database_url: str, redis_url: str, database: Any, key_file: Path
) -> None:
    """Two gateways, eight exchanges of one token that are all under way before any is decided, again and again: one is
    answered, its tokens live at both gateways, and the chain of exchanges goes on; a late ninth is a second use.
    """
    async with (
        serving_many(2, database_url, redis_url, jwt_keys_file=str(key_file), trusted_proxies="127.0.0.1") as gateways,
        AsyncExitStack() as stack,
        database.acquire() as connection,
    ):
        clients = [await stack.enter_async_context(talking(gateway)) for gateway in gateways]
        me = await signed_in(connection, key_file)
        tokens = [me.refresh_token]
        for _ in range(5):
            async with connection.transaction():
                await connection.execute("select from login_session where id = $1 for update", me.session_id)
                exchanges = [asyncio.create_task(refresh(clients[n % 2], tokens[-1])) for n in range(8)]
                async with asyncio.timeout(10):
                    while await database.fetchval(_WAITING) < 8:
                        await asyncio.sleep(0.01)
            answers = await asyncio.gather(*exchanges)
            assert Counter(answer.status_code for answer in answers) == {200: 1, 401: 7}
            winner = next(answer.json() for answer in answers if answer.status_code == 200)
            tokens.append(winner["refresh_token"])
            assert [await status(client, winner["access_token"]) for client in clients] == [200, 200]
        assert (await refresh(clients[0], tokens[-2])).status_code == 401
        assert [await status(client, winner["access_token"]) for client in clients] == [401, 401]
        assert (await refresh(clients[1], tokens[-1])).status_code == 401


_WAITING = """
select count(*) from pg_stat_activity
 where datname = current_database() and wait_event_type = 'Lock' and query like '%refresh_rotate%'"""


async def test_signing_out_is_seen_by_the_next_request_everywhere(
    database_url: str, redis_url: str, database: Any, key_file: Path
) -> None:
    """While two gateways answer one person's requests as fast as they come, signing out at one ends it at both: no request
    that began after the answer is let in.
    """
    async with (
        serving_many(2, database_url, redis_url, jwt_keys_file=str(key_file), trusted_proxies="127.0.0.1") as gateways,
        AsyncExitStack() as stack,
        database.acquire() as connection,
    ):
        clients = [await stack.enter_async_context(talking(gateway)) for gateway in gateways]
        for _ in range(5):
            me = await signed_in(connection, key_file)
            began: list[tuple[float, int]] = []
            over = asyncio.Event()

            async def keep_asking(
                client: httpx.AsyncClient, me: SignedIn, began: list[Any], over: asyncio.Event
            ) -> None:
                while not over.is_set() or began[-1][1] == 200:
                    at = time.monotonic()
                    began.append((at, await status(client, me.access_token)))

            asking = [asyncio.create_task(keep_asking(client, me, began, over)) for client in clients]
            while sum(code == 200 for _, code in began) < 6:
                await asyncio.sleep(0.001)
            ended = await clients[0].post("/v1/auth/logout", headers=me.headers)
            ended_at = time.monotonic()
            over.set()
            assert ended.status_code == 204
            await asyncio.gather(*asking)
            assert {code for at, code in began if at > ended_at} <= {401}
            assert [await status(client, me.access_token) for client in clients] == [401, 401]


async def test_keys_rotate_under_running_gateways(
    database_url: str, redis_url: str, database: Any, key_file: Path
) -> None:
    """`coursegate secrets rotate jwt-keys` adds a key that both gateways show without a restart; tokens of the old one go
    on, and it can't be retired while they may live.
    """
    env = environment(database_url, redis_url, jwt_keys_file=str(key_file))
    async with (
        serving_many(2, database_url, redis_url, jwt_keys_file=str(key_file), trusted_proxies="127.0.0.1") as gateways,
        AsyncExitStack() as stack,
        database.acquire() as connection,
    ):
        clients = [await stack.enter_async_context(talking(gateway)) for gateway in gateways]
        me = await signed_in(connection, key_file)
        added = await run("secrets", "rotate", "jwt-keys", env=env)
        assert (added.status, added.err) == (0, "")
        held = {key.kid for key in read_key_file(key_file)}
        assert len(held) == 2
        assert key_file.stat().st_mode & 0o777 == 0o600
        async with asyncio.timeout(15):
            for client in clients:
                while {key["kid"] for key in (await client.get("/.well-known/jwks.json")).json()["keys"]} != held:
                    await asyncio.sleep(0.1)
        for client in clients:
            assert await status(client, me.access_token) == 200
        shown = await run("secrets", "status", env=env)
        assert "jwt-keys" in shown.out
        assert "minutes more by tokens" in shown.out
        for version, reason in (("1", "in use for 71 minutes more"), ("2", "the newest"), ("9", "holds no v9")):
            refused = await run("secrets", "rotate", "jwt-keys", "--retire", version, env=env)
            assert refused.status == 1
            assert reason in refused.err


async def test_the_first_key_is_made_on_request(database_url: str, redis_url: str, tmp_path: Path) -> None:
    """Where there is no file yet: 0600, and one that a gateway starts with; other secrets are not kept in one."""
    path = tmp_path / "new.pem"
    env = environment(database_url, redis_url)
    made = await run("secrets", "rotate", "jwt-keys", "--file", str(path), env=env)
    assert (made.status, made.err) == (0, "")
    assert path.stat().st_mode & 0o777 == 0o600
    assert [key.version for key in read_key_file(path)] == [1]
    assert f"{path} is made; name it in COURSEGATE_JWT_KEYS_FILE" in " ".join(made.out.split())
    assert "PRIVATE" not in made.out
    for wrong in (("peppers", "--file", str(path)), ("jwt-keys", "--env-file", str(path))):
        assert (await run("secrets", "rotate", *wrong, env=env)).status == 2
