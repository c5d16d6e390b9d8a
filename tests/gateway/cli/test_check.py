"""`check`: what is in force, what answers, and what should not be."""

import json
from typing import Any

import pytest

from gateway.cli.check_words import is_loopback, warnings
from gateway.settings import load
from tests.processes import environment, run
from tests.running import token_keys_file
from tests.stores import PrivatePostgres, PrivateValkey, SharedStores


async def _check(env: dict[str, str]) -> tuple[int, dict[str, dict[str, Any]], str]:
    ended = await run("check", "--json", env=env)
    report = json.loads(ended.out)
    return ended.status, {finding["name"]: finding for finding in report["findings"]}, ended.out + ended.err


async def test_sound_settings_and_stores_are_exit_0(database_urls: tuple[str, str], redis_url: str) -> None:
    """Everything answers; the table for people and the JSON show no secret."""
    env = environment(
        database_urls[0], redis_url, migrate_database_url=database_urls[1], jwt_keys_file=str(token_keys_file())
    )
    status, findings, shown = await _check(env)
    assert status == 0, findings
    assert {finding["outcome"] for finding in findings.values()} == {"ok"}
    assert set(findings) == {"plans", "postgresql", "migrations", "runtime role", "migration role", "redis"}
    for_people = await run("check", env=env)
    assert for_people.status == 0
    for name in ("COURSEGATE_KEY_PEPPERS", "COURSEGATE_ENCRYPTION_KEYS"):
        assert env[name].removeprefix("v1:") not in shown + for_people.out
    password = database_urls[0].split(":")[2].split("@")[0]
    assert password not in shown + for_people.out
    assert "COURSEGATE_LEASE_SECONDS" in for_people.out


async def test_an_owner_as_runtime_role_fails(database_urls: tuple[str, str], redis_url: str) -> None:
    """A gateway that could change its own schema and history is not fit to start."""
    status, findings, shown = await _check(environment(database_urls[1], redis_url))
    assert status == 1
    assert findings["runtime role"]["outcome"] == "failed"
    assert "owns the database" in findings["runtime role"]["words"]
    assert "COURSEGATE_DATABASE_URL" in shown


async def test_a_superuser_as_runtime_role_fails(
    database_urls: tuple[str, str], redis_url: str, shared_stores: SharedStores
) -> None:
    """So does one that is above all rules."""
    postgres = shared_stores.postgres()
    name = database_urls[0].split("@/")[1].split("?")[0]
    status, findings, _ = await _check(environment(postgres.admin_url.replace("/postgres?", f"/{name}?"), redis_url))
    assert status == 1
    assert "is a superuser" in findings["runtime role"]["words"]


async def test_a_role_that_may_truncate_fails(private_postgres: PrivatePostgres, private_valkey: PrivateValkey) -> None:
    """A single right too many is found."""
    import asyncpg

    owner = await asyncpg.connect(private_postgres.migrate_database_url)
    await owner.execute("grant truncate on course to coursegate")
    await owner.close()
    status, findings, _ = await _check(environment(private_postgres.database_url, private_valkey.url))
    assert status == 1
    assert "may truncate tables" in findings["runtime role"]["words"]


async def test_missing_migrations_fail(empty_database_urls: tuple[str, str], redis_url: str) -> None:
    """What is missing first, and what to run."""
    status, findings, _ = await _check(environment(empty_database_urls[0], redis_url))
    assert status == 1
    assert "coursegate migrate" in findings["migrations"]["words"]


async def test_stores_that_are_away_fail_each_by_name(private_valkey: PrivateValkey) -> None:
    """One line says which comes first; all are listed; no password is shown."""
    away = private_valkey.url
    await private_valkey.stop()
    env = environment("postgresql://someone:s3cret-word@127.0.0.1:1/none", away)
    status, findings, shown = await _check(env)
    assert status == 1
    assert findings["postgresql"]["outcome"] == findings["redis"]["outcome"] == "failed"
    assert "s3cret-word" not in shown
    assert shown.rstrip().splitlines()[-1].startswith("coursegate: postgresql: ")


async def test_migrating_twice_says_so(empty_database_urls: tuple[str, str], redis_url: str) -> None:
    """The command applies, then has nothing to do; afterwards the check is content."""
    url, owner_url = empty_database_urls
    env = environment(url, redis_url, migrate_database_url=owner_url)
    first = await run("migrate", "--json", env=env)
    assert first.status == 0, first.err
    assert json.loads(first.out)["applied"][0] == "0001_foundation.sql"
    second = await run("migrate", env=env)
    assert second.out == "Nothing to do: the database is up to date.\n"
    assert (await _check(env))[0] == 0


async def test_migrating_needs_the_owner(database_url: str, redis_url: str) -> None:
    """Without its URL: one line with the setting's name."""
    ended = await run("migrate", env=environment(database_url, redis_url))
    assert ended.status == 1
    assert ended.err.startswith("coursegate: COURSEGATE_MIGRATE_DATABASE_URL is missing; valid: ")


def _warned(**settings: str) -> list[str]:
    told = {"database_url": "postgresql://u:p@localhost/db", "redis_url": "redis://localhost"}
    told |= {"jwt_keys_file": str(token_keys_file())} | settings
    env = environment(told.pop("database_url"), told.pop("redis_url"), **told)
    return [name for name, _ in warnings(load(env), [])]


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({}, []),
        ({"database_url": "postgresql://u:p@db.internal/db"}, ["COURSEGATE_DATABASE_URL"]),
        ({"database_url": "postgresql://u:p@db.internal/db?sslmode=prefer"}, ["COURSEGATE_DATABASE_URL"]),
        ({"database_url": "postgresql://u:p@db.internal/db?sslmode=verify-full"}, []),
        ({"database_url": "postgresql://u:p@/db?host=%2Frun%2Fpg"}, []),
        ({"database_url": "postgresql://u:p@/db?host=db.internal"}, ["COURSEGATE_DATABASE_URL"]),
        ({"database_url": "postgresql://u:p@127.0.0.1:5432,db.internal:5432/db"}, ["COURSEGATE_DATABASE_URL"]),
        ({"database_url": "postgresql://u:p@[::1]:5432/db"}, []),
        ({"redis_url": "redis://cache.internal"}, ["COURSEGATE_REDIS_URL"]),
        ({"redis_url": "redis+cluster://cache.internal"}, ["COURSEGATE_REDIS_URL"]),
        ({"redis_url": "rediss://cache.internal"}, []),
        ({"redis_url": "unix://u:p@/run/valkey.sock"}, []),
        ({"public_url": "http://courses.example"}, ["COURSEGATE_PUBLIC_URL"]),
        ({"public_url": "https://courses.example"}, []),
        ({"metrics_address": "10.0.0.1:9100"}, ["COURSEGATE_METRICS_ADDRESS"]),
        ({"jwt_keys_file": ""}, ["COURSEGATE_JWT_KEYS_FILE"]),
    ],
)
def test_cleartext_off_this_machine_is_warned_of(settings: dict[str, str], named: list[str]) -> None:
    """Connections that others could read are named, loopback, sockets and TLS are not; and that nobody can sign in."""
    assert _warned(**settings) == named


@pytest.mark.parametrize("host", ["", "localhost", "127.8.9.1", "::1", "[::1]", "/run/pg"])
def test_this_machine_is_loopback(host: str) -> None:
    """Every way to name this machine."""
    assert is_loopback(host)
