"""Requests to addresses that a customer names: never to a special network, never anywhere else than was checked."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from gateway.clock import Clock
from gateway.outbound.client import Answered, Outbound
from gateway.outbound.names import Names, SystemNames
from gateway.settings import Settings

__all__ = ["Answered", "Names", "Outbound", "open_outbound"]


@asynccontextmanager
async def open_outbound(settings: Settings, clock: Clock) -> AsyncGenerator[Outbound, None]:
    """A process' way out, with the machine's resolver."""
    names = SystemNames()
    try:
        async with Outbound(names, settings.webhook_allow_cidrs, clock) as outbound:
            yield outbound
    finally:
        names.close()
