"""What a request may use: made once a process, joined in gateway/app.py, handed to every handler."""

import asyncio
from typing import TYPE_CHECKING, Final

from gateway.records.refusals import KnownRefusals

if TYPE_CHECKING:
    from gateway.clock import Clock
    from gateway.counters import CounterReader
    from gateway.key_format import Env
    from gateway.keyring import Keyring
    from gateway.outbound.client import Outbound
    from gateway.passwords import Passwords
    from gateway.published import PublishedVersions
    from gateway.rich_versions import RichVersions
    from gateway.settings import Settings
    from gateway.sql_batches import Batches
    from gateway.stores import SqlStore
    from gateway.tokens.access import AccessTokens
    from gateway.work.wake import Waker
    from quotas.admission import Admission
    from quotas.idempotency import KeyTurns
    from quotas.mirror import Mirror


VERIFYING_AT_ONCE: Final = 2
"""Verifications of chains that a process runs at a time."""


class Services:
    """The stores, the clock, the secrets and the settings of this process.

    A plain class, since Litestar would look into a Struct's or dataclass' fields at every injection.
    """

    __slots__ = (
        "admission",
        "batches",
        "clock",
        "counters",
        "key_turns",
        "keyring",
        "mirror",
        "outbound",
        "passwords",
        "published",
        "refusals",
        "rich",
        "settings",
        "sql",
        "tokens",
        "verifying",
        "waker",
    )

    def __init__(
        self,
        *,
        settings: "Settings",
        clock: "Clock",
        counters: "CounterReader",
        keyring: "Keyring",
        sql: "SqlStore",
        batches: "Batches",
        admission: "Admission",
        mirror: "Mirror",
        outbound: "Outbound",
        key_turns: "KeyTurns",
        waker: "Waker",
        published: "PublishedVersions",
        rich: "RichVersions",
        tokens: "AccessTokens",
        passwords: "Passwords",
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.counters = counters
        self.keyring = keyring
        self.sql = sql
        self.batches = batches
        self.admission = admission
        self.mirror = mirror
        self.outbound = outbound
        self.key_turns = key_turns
        self.waker = waker
        self.published = published
        self.rich = rich
        self.refusals = KnownRefusals()
        self.verifying = asyncio.Semaphore(VERIFYING_AT_ONCE)
        self.tokens = tokens
        self.passwords = passwords

    def needs_source(self, env: "Env") -> bool:
        """Whether a launch needs a usable source: the builtin generator invents nothing, a test key's scripted one can."""
        return env == "live" and self.settings.generator == "builtin"
