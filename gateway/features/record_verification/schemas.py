"""What the verification of a chain found."""

from datetime import datetime
from typing import Literal

from msgspec import Struct


class Covered(Struct, frozen=True, kw_only=True):
    """What was looked at. `adopted`: the chain was opened in a database that had decided things before `first_at`.
    `checkpointed_seq`: the newest record under a checkpoint that a key of the gateway's own signed.
    """

    records: int
    first_at: str | None
    last_at: str | None
    adopted: bool
    head: str
    bodies: int
    bodies_redacted: int
    documents: int
    approvals: int
    checkpoints: int
    checkpointed_seq: int
    outside_checkpoints: int


class Verified(Struct, frozen=True, kw_only=True):
    """A chain that holds: what was checked, what it covers, and what that does not prove."""

    object: Literal["dpu_verification"] = "dpu_verification"
    sound: Literal[True] = True
    checks: tuple[str, ...]
    coverage: Covered
    limits: tuple[str, ...]
    created_at: datetime
