"""The name of everything in Redis. The part in braces is the hash tag: what one decision touches shares a slot.

Ids never hold braces, so a tag can't be forged. The period is in the key: what a key means stays right
if Redis expires nothing. A window that gets another length needs another name.
"""

from typing import Final

_FORBIDDEN: Final = frozenset("{}\r\n\0 ")


def minute(env: str, center: str) -> str:
    """The center's requests a minute: ``minute("live", "ctr_a") == "cg:live:{c:ctr_a}:window:minute"``."""
    return f"cg:{env}:{{c:{center}}}:window:minute"


def key(env: str, center: str, key_id: str) -> str:
    """The lower limit that one API key may have, in the slot of its center."""
    return f"cg:{env}:{{c:{center}}}:window:key:{key_id}"


def session(env: str, center: str, session_id: str) -> str:
    """A learner's session, or an embed token before it is spent."""
    return f"cg:{env}:{{c:{center}}}:window:session:{session_id}"


def save(env: str, center: str, submission_id: str) -> str:
    """The saves of one learner's attempt, in the slot of its center."""
    return f"cg:{env}:{{c:{center}}}:window:save:{submission_id}"


def act(env: str, center: str, name: str) -> str:
    """What a center may do so often a minute beside its requests, such as testing webhooks."""
    return f"cg:{env}:{{c:{center}}}:window:act:{name}"


def address(client_address: str) -> str:
    """Calls without a valid key: ``address("192.0.2.7") == "cg:{a:192.0.2.7}:window:address"``.

    Raises ValueError where the text could not be an address (braces, spaces, control characters, beyond ASCII).
    """
    if not (client_address.isascii() and _FORBIDDEN.isdisjoint(client_address)):
        raise ValueError("a client address is ASCII without braces, spaces and control characters")
    return f"cg:{{a:{client_address}}}:window:address"


def login(policy: str, subject_digest: str) -> str:
    """The three login policies share one slot; the subject (address, e-mail or both) comes as a digest, never in clear."""
    return f"cg:{{login}}:window:{policy}:{subject_digest}"


def mirror(env: str, center: str, meter: str, period_label: str) -> str:
    """One quota in one period: ``mirror("live", "ctr_a", "generation", "2026-11")`` is
    ``"cg:live:{c:ctr_a}:quota:generation:2026-11"``.
    """  # fmt: skip
    return f"cg:{env}:{{c:{center}}}:quota:{meter}:{period_label}"


def running(env: str, center: str) -> str:
    """How many generations run: ``running("live", "ctr_a") == "cg:live:{c:ctr_a}:running"``."""
    return f"cg:{env}:{{c:{center}}}:running"


def tag(redis_key: str) -> str:
    """The hash tag that decides on the slot: ``tag(minute("live", "ctr_a")) == "c:ctr_a"``."""
    return redis_key[redis_key.index("{") + 1 : redis_key.index("}")]


def probe(redis_key: str) -> str:
    """A window of nobody, in the slot of `redis_key`, by which the breaker finds out whether Redis decides again."""
    return f"cg:{{{tag(redis_key)}}}:window:probe"
