"""Every command: help with an example, exit 0, 1 or 2, and one line on stderr where it fails."""

import pathlib

import pytest
import rich_click as click
from click.testing import CliRunner

from gateway.cli.commands import COMMANDS, coursegate
from tests.processes import environment, run

NOWHERE = "postgresql://someone:s3cret-word@127.0.0.1:1/none"


def _leaves(path: str, command: click.Command) -> list[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        return [(path, command)]
    context = click.Context(command)
    found = []
    for name in command.list_commands(context):
        below = command.get_command(context, name)
        assert below is not None
        found += _leaves(f"{path} {name}", below)
    return found


@pytest.mark.parametrize("name", COMMANDS)
def test_every_help_has_an_example(name: str) -> None:
    """Every listed command is there, its `--help` answers, and shows how the command is called."""
    command = coursegate.get_command(click.Context(coursegate), name)
    assert command is not None
    for path, leaf in _leaves(name, command):
        shown = CliRunner().invoke(coursegate, [*path.split(), "--help"])
        assert shown.exit_code == 0
        assert f"coursegate {path}" in " ".join((leaf.help or "").split())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no-such-command"], "No such command"),
        (["serve", "--no-such-option"], "No such option"),
        (["serve", "--port", "70000"], "70000"),
        (["logs", "tail", "--status", "nine"], "4xx"),
        (["migrate", "surplus"], "unexpected extra argument"),
    ],
)
async def test_a_wrong_call_is_exit_2_and_one_line(arguments: list[str], words: str) -> None:
    """Usage errors name the fault and where help is, on stderr."""
    ended = await run(*arguments)
    assert ended.status == 2
    assert not ended.out
    assert ended.err.count("\n") == 1
    assert words in ended.err
    assert "--help" in ended.err


@pytest.mark.parametrize("command", ["serve", "work", "migrate", "check"])
async def test_a_missing_setting_is_exit_1_and_one_line(command: str) -> None:
    """The setting is named, with what is valid."""
    ended = await run(command, env={"PATH": "/usr/bin:/bin"})
    assert ended.status == 1
    assert ended.err.startswith("coursegate: COURSEGATE_DATABASE_URL is missing; valid: ")
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize("command", [["serve", "--port", "0"], ["work"], ["migrate"]])
async def test_a_store_that_is_missing_is_exit_1_and_one_line(command: list[str]) -> None:
    """PostgreSQL away at the start: said in one line, without the password."""
    env = environment(NOWHERE, "redis://127.0.0.1:1/0", migrate_database_url=NOWHERE)
    ended = await run(*command, env=env)
    assert ended.status == 1
    assert "PostgreSQL" in ended.err
    assert ended.err.count("\n") == 1
    assert "s3cret-word" not in ended.err + ended.out


async def test_a_plans_file_that_is_wrong_stops_the_start(database_url: str, redis_url: str, tmp_path: object) -> None:
    """Named with its file, before anything listens."""
    file = f"{tmp_path}/plans.toml"
    pathlib.Path(file).write_text("[plans.tiny]\nrequests_per_minute = 0\n", encoding="utf-8")
    ended = await run("serve", "--port", "0", env=environment(database_url, redis_url, plans_file=file))
    assert ended.status == 1
    assert "plans.tiny.requests_per_minute" in ended.err
    assert ended.err.count("\n") == 1
