"""The Lua scripts, read from ``lua/`` once. A script is its parts put together; its name in Redis is their SHA-1."""

import hashlib
from importlib.resources import files
from typing import Final

from quotas import keys


class Script:
    """A script as Redis knows it: `sha` for EVALSHA, `source` for SCRIPT LOAD.

    Every script takes several calls at once: keys and arguments of all calls follow each other, and the reply is
    one entry a call, in order. That is what lets the transport merge what arrives together.
    """

    __slots__ = ("name", "sha", "source")

    def __init__(self, name: str, source: str) -> None:
        self.name = name
        self.source = source
        self.sha = hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()

    def __repr__(self) -> str:
        return f"Script({self.name})"


def part(name: str) -> str:
    """The text of ``lua/<name>.lua``."""
    return files("quotas").joinpath("lua", f"{name}.lua").read_text(encoding="utf-8")


REDIS_CLOCK: Final = part("clock")


def decide_script(clock: str = REDIS_CLOCK) -> Script:
    """The decision; its clock is a part of its own, so that a test of the very same window can set the time."""
    return Script("decide", clock + part("window") + part("decide"))


def publish_script(clock: str = REDIS_CLOCK) -> Script:
    """The mirror's write, with the same seam for the clock."""
    return Script("publish", clock + part("publish"))


DECIDE: Final = decide_script()
PUBLISH: Final = publish_script()
ALL: Final = (DECIDE, PUBLISH)

PROBE_ARGS: Final = (1, 0, 1_000_000_000, 60, 1, 1)


def probe_keys(sample_key: str) -> tuple[str]:
    """KEYS of the decision that proves, with PROBE_ARGS, that the node of `sample_key` reads, writes and runs scripts."""
    return (keys.probe(sample_key),)
