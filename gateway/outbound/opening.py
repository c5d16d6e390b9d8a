"""A process' way out, opened and closed with it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from gateway.clock import Clock
from gateway.outbound.client import Outbound
from gateway.outbound.names import SystemNames
from gateway.settings import Settings


@asynccontextmanager
async def open_outbound(settings: Settings, clock: Clock) -> AsyncGenerator[Outbound, None]:
    """A process' way out, with the machine's resolver."""
    names = SystemNames(clock)
    try:
        async with Outbound(names, settings.webhook_allow_cidrs, clock) as outbound:
            yield outbound
    finally:
        names.close()
