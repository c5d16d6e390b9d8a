"""`python -m tests.bench`: one run on loopback; prints a table, writes JSON. See docs/benchmarks.md for what it found."""

import argparse
import asyncio
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import msgspec
import redis.asyncio
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from tests.bench.grading_load import measure, mixed_load
from tests.bench.load import request
from tests.bench.measures import (
    Figure,
    Latency,
    Pair,
    Ratio,
    Round,
    Subject,
    figures,
    in_turns,
    ratio,
    ratio_of,
    warm_up,
)
from tests.bench.servers import Server, gateway, peer
from tests.bench.stage import Stage, add_centers, add_courses, stage
from tests.bench.taking import Exams, add_assessments, checks, submits

CENTERS: Final = 50
PAIRS: Final = (
    Pair("CPU: bare / usage", "cpu", "bare handler", "GET /v1/usage", ">= 0.55"),
    Pair("CPU: limits / usage", "cpu", "limits, sliding window", "GET /v1/usage", ">= 2.2"),
    Pair("CPU: Litestar's rate limit / usage", "cpu", "Litestar's rate limit", "GET /v1/usage", ">= 7"),
    Pair("rate: launch / one commit", "rate", "POST launch", "one-statement commit", ">= 0.33"),
    Pair("rate: check / one commit", "rate", "POST check", "one-statement commit", ">= 0.6"),
    Pair("rate: submit / one commit", "rate", "POST submit", "one-statement commit", ">= 0.33"),
    Pair("CPU: one commit / check", "cpu", "one-statement commit", "POST check", "reported"),
    Pair("CPU: one commit / submit", "cpu", "one-statement commit", "POST submit", "reported"),
    Pair("rate: keyed submit / one commit", "rate", "POST submit, with a key", "one-statement commit", "reported"),
    Pair("rate: usage / bare", "rate", "GET /v1/usage", "bare handler", "reported"),
)
GRADING: Final = "time: grading 50 items / decoding"
GRADING_MUST: Final = "<= 12"
GRADING_ROUNDS: Final = 20
MOST_LAUNCHES_PER_SECOND: Final = 4_000
USUAL_PER_SECOND: Final = 300
USUAL_SECONDS: Final = 60.0
"""A run of minutes: between two rounds the gateway serves so many requests for so long."""

console = Console(stderr=True)


class Memory(Struct, frozen=True):
    """What 1000 active centers cost."""

    gateway_mib: float
    gateway_kib_per_center: float
    valkey_bytes_per_center: float


class Report(Struct, frozen=True):
    """All of a run."""

    machine: str
    python: str
    centers_in_the_stores: int
    minutes: float
    figures: list[Figure]
    latencies: list[Latency]
    ratios: list[Ratio]
    memory: Memory


async def main(arguments: argparse.Namespace) -> Report:
    """Set the stage, measure in turns, and report."""
    async with AsyncExitStack() as stack:
        console.print("Starting stores, gateway and peers ...")
        ground = await stack.enter_async_context(stage())
        ids, keys = await add_centers(ground, max(CENTERS, arguments.centers))
        log_folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="cg-bench-"))
        own = await stack.enter_async_context(
            gateway(
                "gateway", ground.database_url, ground.redis_url, log_file=f"{log_folder}/log", expected_replicas="1"
            )
        )
        stores = {"BENCH_REDIS_URL": ground.redis_url, "BENCH_DATABASE_URL": ground.database_url}
        peers = {
            name: await stack.enter_async_context(peer(name, stores))
            for name in ("bare", "limited_by_limits", "limited_by_litestar", "one_commit")
        }
        seconds = arguments.seconds
        loads = arguments.rounds * (2 if arguments.minutes else 1) + 1
        launches = await _launch_batches(ground, ids[:CENTERS], keys, int(seconds * loads + 20))
        exams = await add_assessments(ground, ids[:CENTERS], keys)
        subjects = _subjects(own, peers, keys, launches, exams)
        fifty = mixed_load()
        grading = [measure(fifty, GRADING_ROUNDS).ratio for _ in range(arguments.rounds)]
        rounds = await asyncio.to_thread(_measure, subjects, arguments)
        found = figures(subjects, rounds)
        latencies = await asyncio.to_thread(_latencies, subjects, found, seconds)
        memory = await _memory(ground, own, keys, ids)
        return Report(
            machine=f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()} {platform.release()}",
            python=platform.python_version(),
            centers_in_the_stores=len(ids),
            minutes=arguments.minutes,
            figures=list(found.values()),
            latencies=latencies,
            ratios=[*(ratio(pair, rounds) for pair in PAIRS), ratio_of(GRADING, grading, GRADING_MUST)],
            memory=memory,
        )


def _subjects(
    own: Server, peers: dict[str, Server], keys: list[str], launches: Callable[[int], list[bytes]], exams: Exams
) -> list[Subject]:
    some = [request("GET", "/v1/usage", key=key) for key in keys[:CENTERS]]

    def same(path: str) -> Callable[[int], list[bytes]]:
        prepared = [request("GET", path, key=key) for key in keys[:CENTERS]]
        return lambda _: prepared

    commit = [request("POST", "/commit", body=b'{"topic": "Tides", "modules": 5}')]
    return [
        Subject("bare handler", peers["bare"], same("/bare"), 200),
        Subject("GET /v1/usage", own, lambda _: some, 200),
        Subject("limits, sliding window", peers["limited_by_limits"], same("/limits"), 200),
        Subject("Litestar's rate limit", peers["limited_by_litestar"], same("/litestar"), 200),
        Subject("one-statement commit", peers["one_commit"], lambda _: commit, 202),
        Subject("POST launch", own, launches, 202, once=True),
        Subject("POST check", own, checks(exams), 200, once=True),
        Subject("POST submit", own, submits(exams), 201, once=True),
        Subject("POST submit, with a key", own, submits(exams, keyed=True), 201, once=True),
    ]


async def _launch_batches(ground: Stage, ids: list[str], keys: list[str], seconds: int) -> Callable[[int], list[bytes]]:
    """Requests that launch a course each, and only once."""
    courses = iter(await add_courses(ground, ids, MOST_LAUNCHES_PER_SECOND * min(seconds, 45)))

    def batch(most: int) -> list[bytes]:
        return [
            request("POST", f"/v1/courses/{course}/launch", key=keys[center], headers=f"Idempotency-Key: {course}\r\n")
            for (center, course), _ in zip(courses, range(most), strict=False)
        ]

    return batch


def _measure(subjects: list[Subject], arguments: argparse.Namespace) -> list[Round]:
    """Rounds of everything; in a run of minutes those between the first and the last are of what works for ever."""
    most = int(MOST_LAUNCHES_PER_SECOND * arguments.seconds)
    lasting = [subject for subject in subjects if not subject.once]
    usual = next(subject for subject in subjects if subject.name == "GET /v1/usage")
    until = time.monotonic() + arguments.minutes * 60
    warm_up(subjects, most)
    rounds = [_round(subjects, arguments.seconds, most) for _ in range(arguments.rounds)]
    if arguments.minutes:
        while time.monotonic() < until:
            usual.latency(USUAL_PER_SECOND, min(USUAL_SECONDS, max(1.0, until - time.monotonic())))
            rounds.append(_round(lasting, arguments.seconds, most))
        rounds += [_round(subjects, arguments.seconds, most) for _ in range(arguments.rounds)]
    return rounds


def _round(subjects: list[Subject], seconds: float, most: int) -> Round:
    measured: Round = {}
    for name, sample in in_turns(subjects, seconds=seconds, most=most):
        console.print(f"  {name:24} {sample.per_second:8.0f}/s  {sample.cpu_microseconds:7.1f} µs CPU")
        measured[name] = sample
    return measured


def _latencies(subjects: list[Subject], found: dict[str, Figure], seconds: float) -> list[Latency]:
    wanted = ("bare handler", "GET /v1/usage", "one-statement commit", "POST launch", "POST check", "POST submit")
    return [
        subject.latency(found[subject.name].per_second / 2, min(seconds, 3))
        for subject in subjects
        if subject.name in wanted
    ]


async def _memory(ground: Stage, own: Server, keys: list[str], ids: list[str]) -> Memory:
    """Make 1000 centers active and see what it costs; fewer where the stage has fewer."""
    extra_ids, extra_keys = await add_centers(ground, 1000)
    before = own.memory_mib()
    requests = [request("GET", "/v1/usage", key=key) for key in extra_keys for _ in range(3)]
    subject = Subject("memory", own, lambda _: requests, 200, once=True)
    await asyncio.to_thread(subject.sample, 30.0, len(requests))
    after = own.memory_mib()
    client = redis.asyncio.Redis.from_url(ground.redis_url)
    total = 0
    for center_id in extra_ids[:100]:
        async for name in client.scan_iter(match=f"cg:live:{{c:{center_id}}}:*", count=10_000):
            total += int(await client.memory_usage(name) or 0)
    await client.aclose()
    return Memory(after, (after - before) * 1024 / len(extra_ids), total / 100)


def show(report: Report) -> None:
    """Print what a reader wants to compare."""
    console.print(f"\n{report.machine}; Python {report.python}; {report.centers_in_the_stores} centers in the stores")
    table = Table("", "requests/s", "µs CPU/request", "p50 ms", "p99 ms", "at req/s")
    at = {latency.name: latency for latency in report.latencies}
    for figure in report.figures:
        latency = at.get(figure.name)
        times = (f"{latency.p50:.2f}", f"{latency.p99:.2f}", f"{latency.per_second:.0f}") if latency else ("", "", "")
        table.add_row(figure.name, f"{figure.per_second:.0f}", f"{figure.cpu_microseconds:.1f}", *times)
    console.print(table)
    ratios = Table("ratio", "median", "rounds", "late / early", "must reach")
    for one in report.ratios:
        spread = f"{one.least:.2f}-{one.most:.2f}"
        ratios.add_row(one.name, f"{one.median:.2f}", spread, f"{one.late_over_early:.2f}", one.must)
    memory = report.memory
    ratios.add_row("gateway process, MiB", f"{memory.gateway_mib:.0f}", "", "", "< 150")
    ratios.add_row("gateway, KiB per active center", f"{memory.gateway_kib_per_center:.1f}", "", "", "reported")
    ratios.add_row("Valkey, bytes per active center", f"{memory.valkey_bytes_per_center:.0f}", "", "", "<= 2048")
    console.print(ratios)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description=__doc__, epilog="Example: python -m tests.bench --centers 100000"
    )
    parser.add_argument("--seconds", type=float, default=3.0, help="length of each load")
    parser.add_argument(
        "--rounds", type=int, default=5, help="loads of each kind, in turns; ratios are taken round by round"
    )
    parser.add_argument("--centers", type=int, default=CENTERS, help="centers and keys in the stores")
    parser.add_argument("--minutes", type=float, default=0.0, help="go on at least so long (launches at both ends)")
    parser.add_argument("--json", type=Path, help="where to write all figures")
    given = parser.parse_args()
    made = asyncio.run(main(given))
    show(made)
    if given.json is not None:
        given.json.parent.mkdir(parents=True, exist_ok=True)
        given.json.write_bytes(msgspec.json.format(msgspec.json.encode(made)))
    sys.exit(0)
