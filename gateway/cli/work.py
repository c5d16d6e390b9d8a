import asyncio
import os
import signal

import rich_click as click

from gateway.cli.prepare import prepare_database, warn_without_redis
from gateway.settings import Settings, load


@click.command("work")
@click.option(
    "--concurrency", type=click.IntRange(1, 64), help="Generations at a time; default COURSEGATE_WORK_CONCURRENCY, 4."
)
def command(concurrency: int | None) -> None:
    """Run a worker: generations, regenerations and sweeps.

    SIGTERM ends it in order: between steps, handing its work back. Example: `coursegate work --concurrency 8`
    """
    settings = load(os.environ)
    asyncio.run(prepare_database(settings))
    from gateway.metrics_endpoint import metrics_endpoint, shared_metrics

    with shared_metrics() as folder, metrics_endpoint(settings.metrics_address, folder) as metrics_url:
        asyncio.run(_work(settings, concurrency or settings.work_concurrency, metrics_url))


async def _work(settings: Settings, concurrency: int, metrics_url: str) -> None:
    from gateway import worker
    from gateway.clock import SystemClock
    from gateway.log import configure, log

    clock = SystemClock()
    configure(level=settings.log_level, file=settings.log_file, clock=clock)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await warn_without_redis(settings)
    log.info("work.starting", metrics_url=metrics_url)
    await worker.run(settings, clock, concurrency, stop)
