"""`docs/operations.md`, "The first start": what stands there brings a gateway from empty stores to its first answer."""

import asyncio
import re
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from gateway.embedded import valkey
from tests.processes import environment
from tests.stores import SharedStores

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8").partition("## The first start\n")[2]
SECTION = PAGE.partition("\n## ")[0]
OWNER, RUNTIME, DATABASE = "coursegate_owner", "coursegate", "coursegate"


def blocks(language: str) -> list[str]:
    found = re.findall(rf"```{language}\n(.*?)```", SECTION, re.DOTALL)
    assert found
    return found


@pytest.fixture
async def places(shared_stores: SharedStores) -> AsyncIterator[dict[str, str]]:
    """The section's names and addresses, and what they are here: roles and a database of the test's own, made by its SQL."""
    mark = uuid4().hex[:12]
    owner, runtime, database = f"owner_{mark}", f"runtime_{mark}", f"first_{mark}"
    sql = blocks("sql")[0]
    for name, here in (
        (f"role {OWNER} ", f"role {owner} "),
        (f"role {RUNTIME} ", f"role {runtime} "),
        (f"database {DATABASE} owner {OWNER}", f"database {database} owner {owner}"),
    ):
        assert name in sql
        sql = sql.replace(name, here)
    postgres = shared_stores.postgres()
    at = f"@/{database}?{postgres.admin_url.partition('?')[2]}"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    admin = await asyncpg.connect(postgres.admin_url)
    try:
        for statement in sql.strip().split("\n"):
            await admin.execute(statement)
        yield {
            f"postgresql://{OWNER}:owner-password@127.0.0.1:5432/{DATABASE}": f"'postgresql://{owner}:owner-password{at}'",
            f"postgresql://{RUNTIME}:runtime-password@127.0.0.1:5432/{DATABASE}": f"'postgresql://{runtime}:runtime-password{at}'",
            "redis://coursegate:redis-password@127.0.0.1:6379/0": f"'{shared_stores.redis_url}'",
            "8000": port,
        }
    finally:
        await admin.execute(f"drop database if exists {database} with (force)")
        await admin.execute(f"drop role {runtime}")
        await admin.execute(f"drop role {owner}")
        await admin.close()


async def test_the_first_start_leads_to_the_first_answer(places: dict[str, str], tmp_path: Path) -> None:
    """Roles, secrets, migrations, a center, its key, two processes and a request, as they stand on the page."""
    script = "set -eu\n" + "".join(blocks("bash")) + "\nkill $(jobs -p)\nwait\n"
    for name, here in places.items():
        assert name in script
        script = script.replace(name, here)
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "coursegate").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m gateway "$@"\n')
    (programs / "coursegate").chmod(0o755)
    bare = {name: value for name, value in environment("", "").items() if not name.startswith("COURSEGATE_")}
    bare |= {"PATH": f"{programs}:{bare['PATH']}", "PYTHONPATH": str(ROOT), "NO_PROXY": "*", "no_proxy": "*"}
    process = await asyncio.create_subprocess_exec(
        "bash", "-c", script, cwd=tmp_path, env=bare, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(120):
        out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    assert b"failed" not in out
    (answer,) = [line for line in out.decode().splitlines() if line.startswith('{"object":"usage"')]
    assert '"plan":"starter"' in answer
    for secret in ("coursegate.env", "jwt-keys.pem", "lms.key"):
        assert (tmp_path / secret).stat().st_mode & 0o777 == 0o600


def test_the_redis_user_is_the_one_that_every_test_runs_with() -> None:
    """The same commands, on the same keys, as the embedded Valkey allows."""
    (line,) = [block for block in blocks("text") if block.startswith("user ")]
    assert line.partition(" ~")[2].strip() == f"cg:* &cg:* {valkey._MAY}"
