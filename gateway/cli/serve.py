import asyncio
import os
import threading
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import rich_click as click

from gateway.cli.prepare import prepare_database, warn_without_redis
from gateway.ports import Listening, claim_port
from gateway.settings import load, variable


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 = any free port.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes that answer.")
@click.option(
    "--ready-file", type=click.Path(path_type=Path, dir_okay=False), help="Written (0600) when the gateway answers."
)
def command(host: str, port: int, workers: int, ready_file: Path | None) -> None:
    """Run the gateway.

    Stores come from `COURSEGATE_DATABASE_URL` and `COURSEGATE_REDIS_URL`. SIGTERM ends it in order: requests in
    flight are answered. Example: `coursegate serve --host 0.0.0.0 --port 8080 --workers 4`
    """
    settings = load(os.environ)
    listening, kept = claim_port(host, port)
    asyncio.run(prepare_database(settings))
    from gateway.metrics_endpoint import metrics_endpoint, shared_metrics

    with shared_metrics() as folder, metrics_endpoint(settings.metrics_address, folder) as metrics_url:
        from gateway.log import configure, log
        from gateway.serving import serve

        configure(level=settings.log_level, file=settings.log_file)
        asyncio.run(warn_without_redis(settings))
        # Without Redis every worker limits by itself, so each must know of the others at least here.
        os.environ[variable("expected_replicas")] = str(max(settings.expected_replicas, workers))
        with kept:
            log.info("serve.starting", url=listening.url, metrics_url=metrics_url, workers=workers)
            announce = threading.Thread(target=_announce, args=(listening, metrics_url, ready_file), daemon=True)
            announce.start()
            serve(listening, workers)
        log.info("serve.stopped")
        if ready_file is not None:
            ready_file.unlink(missing_ok=True)


def _announce(listening: Listening, metrics_url: str, ready_file: Path | None) -> None:
    import msgspec

    from gateway.log import log
    from gateway.private_files import write_private

    while not _answers(listening):
        threading.Event().wait(0.05)
    log.info("serve.ready", url=listening.url, metrics_url=metrics_url)
    if ready_file is not None:
        write_private(ready_file, msgspec.json.encode({"url": listening.url, "metrics_url": metrics_url}).decode())


def _answers(listening: Listening) -> bool:
    connection = HTTPConnection(listening.reachable_host, listening.port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
