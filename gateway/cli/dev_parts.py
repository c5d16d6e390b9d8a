"""The parts of `dev`, watched: one that dies is started again, one that keeps dying ends `dev` with a word."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import starmap
from typing import Final

from gateway.cli.failure import CommandFailed
from gateway.cli.output import console
from gateway.embedded import EmbeddedFailure, EmbeddedStores
from gateway.embedded.process import Child

WATCH_EVERY_SECONDS: Final = 0.1
DEATHS_MAX: Final = 5
WITHIN_SECONDS: Final = 30.0
"""So many deaths in so short a time are no accident."""


@dataclass
class Part:
    """Something that must run: how to ask, how to start it again, what it said last."""

    name: str
    running: Callable[[], bool]
    start: Callable[[], Awaitable[None]]
    last_words: Callable[[], str]
    deaths: deque[float] = field(default_factory=lambda: deque(maxlen=DEATHS_MAX))


def parts_of(stores: EmbeddedStores, children: Sequence[tuple[Child, Mapping[str, str]]]) -> list[Part]:
    """Both stores, then each child with the environment to start it again in."""
    valkey, postgres = stores.valkey, stores.postgres
    found = [
        Part("Valkey", lambda: valkey.running, valkey.start, valkey.last_words),
        Part("PostgreSQL", lambda: postgres.running, postgres.start, postgres.last_words),
    ]
    return found + list(starmap(_part_of, children))


def _part_of(child: Child, environment: Mapping[str, str]) -> Part:
    async def start() -> None:  # ruff: ignore[unused-async] - stores need to wait, children don't
        child.start(environment=environment)

    return Part(child.name, lambda: child.running, start, child.last_words)


async def keep_running(parts: Sequence[Part]) -> None:
    """Watch until cancelled. Raises CommandFailed for a part that dies again and again."""
    loop = asyncio.get_running_loop()
    while True:
        for part in parts:
            if part.running():
                continue
            part.deaths.append(loop.time())
            if len(part.deaths) == DEATHS_MAX and part.deaths[-1] - part.deaths[0] < WITHIN_SECONDS:
                raise CommandFailed(f"{part.name} ended {DEATHS_MAX} times in a row: {part.last_words()}")
            console().print(f"{part.name} ended; starting it again ...", markup=False)
            try:
                await part.start()
            except EmbeddedFailure as error:
                console().print(str(error), markup=False)
        await asyncio.sleep(WATCH_EVERY_SECONDS)
