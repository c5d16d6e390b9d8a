"""What all administering commands say when the stores are not as they should be."""

import pytest

from tests.processes import environment, run

COMMANDS = (["centers", "list"], ["keys", "list", "north"], ["secrets", "status"], ["quotas", "show", "north"])


@pytest.mark.parametrize("command", COMMANDS)
async def test_a_database_without_a_schema_is_told(
    empty_database_urls: tuple[str, str], redis_url: str, command: list[str]
) -> None:
    """One line that says what to do, exit 1."""
    ended = await run(*command, env=environment(empty_database_urls[0], redis_url))
    assert (ended.status, ended.out) == (1, "")
    assert ended.err == "coursegate: the database is not up to date; run `coursegate migrate` first\n"


@pytest.mark.parametrize("command", COMMANDS)
async def test_a_database_that_is_away_is_told(redis_url: str, command: list[str]) -> None:
    """One line, exit 1, and the password of the URL is not in it."""
    ended = await run(*command, env=environment("postgresql://someone:s3cret-word@127.0.0.1:1/none", redis_url))
    assert (ended.status, ended.out, ended.err.count("\n")) == (1, "", 1)
    assert "PostgreSQL does not answer" in ended.err
    assert "s3cret-word" not in ended.err
