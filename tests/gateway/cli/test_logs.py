"""`logs tail`: readable, filtered, and unable to steer the terminal that shows it."""

import asyncio
import json
import sys
import unicodedata
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cli.log_lines import Filter, clean, is_pattern, matches, parsed, rendered
from tests.processes import REPOSITORY, run

ONE = {
    "timestamp": "2026-11-21T21:58:45.112Z",
    "level": "info",
    "event": "request.finished",
    "request_id": "req_one",
    "client_request_id": "mine-1",
    "method": "POST",
    "route": "/v1/courses/{course_id}/launch",
    "status": 429,
    "duration_ms": 2.5,
    "center_id": "ctr_a",
    "error_code": "quota_exceeded",
}
TWO = ONE | {
    "request_id": "req_two",
    "client_request_id": None,
    "status": 202,
    "center_id": "ctr_b",
    "error_code": None,
}
THREE = {"timestamp": "2026-11-21T21:58:46.000Z", "level": "warning", "event": "hold.expired", "request_id": "req_two"}


def _log(folder: Path, *records: Mapping[str, object]) -> Path:
    file = folder / "log"
    file.write_text("".join(json.dumps(record) + "\n" for record in records))
    return file


@pytest.mark.parametrize(
    ("filters", "events"),
    [
        ([], ["429", "202", "hold.expired"]),
        (["--center", "ctr_a"], ["429"]),
        (["--status", "4xx"], ["429"]),
        (["--status", "202"], ["202"]),
        (["--status", "5xx"], []),
        (["--code", "quota_exceeded"], ["429"]),
        (["--request-id", "req_two"], ["202", "hold.expired"]),
        (["--request-id", "mine-1"], ["429"]),
        (["--center", "ctr_b", "--status", "4XX"], []),
        (["-n", "1"], ["hold.expired"]),
        (["-n", "0"], []),
    ],
)
async def test_filters_choose_lines(tmp_path: Path, filters: list[str], events: list[str]) -> None:
    """Each filter narrows, together they narrow further; a caller's own request id is found beside ours."""
    ended = await run("logs", "tail", *filters, str(_log(tmp_path, ONE, TWO, THREE)))
    assert ended.status == 0, ended.err
    lines = ended.out.splitlines()
    assert len(lines) == len(events)
    assert all(event in line for event, line in zip(events, lines, strict=True))


async def test_programs_get_the_lines_themselves(tmp_path: Path) -> None:
    """`--json` prints what matched, one object a line, as it was logged."""
    ended = await run("logs", "tail", "--json", "--status", "2xx", str(_log(tmp_path, ONE, TWO, THREE)))
    assert [json.loads(line) for line in ended.out.splitlines()] == [TWO]


async def test_a_line_reads_from_time_to_request_id(tmp_path: Path) -> None:
    """Time, level, event, the request and its outcome, then every other fact; no colour where nobody looks."""
    ended = await run("logs", "tail", str(_log(tmp_path, ONE)))
    assert ended.out == (
        "21:58:45.112 info    request.finished POST /v1/courses/{course_id}/launch 429 2.5 ms"
        " error_code=quota_exceeded center_id=ctr_a request_id=req_one client_request_id=mine-1\n"
    )


async def test_following_shows_lines_as_they_come(tmp_path: Path) -> None:
    """What is there, then what comes, whole lines only, filtered all the same."""
    file = _log(tmp_path, ONE)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "gateway", "logs", "tail", "--follow", "--status", "4xx", str(file)),
        cwd=REPOSITORY,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(30):
            assert b"req_one" in await process.stdout.readline()
            text = json.dumps(ONE | {"request_id": "req_late"}) + "\n"
            with file.open("a") as log:
                log.write(json.dumps(TWO) + "\n" + text[:40])
                log.flush()
                log.write(text[40:])
            assert b"req_late" in await process.stdout.readline()
    finally:
        process.kill()
        await process.wait()


async def test_stdin_and_lines_that_are_no_json_are_read() -> None:
    """A pipe works, and a traceback between the lines is shown as it is."""
    ended = await run("logs", "tail", "-", stdin=b"Traceback (most recent call last):\n" + json.dumps(TWO).encode())
    assert ended.status == 0
    assert "Traceback (most recent call last):" in ended.out
    assert "202" in ended.out


async def test_a_log_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    """Which file was looked for, and why it can't be read."""
    ended = await run("logs", "tail", str(tmp_path / "none"))
    assert ended.status == 1
    assert (
        ended.err == f"coursegate: the log {tmp_path / 'none'} can't be read: No such file or directory; name a FILE\n"
    )


def test_a_log_cannot_steer_the_terminal() -> None:
    """Escape sequences, line ends and bidirectional controls in any value, name or event are gone."""
    nasty = "a\x1b[31m\x1b]0;title\x07b\nc\u202ed\u2066e\u200ff\x9bg\u2028h"
    text = rendered({"event": nasty, "level": nasty, "status": nasty, nasty: nasty, "deep": {"list": [nasty]}}).plain
    assert not {"\x1b", "\x07", "\n", "\u202e", "\u2066", "\u200f", "\x9b", "\u2028"} & set(text)


@given(st.text())
def test_cleaned_text_is_printable(text: str) -> None:
    """Property: nothing that `clean` returns moves a cursor or turns a line around."""
    assert not {unicodedata.category(character) for character in clean(text)} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(st.text(max_size=200))
def test_any_line_is_parsed_and_rendered(line: str) -> None:
    """Property: no line breaks the reader."""
    assert "\n" not in rendered(parsed(line)).plain


@pytest.mark.parametrize("text", ["4xx", "4XX", "429", "500"])
def test_statuses_and_classes_are_patterns(text: str) -> None:
    """Both forms are taken."""
    assert is_pattern(text)


@pytest.mark.parametrize("text", ["", "4x", "xx", "999", "4xxx", "٤xx", "42"])
def test_other_patterns_are_not(text: str) -> None:
    """A pattern that could never match is refused rather than showing nothing."""
    assert not is_pattern(text)


def test_a_line_without_a_status_matches_no_status() -> None:
    """Worker lines have no status and are left out where one is asked for."""
    assert not matches(Filter(status="4xx"), THREE)
    assert matches(Filter(), THREE)
