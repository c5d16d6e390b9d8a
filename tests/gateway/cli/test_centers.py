"""`coursegate centers`: what an operator sets is what the gateway does."""

import json
from typing import Any

import pytest

from quotas import keys
from quotas.mirror import Mirror
from quotas.transport import open_transport
from tests.processes import environment, run, typed

Pool = Any


@pytest.fixture
def env(database_url: str, redis_url: str) -> dict[str, str]:
    return environment(database_url, redis_url)


async def _create(env: dict[str, str], subdomain: str = "north-college") -> dict[str, Any]:
    made = await run(
        "centers", "create", "North College", "--subdomain", subdomain, "--plan", "starter", "--json", env=env
    )
    assert (made.status, made.err) == (0, "")
    return json.loads(made.out)  # type: ignore[no-any-return]


async def test_a_center_is_made_shown_and_listed(env: dict[str, str], database: Pool) -> None:
    """By id and by subdomain, for people and for programs; who made it is recorded."""
    center = await _create(env)
    assert (center["status"], center["plan_id"], center["order_id"]) == ("active", "starter", None)
    by_name = await run("centers", "show", "north-college", "--json", env=env)
    assert json.loads(by_name.out) == center
    shown = await run("centers", "show", center["id"], env=env)
    assert (shown.status, shown.err) == (0, "")
    for words in (
        "North College",
        "north-college",
        "active",
        "generation_units_per_month  50",
        "monthly, from the first, UTC",
    ):
        assert words in shown.out
    listed = await run("centers", "list", "--json", env=env)
    assert json.loads(listed.out) == {"data": [center]}
    assert center["id"] in (await run("centers", "list", env=env)).out
    assert (await database.fetchval("select created_by from center")).startswith("cli:")


async def test_plan_and_limits_hold_at_once(env: dict[str, str], redis_url: str) -> None:
    """Numbers, `unlimited` and `plan` as in the API; the mirror shows them when the command is done."""
    center = await _create(env)
    pairs = ["generation_units_per_month=200", "concurrent_generations=unlimited", "alert_percents=50,100"]
    edited = await run("centers", "set-limits", "north-college", *pairs, "--json", env=env)
    assert (edited.status, edited.err) == (0, "")
    limits = json.loads(edited.out)["limits"]
    assert (limits["generation_units_per_month"], limits["concurrent_generations"]) == (200, None)
    assert limits["alert_percents"] == [50, 100]
    transport = await open_transport(redis_url)
    try:
        (running,) = await Mirror(transport).read((keys.running("live", center["id"]),))
    finally:
        await transport.aclose()
    assert running is not None
    assert running.limit is None
    back = await run("centers", "set-limits", "north-college", "generation_units_per_month=plan", "--json", env=env)
    assert json.loads(back.out)["limits"]["generation_units_per_month"] == 50
    moved = await run("centers", "set-plan", "north-college", "pro", env=env)
    assert "generation_units_per_month  500" in moved.out
    assert "concurrent_generations      unlimited (own)" in moved.out


async def test_a_center_is_suspended_and_reinstated(env: dict[str, str]) -> None:
    """Both can be repeated."""
    await _create(env)
    for step, status in [("suspend", "suspended"), ("suspend", "suspended"), ("reinstate", "active"), ("end", "ended")]:
        sure = ["--yes"] if step == "end" else []
        done = await run("centers", step, "north-college", "--json", *sure, env=env)
        assert (done.status, json.loads(done.out)["status"]) == (0, status)
    late = await run("centers", "reinstate", "north-college", env=env)
    assert (late.status, late.out) == (1, "")
    assert "it is `ended`; possible while it is `suspended` or `active`" in late.err


async def test_a_center_is_not_ended_by_the_way(env: dict[str, str], database: Pool) -> None:
    """For good: where nobody can be asked it needs `--yes`, at a terminal the subdomain, typed again."""
    center = await _create(env)
    silent = await run("centers", "end", "north-college", env=env, stdin=b"north-college\n")
    assert (silent.status, silent.out, silent.err.count("\n")) == (2, "", 1)
    assert "--yes" in silent.err
    status, said = await typed("centers", "end", center["id"], text="south-college\n", env=env)
    assert (status, "nothing was done" in said, "North College" in said) == (1, True, True)
    assert await database.fetchval("select status from center") == "active"
    status, _ = await typed("centers", "end", center["id"], text="north-college\n", env=env)
    assert status == 0
    assert await database.fetchval("select status from center") == "ended"


async def test_an_ended_center_is_not_changed_and_gets_no_keys(env: dict[str, str]) -> None:
    """Exit 1 with the reason, as over HTTP 409: plan, limits, a new key and a rotated one."""
    await _create(env)
    made = json.loads((await run("keys", "create", "north-college", "--name", "a", "--json", env=env)).out)
    await run("centers", "end", "north-college", "--yes", env=env)
    for arguments in (
        ("centers", "set-plan", "north-college", "pro"),
        ("centers", "set-limits", "north-college", "requests_per_minute=7"),
        ("keys", "create", "north-college", "--name", "b"),
        ("keys", "rotate", made["id"]),
    ):
        refused = await run(*arguments, env=env)
        assert (refused.status, refused.out, refused.err.count("\n")) == (1, "", 1)
        assert "has ended" in refused.err


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["create", "North", "--plan", "starter"], 2, "--subdomain"),
        (["create", " ", "--subdomain", "north", "--plan", "starter"], 2, "center_name"),
        (["create", "North", "--subdomain", "North", "--plan", "starter"], 1, "subdomain"),
        (["create", "North", "--subdomain", "north", "--plan", "gold"], 1, "partner, pro, starter"),
        (["create", "North", "--subdomain", "north", "--plan", "pro", "--time-zone", "Mars"], 1, "time_zone"),
        (["create", "North", "--subdomain", "north", "--plan", "pro", "--anchor-day", "32"], 2, "32"),
        (["show", "nobody"], 1, "no such center"),
        (["suspend", "ctr_aaaaaaaaaaaaaaaaaaaaaaaaaa"], 1, "no such center"),
        (["set-plan", "taken", "gold"], 1, "partner, pro, starter"),
        (["set-limits", "taken"], 2, "NAME=VALUE"),
        (["set-limits", "taken", "courses_max=5"], 2, "generation_units_per_month"),
        (["set-limits", "taken", "checks_per_question=many"], 2, "many"),
        (
            ["set-limits", "taken", "requests_per_minute=unlimited"],
            2,
            "requests_per_minute can't be unlimited; valid: an integer from 1 to ",
        ),
        (["set-limits", "taken", "alert_percents=90,80"], 1, "alert_percents"),
        (["set-limits", "taken", "checks_per_question=1", "checks_per_question=2"], 2, "twice"),
        (["create", "North", "--subdomain", "taken", "--plan", "starter"], 1, "taken"),
    ],
)
async def test_what_is_wrong_is_said_in_one_line(
    env: dict[str, str], database: Pool, arguments: list[str], status: int, words: str
) -> None:
    """Exit 2 for a wrong call, 1 for what can't be done; nothing is changed."""
    center = await _create(env, "taken")
    ended = await run("centers", *arguments, env=env)
    assert (ended.status, ended.out, ended.err.count("\n")) == (status, "", 1)
    assert words in ended.err
    assert [row["id"] for row in await database.fetch("select id from center")] == [center["id"]]
    assert await database.fetchval("select count(*) from center_limit") == 0
