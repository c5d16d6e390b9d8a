"""The very script that decides in production, with the test's time in place of Redis'."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import redis

from quotas.scripts import Script, decide_script, publish_script
from quotas.windows import Policy

CLOCK_FROM_THE_TEST = "local function clock_us() return tonumber(table.remove(ARGV)) end\n"
DECIDE = decide_script(CLOCK_FROM_THE_TEST)
PUBLISH = publish_script(CLOCK_FROM_THE_TEST)

START_US = 1_773_576_000_000_000


def fresh_center() -> str:
    """A center that no other test knows."""
    return f"ctr_{uuid4().hex[:26]}"


class ScriptedRedis:
    """Runs scripts on a real server at the times given, in microseconds after START_US."""

    def __init__(self, url: str) -> None:
        self.client = redis.Redis.from_url(url)
        self.loaded: set[str] = set()

    def run(self, script: Script, keys: Sequence[str], args: Sequence[int | str], at_us: int) -> list[Any]:
        if script.sha not in self.loaded:
            self.client.script_load(script.source)
            self.loaded.add(script.sha)
        reply = self.client.evalsha(script.sha, len(keys), *keys, *args, START_US + at_us)
        assert isinstance(reply, list)
        return reply

    def decide_all(self, requests: Sequence[Sequence[Policy]], at_us: int) -> list[list[int]]:
        """Several requests in one script call: per request [verdict, now, then per policy remaining, reset, wait]."""
        keys = [policy.key for policies in requests for policy in policies]
        args: list[int] = []
        for policies in requests:
            args += (len(policies), 0)
            for policy in policies:
                args += (policy.limit, policy.window_seconds, policy.cost, int(policy.enforce))
        return self.run(DECIDE, keys, args, at_us)

    def decide(self, policies: Sequence[Policy], at_us: int) -> list[int]:
        return self.decide_all([policies], at_us)[0]
