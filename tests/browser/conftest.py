"""A real browser, and a real gateway for it: one of each a test process; every test has a context of its own.

All tests of this folder run in the one event loop of the session, in which the browser is steered.
"""

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from contextlib import AsyncExitStack, suppress
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
import pytest_asyncio

from tests import chromium
from tests.serving import serving
from tests.stores import TEMPLATE, SharedStores

if chromium.missing() is not None:
    collect_ignore_glob = ["test_*.py"]

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from tests.browser.hosts import Hosts
    from tests.browser.site import Site
    from tests.browser.visits import Visits

SCREENSHOTS = Path(__file__).parent.parent.parent / "build" / "screenshots"


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note what failed, so that its pages can be kept before they are closed."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


TEST_SECONDS = 120
"""No test takes as long, on however busy a machine; one that hangs does not hold up the others for more."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser, gateway and tests share one loop; every test has its time."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and isinstance(item, pytest.Function):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
            item.obj = _bounded(item.obj)


def _bounded(test: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    @wraps(test)
    async def run(*given: Any, **fixtures: Any) -> None:
        async with asyncio.timeout(TEST_SECONDS):
            await test(*given, **fixtures)

    return run


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> "AsyncIterator[Browser]":
    """Chromium without a window."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=chromium.program(), args=chromium.FLAGS)
        yield started
        await started.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def site(shared_stores: SharedStores) -> "AsyncIterator[Site]":
    """A gateway on stores of its own, and those who author and mint there."""
    from tests.browser.site import Site

    postgres, name = shared_stores.postgres(), f"test_{uuid4().hex}"
    await postgres.create_database(name, template=TEMPLATE)
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    async with AsyncExitStack() as stack:
        given = {"public_url": url, "trusted_proxies": "127.0.0.1/32"}
        served = await stack.enter_async_context(
            serving(postgres.url(name), shared_stores.redis_url, "--port", str(port), **given)
        )
        pool = await stack.enter_async_context(asyncpg.create_pool(postgres.url(name), min_size=1, max_size=4))
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=url, timeout=20, trust_env=False))
        made = Site(served, client, pool)
        await made.begin()
        yield made
    await postgres.drop_database(name)


def _free_port() -> int:
    """A port that must be known before the gateway listens on it (its own URL holds it), below those that the system lends to
    whoever connects somewhere.
    """
    while True:
        port = 20_000 + secrets.randbelow(10_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def hosts() -> "AsyncIterator[Hosts]":
    """A server of pages that embed the player, at an origin of its own."""
    from tests.browser.hosts import Hosts

    async with Hosts.listening() as listening:
        yield listening


@pytest_asyncio.fixture(loop_scope="session")
async def visits(browser: "Browser", site: "Site", request: pytest.FixtureRequest) -> "AsyncIterator[Visits]":
    """Learners' browsers for this test. At its end no policy was violated and no error was left uncaught in any."""
    from tests.browser.visits import Visits

    async with Visits.of(browser, site) as made:
        yield made
        if request.node.stash.get(FAILED, False):
            await made.keep(SCREENSHOTS / "failed", request.node.name)
    assert made.unexpected() == []


@pytest.fixture(scope="session")
def screenshots(request: pytest.FixtureRequest) -> Path:
    """Where screenshots are kept, as output for people to look at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    return SCREENSHOTS
