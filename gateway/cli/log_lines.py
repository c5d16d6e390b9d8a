"""Lines of the structured log: found, filtered and made readable. What they hold is never trusted to be printable."""

import re
import time
import unicodedata
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TextIO

import msgspec
from msgspec import Struct
from rich.text import Text

FOLLOW_EVERY_SECONDS: Final = 0.1

_UNSHOWN: Final = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Unicode categories that steer: controls, format characters (the bidirectional ones too), surrogates, line ends."""

_STATUS: Final = re.compile(r"[1-5](?:[0-9]{2}|xx)", re.IGNORECASE | re.ASCII)
_LEVELS: Final = {"debug": "dim", "info": "green", "warning": "yellow", "error": "bold red"}
_FIRST: Final = ("method", "route", "status", "duration_ms")
_LAST: Final = ("center_id", "env", "key_id", "request_id", "client_request_id")
_HEAD: Final = {"timestamp", "level", "event", *_FIRST, *_LAST}

Record = Mapping[str, Any]


class Filter(Struct, frozen=True):
    """Which lines are wanted; None = any."""

    center: str | None = None
    status: str | None = None
    code: str | None = None
    request_id: str | None = None


def is_pattern(status: str) -> bool:
    """Whether this is a status or a class of them: `429`, `4xx`."""
    return _STATUS.fullmatch(status) is not None


def matches(wanted: Filter, record: Record) -> bool:
    """Whether a line passes every filter that is set."""
    if wanted.center is not None and record.get("center_id") != wanted.center:
        return False
    if wanted.code is not None and record.get("error_code") != wanted.code:
        return False
    if wanted.request_id is not None and wanted.request_id not in {
        record.get("request_id"),
        record.get("client_request_id"),
    }:
        return False
    if wanted.status is None:
        return True
    status = str(record.get("status", ""))
    return status == wanted.status or (wanted.status[1:].lower() == "xx" and status[:1] == wanted.status[0])


def read(log: TextIO, *, wanted: Callable[[Record], bool], last: int, follow: bool) -> Iterator[Record]:
    """The `last` wanted lines that are there, then, to follow, those that come. A line cut short is waited for."""
    kept: deque[Record] = deque(maxlen=last)
    rest = ""
    for line in log:
        if not line.endswith("\n"):
            rest = line
            break
        record = parsed(line)
        if wanted(record):
            kept.append(record)
    if rest and not follow and wanted(parsed(rest)):
        kept.append(parsed(rest))
    yield from kept
    while follow:
        more = log.readline()
        if not more:
            time.sleep(FOLLOW_EVERY_SECONDS)
            continue
        rest += more
        if rest.endswith("\n"):
            record, rest = parsed(rest), ""
            if wanted(record):
                yield record


def parsed(line: str) -> Record:
    """A line's facts; what is no JSON object is an event of its own words."""
    try:
        found = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeError):
        found = None
    return found if isinstance(found, dict) else {"event": line.rstrip("\n")}


def rendered(record: Record) -> Text:
    """One line for people: time, level, event, the request, then every other fact."""
    level = clean(record.get("level", ""))
    text = Text(no_wrap=False)
    text.append(clean(record.get("timestamp", ""))[11:23].ljust(12), style="dim")
    text.append(f" {level:<7} ", style=_LEVELS.get(level, ""))
    text.append(clean(record.get("event", "")), style="bold")
    for name in _FIRST:
        if name in record:
            unit = " ms" if name == "duration_ms" else ""
            style = status_style(record[name]) if name == "status" else ""
            text.append(f" {clean(record[name])}{unit}", style=style)
    others = [name for name in record if name not in _HEAD]
    for name in [*others, *(name for name in _LAST if name in record)]:
        if record[name] is not None:
            text.append(f" {clean(name)}=", style="dim")
            text.append(clean(record[name]))
    return text


def status_style(status: object) -> str:
    """The colour of a status."""
    return {"2": "green", "3": "cyan", "4": "yellow", "5": "bold red"}.get(str(status)[:1], "")


def clean(value: object) -> str:
    """A value as text without control and bidirectional characters: a log must not steer the terminal that shows it."""
    text = value if isinstance(value, str) else msgspec.json.encode(value, enc_hook=str).decode()
    return "".join(character for character in text if unicodedata.category(character) not in _UNSHOWN)
