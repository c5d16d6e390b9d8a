"""`python -m tests.bench.player`: what the player's first page weighs, how soon it is ready, and what a class that saves costs.

One gateway process on durable stores; Chromium on loopback, each visit in a fresh profile. Weight is what crosses the
wire, heads included. A class of learners in sessions of their own saves all answers every five seconds.
"""

import argparse
import asyncio
import os
import platform
import statistics
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx
import msgspec
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from tests import chromium
from tests.bench.load import open_loop, request
from tests.bench.servers import Server, gateway
from tests.bench.stage import Stage, add_centers, stage
from tests.browser.examples import EXAMPLES
from tests.running import Customer, add_key

KIB_MAX: Final = 60
READY_MS_MAX: Final = 300
P99_MS_MAX: Final = 50
SAVE_EVERY_SECONDS: Final = 5
CONNECTIONS: Final = 200
OPENED_AT_ONCE: Final = 16
WHEN_READY: Final = """
new MutationObserver((_, observer) => {
    if (document.documentElement.dataset.player !== 'ready') return
    observer.disconnect()
    window.readyAfter = performance.now()
}).observe(document, {attributes: true, subtree: true, attributeFilter: ['data-player']})
"""

console = Console(stderr=True)


class Visit(Struct, frozen=True):
    """One page with everything it needed: bytes over the wire, and milliseconds until it could be answered."""

    bytes_received: int
    requests: int
    ready_ms: float


class Report(Struct, frozen=True):
    """All of a run; `visits` is empty where there is no Chromium."""

    machine: str
    python: str
    questions: int
    visits: list[Visit]
    learners: int
    saves: int
    statuses: dict[int, int]
    save_p50_ms: float
    save_p99_ms: float
    save_cpu_microseconds: float


class Ground:
    """A published assessment with a question of each kind, and those who take it."""

    def __init__(self, client: httpx.AsyncClient, customer: Customer) -> None:
        self._client = client
        self._customer = customer
        self._assessment_id = ""
        self._learners = count()

    async def publish(self) -> None:
        """Author and publish."""
        items = [example.item(f"q{place}") for place, example in enumerate(EXAMPLES)]
        settings = {"max_attempts": None, "autosave": "resumable"}
        made = await self._ask("POST", "/v1/assessments", {"title": "Tides", "items": items, "settings": settings})
        self._assessment_id = made["id"]
        await self._ask("POST", f"/v1/assessments/{self._assessment_id}/publish", {})

    async def token(self) -> dict[str, Any]:
        """A token for a learner who was never there before."""
        body = {"assessment_id": self._assessment_id, "learner_ref": f"learner-{next(self._learners)}"}
        return await self._ask("POST", "/v1/embed/token", body)

    async def session(self) -> tuple[str, str]:
        """A session's submission and credential."""
        token = (await self.token())["token"]
        answer = await self._client.post("/v1/embed/sessions", json={"token": token})
        answer.raise_for_status()
        return answer.json()["submission_id"], answer.json()["credential"]

    async def _ask(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = await self._client.request(method, path, json=body, headers=self._customer.headers)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


async def main(arguments: argparse.Namespace) -> Report:
    """Measure, and report."""
    async with stage() as stores, gateway("player", stores.database_url, stores.redis_url) as server:
        base = f"http://{server.target.host}:{server.target.port}"
        async with httpx.AsyncClient(base_url=base, timeout=30, trust_env=False) as client:
            ground = Ground(client, await _customer(stores))
            await ground.publish()
            visits = await _visits(ground, base, arguments.visits)
            credentials = await _class(ground, arguments.learners)
        await _settle(stores)
        saved = await _saves(server, credentials, arguments.seconds)
    return Report(
        machine=f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()} {platform.release()}",
        python=platform.python_version(),
        questions=len(EXAMPLES),
        visits=visits,
        learners=arguments.learners,
        **saved,
    )


async def _customer(stores: Stage) -> Customer:
    (center,), _ = await add_centers(stores, 1)
    connection = await asyncpg.connect(stores.owner_url)
    customer = await add_key(connection, center)
    await connection.close()
    return customer


async def _settle(stores: Stage) -> None:
    """Let the planner know how many there are, as autovacuum does within a minute: a class does not come out of nothing."""
    connection = await asyncpg.connect(stores.owner_url)
    await connection.execute("analyze")
    await connection.close()


async def _visits(ground: Ground, base: str, times: int) -> list[Visit]:
    if (lacking := chromium.missing()) is not None:
        console.print(f"  the page is not measured: {lacking}")
        return []
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium.program(), args=chromium.FLAGS)
        await _visit(browser, base, await ground.token())  # the first starts processes of the browser
        visits = [await _visit(browser, base, await ground.token()) for _ in range(times)]
        await browser.close()
    return visits


async def _visit(browser: Any, base: str, token: dict[str, Any]) -> Visit:
    """Open the page in a profile that has seen nothing."""
    context = await browser.new_context()
    page = await context.new_page()
    wire = await context.new_cdp_session(page)
    received: list[int] = []
    wire.on("Network.loadingFinished", lambda event: received.append(int(event["encodedDataLength"])))
    await wire.send("Network.enable")
    await page.add_init_script(WHEN_READY)
    await page.goto(f"{base}/embed/{token['token']}")
    await page.locator('html[data-player="ready"]').wait_for(state="attached")
    ready_ms = await page.evaluate("window.readyAfter")
    await page.wait_for_load_state("networkidle")
    await context.close()
    visit = Visit(sum(received), len(received), ready_ms)
    console.print(f"  {visit.bytes_received / 1024:8.1f} KiB in {visit.requests} answers, ready in {ready_ms:.0f} ms")
    return visit


async def _class(ground: Ground, learners: int) -> list[tuple[str, str]]:
    """So many learners with a session each."""
    doors = asyncio.Semaphore(OPENED_AT_ONCE)

    async def enter() -> tuple[str, str]:
        async with doors:
            return await ground.session()

    return await asyncio.gather(*(enter() for _ in range(learners)))


async def _saves(server: Server, credentials: list[tuple[str, str]], seconds: float) -> dict[str, Any]:
    """All learners save every few seconds, one after the other."""
    before = server.cpu_seconds()
    outcome = await open_loop(
        server.target,
        _each_in_turn(credentials),
        per_second=len(credentials) / SAVE_EVERY_SECONDS,
        connections=CONNECTIONS,
        seconds=seconds,
    )
    spent = server.cpu_seconds() - before
    return {
        "saves": outcome.answers,
        "statuses": outcome.statuses,
        "save_p50_ms": outcome.percentile(0.5),
        "save_p99_ms": outcome.percentile(0.99),
        "save_cpu_microseconds": spent / outcome.answers * 1e6,
    }


def _each_in_turn(credentials: list[tuple[str, str]]) -> Iterator[bytes]:
    answers = [{"item_id": f"q{n}", "answer": each.answers()["right"]} for n, each in enumerate(EXAMPLES)]
    for sequence in count(1):
        body = msgspec.json.encode({"sequence": sequence, "answers": answers})
        for submission_id, credential in credentials:
            yield request("PUT", f"/v1/submissions/{submission_id}/answers", key=credential, body=body)


def show(report: Report) -> None:
    """Print what a reader wants to compare."""
    table = Table("player", "found", "must reach")
    if report.visits:
        weight = max(visit.bytes_received for visit in report.visits) / 1024
        ready = statistics.median(visit.ready_ms for visit in report.visits)
        table.add_row(f"first page, {report.questions} questions, KiB", f"{weight:.1f}", f"<= {KIB_MAX}")
        table.add_row("ready in Chromium, nothing cached, ms", f"{ready:.0f}", f"< {READY_MS_MAX}")
    failed = sum(times for status, times in report.statuses.items() if status != 200)
    rate = report.learners / SAVE_EVERY_SECONDS
    table.add_row(
        f"{report.learners} learners, {rate:.0f} saves/s, p99 ms", f"{report.save_p99_ms:.1f}", f"< {P99_MS_MAX}"
    )
    table.add_row("the same, p50 ms", f"{report.save_p50_ms:.1f}", "reported")
    table.add_row("saves that failed", str(failed), "0")
    table.add_row("gateway, µs CPU a save", f"{report.save_cpu_microseconds:.0f}", "reported")
    console.print(table)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.player", description=__doc__)
    parser.add_argument("--visits", type=int, default=7)
    parser.add_argument("--learners", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--json", type=Path, help="where to write all figures")
    given = parser.parse_args()
    made = asyncio.run(main(given))
    show(made)
    if given.json is not None:
        given.json.parent.mkdir(parents=True, exist_ok=True)
        given.json.write_bytes(msgspec.json.format(msgspec.json.encode(made)))
