"""`/metrics` on the internal port: one endpoint for all processes that write into one folder."""

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Final

from gateway.setting_values import Address

FOLDER_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
"""prometheus-client reads it at its first import: every process shares its numbers through files there."""

_LIVE_FILE: Final = re.compile(r"gauge_live\w*_(\d+)\.db")


class EndpointFailed(Exception):
    """The metrics address can't be listened on; the text is one line."""


@contextlib.contextmanager
def shared_metrics() -> Generator[Path, None, None]:
    """The folder for this process and its children: the one that a parent made, or a fresh one that ends with us.

    Enter it before anything imports prometheus_client.
    """
    told = os.environ.get(FOLDER_VARIABLE)
    if told:
        yield Path(told)
        return
    made = Path(tempfile.mkdtemp(prefix="coursegate-metrics-"))
    os.environ[FOLDER_VARIABLE] = str(made)
    try:
        yield made
    finally:
        del os.environ[FOLDER_VARIABLE]
        shutil.rmtree(made, ignore_errors=True)


def fresh_metrics_folder(folder: Path) -> Path:
    """An empty folder of ours: numbers of processes that are gone would be added up forever."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    return folder


@contextlib.contextmanager
def metrics_endpoint(address: Address, folder: Path) -> Generator[str, None, None]:
    """Answer Prometheus on a thread of its own; yields the URL. Raises EndpointFailed."""
    from prometheus_client import CollectorRegistry, start_http_server
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = CollectorRegistry()
    collector = MultiProcessCollector(registry, str(folder))  # type: ignore[no-untyped-call]

    class Living:
        """Leaves out the gauges of processes that are gone."""

        def collect(self) -> Iterator[object]:
            for file in folder.iterdir():
                named = _LIVE_FILE.fullmatch(file.name)
                if named is not None and not Path(f"/proc/{named[1]}").exists() and Path("/proc/self").exists():
                    file.unlink(missing_ok=True)
            return iter(collector.collect())  # type: ignore[no-untyped-call]

    registry.unregister(collector)
    registry.register(Living())  # type: ignore[arg-type]
    try:
        server, thread = start_http_server(address.port, addr=address.host, registry=registry)
    except OSError as error:
        raise EndpointFailed(f"COURSEGATE_METRICS_ADDRESS: {address} can't be listened on: {error.strerror}") from error
    try:
        yield f"http://{Address(address.host, server.server_port)}/metrics"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
