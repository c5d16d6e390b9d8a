"""Granian, as `coursegate serve` runs it: workers, limits, a graceful end, and nobody left behind."""

import asyncio
import gc
import multiprocessing
import os
import signal
from collections.abc import Callable
from typing import Any, Final

import uvloop
from granian import loops
from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from gateway import drain
from gateway.parent_death import die_with
from gateway.ports import Listening

TARGET: Final = "gateway.serving:application"
HEADER_BYTES_MAX: Final = 32_768
HEADER_READ_MILLISECONDS: Final = 10_000
CONNECTIONS_MAX: Final = 2_048
"""A process takes no more at a time; the others wait in the system's queue."""
STOP_SECONDS: Final = 20
"""How long requests in flight may take after the signal; then the worker is killed."""


def application() -> Any:
    """The gateway of one worker process, from the environment; Granian's factory."""
    from gateway.app import create_app
    from gateway.log import configure
    from gateway.settings import load

    settings = load(os.environ)
    configure(level=settings.log_level, file=settings.log_file)
    app = create_app(settings)
    # What the start made stays: collections look at requests alone, and seldom, since requests leave no cycles.
    # Measured: 5 % of a request's CPU.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    return app


def serve(listening: Listening, workers: int) -> None:
    """Run until SIGTERM or SIGINT. Each worker makes its own app from the environment."""
    # Forked workers would inherit our threads' locks and Redis connections.
    multiprocessing.set_start_method("spawn", force=True)
    server = MPServer(
        TARGET,
        address=listening.host,
        port=listening.port,
        interface=Interfaces.ASGI,
        workers=workers,
        loop=Loops.uvloop,
        http=HTTPModes.http1,
        websockets=False,
        backlog=CONNECTIONS_MAX,
        backpressure=CONNECTIONS_MAX,
        http1_settings=HTTP1Settings(
            header_read_timeout=HEADER_READ_MILLISECONDS, keep_alive=True, max_buffer_size=HEADER_BYTES_MAX
        ),
        log_level=LogLevels.warning,
        log_access=False,
        factory=True,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
    )
    server.serve(spawn_target=run_worker)


def run_worker(*arguments: Any) -> None:
    """One worker process, with Granian's arguments: drains before it stops, but never outlives a killed parent.

    An orphan that drained would hold the port, and the next start would find it taken.
    """
    parent = multiprocessing.parent_process()
    if parent is not None and parent.pid is not None:
        die_with(parent.pid, signal.SIGKILL)
    MPServer._spawn_asgi_lifespan_worker(*arguments)  # ruff: ignore[private-member-access] - the spawner that `serve` takes as an argument


class DrainingLoop(uvloop.Loop):
    """An event loop on which a signal first drains and then does what it was meant to do."""

    def add_signal_handler(self, sig: int, callback: Callable[..., Any], *args: Any) -> None:  # type: ignore[override]
        """Granian registers its stop here; it comes after the drain, a second signal at once."""

        def drained() -> None:
            if drain.DRAIN.asked:
                callback(*args)
                return
            drain.DRAIN.begin(self, lambda: callback(*args))

        super().add_signal_handler(sig, drained)


@loops.register("uvloop")
def draining_loop() -> asyncio.AbstractEventLoop:
    """Granian's way to be given a loop; this module is imported in every worker before it asks."""
    loop = DrainingLoop()
    asyncio.set_event_loop(loop)
    return loop
