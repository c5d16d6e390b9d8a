"""The command line's one list of commands, and how a command ends."""

import contextlib
import importlib
import importlib.util
import os
import sys
from typing import Final

import rich_click as click

from gateway.cli.failure import failures, one_line

COMMANDS: Final = (
    "dev",
    "serve",
    "work",
    "migrate",
    "check",
    "demo",
    "centers",
    "keys",
    "quotas",
    "dpus",
    "secrets",
    "logs",
    "openapi",
)
"""Every command, in the order of the help. `gateway/cli/<name>.py` has it as `command`."""


class Commands(click.RichGroup):
    """Loads a command's file when the command is asked for: `serve` pays for nothing else."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """All commands whose file is there."""
        return [name for name in COMMANDS if importlib.util.find_spec(f"gateway.cli.{name}") is not None]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name not in self.list_commands(ctx):
            return None
        found: click.Command = importlib.import_module(f"gateway.cli.{cmd_name}").command
        return found


@click.command("coursegate", cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="coursegate")
def coursegate() -> None:
    """Run and administer Coursegate, the gateway for course generation and grading.

    Settings come from `COURSEGATE_*` variables; `coursegate check` shows them. Example: `coursegate dev`.
    """


def main() -> None:
    """Run a command: exit 0, 1 with one line of why, or 2 with one line of what is wrong with the call."""
    try:
        code = coursegate.main(prog_name="coursegate", standalone_mode=False)
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx is not None else "coursegate"
        _fail(f"{where}: {error.format_message()} (see {where} --help)", 2)
    except click.Abort:
        _fail("coursegate: interrupted", 130)
    except click.ClickException as error:
        _fail(f"coursegate: {error.format_message()}", 1)
    except BrokenPipeError:
        # Whoever read our output has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except failures() as error:
        _fail(f"coursegate: {error}", 1)
    sys.exit(code if isinstance(code, int) else 0)


def _fail(line: str, code: int) -> None:
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.flush()
    sys.stderr.write(one_line(line) + "\n")
    sys.exit(code)
