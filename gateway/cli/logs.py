import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import msgspec
import rich_click as click
from rich.console import Console

from gateway.cli.failure import CommandFailed
from gateway.cli.log_lines import Filter, Record, is_pattern, matches, read, rendered
from gateway.cli.output import as_json, console


@click.group("logs")
def command() -> None:
    """Read the structured log. Example: `coursegate logs tail --status 5xx`"""


@command.command("tail")
@click.option("--follow", "-f", is_flag=True, help="Go on with lines as they come.")
@click.option(
    "--lines", "-n", default=50, show_default=True, type=click.IntRange(0), help="How many of the last matches."
)
@click.option("--center", help="One center's lines alone: ctr_….")
@click.option("--status", help="A status or a class of them: 429, 4xx.")
@click.option("--code", help="An error code: quota_exceeded.")
@click.option("--request-id", help="One request's lines, by our id or the caller's own.")
@as_json
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
def tail(
    follow: bool,
    lines: int,
    center: str | None,
    status: str | None,
    code: str | None,
    request_id: str | None,
    as_json: bool,
    file: Path | None,
) -> None:
    """Show the log readably, with colours on a terminal.

    FILE is the log; default COURSEGATE_LOG_FILE, else the log of `coursegate dev` here, `-` is stdin.
    Example: `coursegate logs tail --follow --status 4xx`
    """
    if status is not None and not is_pattern(status):
        raise click.BadParameter("valid: a status such as 429, or a class such as 4xx", param_hint="--status")
    wanted = Filter(center=center, status=status, code=code, request_id=request_id)
    show = _show_json if as_json else _show_readably(console())
    try:
        with _opened(file) as log:
            for record in read(log, wanted=lambda found: matches(wanted, found), last=lines, follow=follow):
                show(record)
    except KeyboardInterrupt:
        return


def _show_json(record: Record) -> None:
    sys.stdout.write(msgspec.json.encode(record).decode() + "\n")
    sys.stdout.flush()


def _show_readably(out: Console) -> Callable[[Record], None]:
    return lambda record: out.print(rendered(record))


def _opened(file: Path | None) -> TextIO:
    if file == Path("-"):
        return sys.stdin
    from gateway.embedded.account import default_data_folder

    told = os.environ.get("COURSEGATE_LOG_FILE")
    path = file or (Path(told) if told else default_data_folder() / "coursegate.log")
    try:
        return path.open(encoding="utf-8", errors="replace")
    except OSError as error:
        raise CommandFailed(f"the log {path} can't be read: {error.strerror}; name a FILE") from error
