"""Scenario 29 for centers and people: keys, passwords, tokens and addresses are shown once, to whom they are for, and nowhere else."""

import asyncio
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from redis.asyncio import Redis

from tests.gateway.features.centers.asking import ORDER
from tests.running import Customer, add_customer
from tests.scenarios.test_secrets import everything_in
from tests.serving import serving, talking

PASSWORDS = [f"Kolibri {number} over the quiet herons" for number in range(4)]
EMAIL, ADDRESS = "marie.kolibri@north.example", "kolibri.child@north.example"


class Spoken:
    """What a client was told: the secrets that an answer was for, and all answers that should hold none."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self.secrets = list(PASSWORDS)
        self.said: list[str] = []

    async def ask(self, method: str, path: str, body: Any = None, token: str | None = None, **headers: str) -> Any:
        """An answer that should hold no secret."""
        named = headers if token is None else headers | {"Authorization": f"Bearer {token}"}
        answer = await self._client.request(method, path, json=body, headers=named)
        self.said.append(answer.text)
        return answer.json() if answer.content else None

    async def learn(self, *places: str, path: str, body: Any = None, token: str | None = None, **headers: str) -> Any:
        """An answer to a POST that shows the secrets at these places, such as `admin.invitation.token`."""
        told = await self.ask("POST", path, body, token, **headers)
        self.said.pop()
        for place in places:
            secret = told
            for name in place.split("."):
                secret = secret[name]
            self.secrets.append(secret)
        return told


async def provisioned(spoken: Spoken, partner: Customer) -> tuple[str, str]:
    """A center, ordered and its answer lost: its key and the first ADMIN's invitation, made anew."""
    order, once = ORDER | {"admin_email": EMAIL}, {"Idempotency-Key": "one"}
    base = "/v1/provisioning/centers"
    made = await spoken.learn("api_key.key", "admin.invitation.token", path=base, body=order, token=partner.key, **once)
    await spoken.ask("POST", base, order, partner.key, **once)
    await spoken.ask("POST", base, order, partner.key)
    await spoken.ask("POST", base, order | {"center_name": "Other"}, partner.key)
    await spoken.ask("POST", base, order | {made["api_key"]["key"]: 1}, partner.key)
    wanted = {"name": "second", "env": "live", "scopes": made["api_key"]["scopes"]}
    second = await spoken.learn("key", path=f"{base}/{made['center']['id']}/api-keys", body=wanted, token=partner.key)
    key: str = second["key"]
    await spoken.ask("GET", f"{base}/{made['center']['id']}", token=partner.key)
    again = f"/v1/members/{made['admin']['id']}/invitations"
    invited = await spoken.learn("invitation.token", path=again, token=key, **{"Idempotency-Key": "two"})
    await spoken.ask("POST", again, None, key, **{"Idempotency-Key": "two"})
    return key, invited["invitation"]["token"]


async def joined(spoken: Spoken, token: str, key: str) -> str:
    """The ADMIN joins, signs in, out and in again, with many a mistake; returns the access token that they have then."""
    accept, login = "/v1/auth/invitations/accept", "/v1/auth/login"
    right = {"email": EMAIL, "password": PASSWORDS[0]}
    both = ("access_token", "refresh_token")
    await spoken.ask("POST", accept, {"token": token, "password": PASSWORDS[0], "pass": PASSWORDS[1]})
    await spoken.ask("POST", accept, {"token": token + "x", "password": PASSWORDS[0]})
    await spoken.ask("POST", accept, {"token": token}, key)
    await spoken.ask("POST", accept, {"token": token, "password": PASSWORDS[0]})
    await spoken.ask("POST", accept, {"token": token, "password": PASSWORDS[0]})
    await spoken.ask("POST", login, right | {"password": PASSWORDS[1]})
    await spoken.ask("POST", login, {PASSWORDS[0]: EMAIL})
    await spoken.ask("POST", f"{login}?password={PASSWORDS[1]}", right)
    first = await spoken.learn(*both, path=login, body=right)
    following = await spoken.learn(*both, path="/v1/auth/refresh", body={"refresh_token": first["refresh_token"]})
    await spoken.ask("POST", "/v1/auth/logout", {"refresh_token": token}, following["access_token"])
    await spoken.ask("POST", "/v1/auth/refresh", {"refresh_token": first["refresh_token"]})
    await spoken.ask("GET", "/v1/auth/me", token=following["access_token"])
    second = await spoken.learn(*both, path=login, body=right)
    access: str = second["access_token"]
    await spoken.ask("POST", "/v1/auth/password", {"current": PASSWORDS[1], "new": PASSWORDS[2]}, access)
    await spoken.ask("POST", "/v1/auth/password", {"current": PASSWORDS[0], "new": PASSWORDS[2]}, access)
    await spoken.ask("GET", f"/v1/members/{access}", token=access)
    await spoken.ask("GET", "/v1/courses", token=access + "x")
    await spoken.ask("GET", "/v1/courses", token=access, **{"X-Request-Id": access[:60]})
    return access


async def managed(spoken: Spoken, access: str) -> None:
    """What an ADMIN does with keys and members; whatever is listed or refused is listed and refused without secrets."""
    once = {"Idempotency-Key": "three"}
    mine = {"name": "mine", "env": "test", "scopes": ["read:courses"]}
    key = await spoken.learn("key", path="/v1/api-keys", body=mine, token=access, **once)
    await spoken.ask("POST", "/v1/api-keys", mine, access, **once)
    grace = {"grace_seconds": 60}
    await spoken.learn("key", path=f"/v1/api-keys/{key['id']}/rotate", body=grace, token=access)
    await spoken.ask("GET", "/v1/api-keys", token=access)
    child = {"email": ADDRESS, "role": "CHILD"}
    made = await spoken.learn("invitation.token", path="/v1/members", body=child, token=access)
    await spoken.ask("POST", "/v1/members", child | {"password": PASSWORDS[3]}, access)
    await spoken.ask("PATCH", f"/v1/members/{made['id']}", {"password": PASSWORDS[3]}, access)
    await spoken.ask("DELETE", f"/v1/members/{made['id']}", token=access)
    await spoken.ask("PATCH", "/v1/center", {"name": "North", "theme": {"primary": "#112233"}}, access)
    for path in ("/v1/center", "/v1/members", "/v1/auth/me", "/v1/dpus"):
        await spoken.ask("GET", path, token=access)


async def everything_in_redis(redis_url: str) -> str:
    """Every key, and what it holds, as it would be carried elsewhere."""
    async with Redis.from_url(redis_url) as redis:
        names = [name async for name in redis.scan_iter(count=1000)]
        held = [await redis.dump(name) or b"" for name in names]
    return b"\n".join([*names, *held]).decode("latin-1")


async def test_no_secret_of_a_person_is_in_answers_log_metrics_rows_or_redis(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    """An order, an invitation, its acceptance, sign-ins, wrong tries, keys and members: each secret is shown once. Addresses
    are in the rows and in answers to those who manage the center, and nowhere else.
    """
    connection = await asyncpg.connect(database_url)
    file = tmp_path / "coursegate.log"
    gateway = serving(database_url, redis_url, log_file=str(file), log_level="debug")
    async with gateway as served, talking(served) as client:
        partner = await add_customer(connection, scopes=["provision:centers"])
        spoken = Spoken(client)
        key, token = await provisioned(spoken, partner)
        await managed(spoken, await joined(spoken, token, key))
        metrics = (await client.get(served.metrics_url)).text
        kept = await everything_in(connection)
        remembered = await everything_in_redis(redis_url)
        async with asyncio.timeout(5):
            while '"/v1/dpus"' not in file.read_text():
                await asyncio.sleep(0.05)
        logged = file.read_text() + served.log.read_text()
    await connection.close()
    assert len(spoken.secrets) == len(set(spoken.secrets)) == 17
    assert sum('"error"' not in text for text in spoken.said) > 12, "what should have been done was done"
    places = {"answers": "\n".join(spoken.said), "log": logged, "metrics": metrics, "rows": kept, "redis": remembered}
    for place, text in places.items():
        for secret in spoken.secrets:
            assert secret not in text, f"{secret[:12]} is in the {place}"
            assert secret[-20:] not in text, f"the end of {secret[:12]} is in the {place}"
    for place in ("log", "metrics", "redis"):
        assert "kolibri" not in places[place].lower(), place
