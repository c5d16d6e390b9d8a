"""The log: one line a request with the facts that were promised, and one write a tick."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from gateway import log
from gateway.log import Sink
from tests.running import Customer


@pytest.fixture
def logged(tmp_path: Path) -> Iterator[Path]:
    """Where this test's lines go."""
    log.configure(file=tmp_path / "log", stdout=False)
    yield tmp_path / "log"
    log.configure()


def lines(file: Path) -> list[dict[str, Any]]:
    log.sink().flush()
    return [msgspec.json.decode(line) for line in file.read_bytes().splitlines()]


async def test_a_request_is_one_line(logged: Path, client: httpx.AsyncClient, customer: Customer) -> None:
    """Who, what, how it ended and where the limit stands; the route is a template, never a path."""
    await client.get(f"/v1/courses/crs_{'a' * 26}", headers=customer.headers | {"X-Request-Id": "mine-1"})
    (line,) = lines(logged)
    assert line.pop("request_id").startswith("req_")
    assert line.pop("duration_ms") >= 0
    assert line == {
        "timestamp": "2026-03-15T12:00:00.000Z",
        "level": "info",
        "event": "request.finished",
        "method": "GET",
        "route": "/v1/courses/{course_id}",
        "status": 404,
        "client_request_id": "mine-1",
        "center_id": customer.center_id,
        "key_id": customer.key_id,
        "env": "live",
        "error_type": "not_found_error",
        "error_code": "course_not_found",
        "rate_limit": 500,
        "rate_remaining": 499,
        "course_id": "crs_" + "a" * 26,
    }


async def test_what_the_handler_bound_stands_in_the_line(
    logged: Path, client: httpx.AsyncClient, customer: Customer
) -> None:
    """A replay says so."""
    headers = customer.headers | {"Idempotency-Key": "one"}
    for _ in range(2):
        await client.post("/v1/presets", json={"name": "A"}, headers=headers)
    first, second = [line for line in lines(logged) if line["event"] == "request.finished"]
    assert "idempotent_replay" not in first
    assert second["idempotent_replay"] is True


async def test_a_request_of_nobody_says_so(logged: Path, client: httpx.AsyncClient) -> None:
    """No key: no center, no key id; an unknown path has no route."""
    await client.get("/v1/nowhere")
    (line,) = lines(logged)
    assert (line["route"], line["error_code"]) == ("unrouted", "missing_api_key")
    assert not {"center_id", "key_id", "env"} & line.keys()


async def test_a_ticks_lines_leave_in_one_write() -> None:
    """However many events a tick of the loop has."""
    reading, writing = os.pipe()
    sink = Sink((writing,))
    for number in range(100):
        sink.write(b"line %d" % number)
    await asyncio.sleep(0)
    assert os.read(reading, 65_536) == b"".join(b"line %d\n" % number for number in range(100))
    os.close(reading)
    os.close(writing)


async def test_a_log_that_can_not_be_written_stops_nobody(client: httpx.AsyncClient, tmp_path: Path) -> None:
    """A closed pipe, a full disk: the request is answered all the same."""
    full = os.open("/dev/full", os.O_WRONLY)
    sink = Sink((full,))
    sink.write(b"lost")
    sink.flush()
    os.close(full)
    assert (await client.get("/healthz")).status_code == 200


def test_a_level_silences_what_is_below(tmp_path: Path) -> None:
    """`warning` leaves out `info`."""
    log.configure(level="warning", file=tmp_path / "log", stdout=False)
    log.log.info("quiet")
    log.log.warning("loud", number=1)
    found = lines(tmp_path / "log")
    log.configure()
    assert [(line["level"], line["event"], line["number"]) for line in found] == [("warning", "loud", 1)]
