"""What a fuzzer may name: a gateway with things of every kind, its own and others', in every state that a route knows."""

import asyncio
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import requests
from msgspec import Struct

from gateway.clock import SystemClock
from gateway.published import PublishedVersions
from gateway.roles import ROLES, Role
from gateway.scopes import SCOPES
from gateway.stores import Connection
from gateway.work.generations import run_generation
from gateway.work.leases import Halt
from gateway.work.queue import Env, generation_waits, regrade_waits
from gateway.work.regrades import run_regrade
from tests.gateway.features.assessments.authored import EVERY_KIND
from tests.gateway.features.members.asking import PASSWORD
from tests.gateway.features.taking import picked, written
from tests.gateway.work.benches import open_bench
from tests.generators import FakeGenerator
from tests.running import Customer, add_center, add_key
from tests.serving import serving

ENVS: tuple[Env, ...] = ("live", "test")
Ids = dict[str, list[str]]
"""Ids of one owner's things, by the name of the path parameter that takes them."""


class World(Struct, frozen=True):
    """A gateway, a customer's key, its people's tokens by their roles, the credential of a learner's session, and ids of every
    kind: its own first, then those of others. Anything else is nobody's.
    """

    url: str
    key: str
    tokens: dict[str, str]
    credential: str
    ids: list[Ids]


def made(url: str, customer: Customer, env: Env) -> Ids:
    """One of each thing that a customer has, made over the API; submissions under way, to be reviewed, and graded."""
    brief = {"topic": "Rust", "modules": 1, "artifacts": ["slides", "notes"]}
    with requests.Session() as http:
        http.headers.update(customer.headers)

        def make(path: str, body: Any, **headers: str) -> str:
            answer = http.post(f"{url}/v1/{path}", json=body, headers=headers)
            assert answer.status_code < 300, answer.text
            thing = answer.json()
            identity: str = thing.get("center", thing)["id"]
            return identity

        hook = {"url": "http://127.0.0.1:9/hook", "events": ["*"]}
        webhook_id = make("webhooks", hook)
        preset_id = make("presets", {"name": "A", "brief": brief})
        course_id, launched = [make("courses", {"title": "A", "brief": brief}) for _ in range(2)]
        source = {"name": "a.md", "media_type": "text/markdown", "content": "# A\n\nWords enough."}
        sources = [make(f"courses/{course}/sources", source) for course in (course_id, launched)]
        make(f"courses/{launched}/launch", None, **{"Idempotency-Key": "launched"})
        quiz = {"title": "A", "items": EVERY_KIND, "settings": {"max_attempts": None, "checks_per_question": 5}}
        assessment_id = make("assessments", quiz)
        make(f"assessments/{assessment_id}/publish", None)
        taken = f"assessments/{assessment_id}/submit"
        reviewed, graded = [
            make(taken, {"learner_ref": "jo", "answers": given})
            for given in ([written(item_id="i17")], [picked(item_id="i01")])
        ]
        make(f"submissions/{reviewed}/reviews", {"item_id": "i17", "score": "0.5"})
        open_id = make(f"assessments/{assessment_id}/submissions", {"learner_ref": "jo"})
        http.patch(f"{url}/v1/assessments/{assessment_id}", json={"title": "B"})
        make(f"assessments/{assessment_id}/publish", None)
        name = f"c{secrets.token_hex(6)}"
        order = {"order_id": name, "center_name": "A", "subdomain": name, "plan_id": "starter"}
        regrade_id = make(f"assessments/{assessment_id}/regrade", {"from_version": 1, "policy": "replace"})
        people = joined(url, customer) if env == "live" else {}
        return (
            people
            | opened(url, customer, assessment_id)
            | {
                "key_id": [make("api-keys", {"name": "A", "env": env, "scopes": ["read:usage"]})],
                "preset_id": [preset_id],
                "course_id": [course_id, launched],
                "source_id": sources,
                "assessment_id": [assessment_id],
                "collection_id": [make("collections", {"title": "A", "assessment_ids": [assessment_id]})],
                "submission_id": [open_id, reviewed, graded],
                "regrade_id": [regrade_id],
                "learner_ref": ["jo"],
                "version": ["1"],
                "webhook_id": [webhook_id],
                "center_id": [make("provisioning/centers", order) if env == "live" else customer.center_id],
            }
        )


def opened(url: str, customer: Customer, assessment_id: str) -> Ids:
    """A learner's session with its credential, a token beside it, and the player's files, which are everybody's."""
    body = {"assessment_id": assessment_id, "learner_ref": "in a browser", "ttl_seconds": 3_600}
    with requests.Session() as http:
        minted, spare = [
            http.post(f"{url}/v1/embed/token", json=body, headers=customer.headers).json() for _ in range(2)
        ]
        address = {"X-Forwarded-For": f"2001:db8:{secrets.randbits(16):x}::1"}
        answer = http.post(f"{url}/v1/embed/sessions", json={"token": minted["token"]}, headers=address)
        assert answer.status_code == 201, answer.text
        session = answer.json()
    return {
        "session_id": [session["id"]],
        "embed_id": [spare["id"], minted["id"]],
        "credential": [session["credential"]],
        "name": [spare["token"], session["page"].removeprefix("/embed/")],
        "file": ["main.js", "styles.css"],
    }


def joined(url: str, customer: Customer) -> Ids:
    """People of every role, joined, and somebody who was only invited; a parent with a child; a center to be found."""
    word, ids = secrets.token_hex(6), {}
    with requests.Session() as http:
        http.headers.update(customer.headers)
        for role in ROLES:
            invited = http.post(f"{url}/v1/members", json={"email": email_of(role, customer), "role": role}).json()
            accepted = asked(url, "invitations/accept", token=invited["invitation"]["token"], password=PASSWORD)
            assert accepted["status"] == "active"
            ids[role] = invited["id"]
        waiting = http.post(f"{url}/v1/members", json={"email": f"{word}@school.example", "role": "CHILD"}).json()
        head = asked(url, "login", email=email_of("ADMIN", customer), password=PASSWORD)["access_token"]
        linked = requests.post(
            f"{url}/v1/members/{ids['PARENT']}/children",
            json={"child_id": ids["CHILD"]},
            headers={"Authorization": f"Bearer {head}"},
            timeout=20,
        )
        assert linked.status_code == 201, linked.text
        name = f"s{word}"
        order = {"order_id": name, "center_name": "A", "subdomain": name, "plan_id": "starter"}
        assert http.post(f"{url}/v1/provisioning/centers", json=order).status_code == 201
    members = [ids["PARENT"], ids["INSTRUCTOR"], waiting["id"]]
    return {"member_id": members, "child_id": [ids["CHILD"]], "subdomain": [name]}


def email_of(role: Role, customer: Customer) -> str:
    """The address of the center's one member with this role."""
    return f"{role}.{customer.center_id[4:]}@school.example".lower()


def asked(url: str, path: str, **body: str) -> dict[str, Any]:
    """What a route of `/v1/auth` answers somebody with an address of their own."""
    address = {"X-Forwarded-For": f"2001:db8:{secrets.randbits(16):x}::1"}
    answer = requests.post(f"{url}/v1/auth/{path}", json=body, headers=address, timeout=20)
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def worked_on(database_url: str, connection: Connection, env: Env) -> None:
    """Do as a worker does: what was launched is generated, and what is to be graded anew is."""
    versions = PublishedVersions(SystemClock().monotonic_seconds)
    async with open_bench(database_url, FakeGenerator()) as bench:
        for row in await connection.fetch("select center_id, id from generation where env = $1", env):
            await run_generation(bench, generation_waits(row["center_id"], env, row["id"]), Halt())
        for row in await connection.fetch("select center_id, id from regrade where env = $1", env):
            await run_regrade(bench, versions, regrade_waits(row["center_id"], env, row["id"], 0), Halt())


@asynccontextmanager
async def a_world(database_url: str, redis_url: str) -> AsyncGenerator[World, None]:
    """A gateway with an own and a foreign center, live and test, and one of each thing in each."""
    async with (
        asyncpg.create_pool(database_url, min_size=1, max_size=1) as pool,
        pool.acquire() as connection,
        serving(
            database_url, redis_url, log_level="error", trusted_proxies="127.0.0.1", webhook_allow_cidrs="127.0.0.1/32"
        ) as served,
    ):
        center, other = await add_center(connection), await add_center(connection)
        await connection.execute("update plan set requests_per_minute = 1000000000")
        own = await add_key(connection, center, scopes=SCOPES)
        foreign = await add_key(connection, other, scopes=SCOPES)
        test = await add_key(connection, center, env="test", scopes=SCOPES)
        owned: tuple[tuple[Customer, Env], ...] = ((own, "live"), (foreign, "live"), (test, "test"))
        ids = [await asyncio.to_thread(made, served.url, customer, env) for customer, env in owned]
        for env in ENVS:
            await worked_on(database_url, connection, env)
        for owners, (customer, env) in zip(ids, owned, strict=True):
            query = "select id from {} where center_id = $1 and env = $2"
            artifacts = await connection.fetch(query.format("artifact"), customer.center_id, env)
            graded_anew = query.format("submission") + " and regrade_of is not null"
            anew = await connection.fetch(graded_anew, customer.center_id, env)
            owners["artifact_id"] = [row["id"] for row in artifacts]
            owners["submission_id"] += [row["id"] for row in anew]
            deliveries = await connection.fetch(query.format("delivery"), customer.center_id, env)
            owners["delivery_id"] = [row["id"] for row in deliveries]
            records = await connection.fetch(query.format("dpu"), customer.center_id, env)
            owners["dpu_id"] = [row["id"] for row in records]
            assert artifacts
            assert deliveries
            assert anew
        tokens = {}
        for role in ROLES:
            told = await asyncio.to_thread(asked, served.url, "login", email=email_of(role, own), password=PASSWORD)
            tokens[role] = told["access_token"]
        yield World(served.url, own.key, tokens, ids[0]["credential"][0], ids)
