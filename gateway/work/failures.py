"""Why a generation or regeneration ended without its result, in the contract's words."""

from typing import Final, Literal

from msgspec import Struct

from gateway.generation.model import GenerationFailed


class Failure(Struct, frozen=True):
    """As the row keeps it and the course shows it."""

    code: Literal["generator_error", "generator_timeout", "worker_lost", "source_unreadable"]
    message: str
    retryable: bool


WORKER_LOST: Final = Failure(
    "worker_lost",
    "The work was interrupted too often or for too long; nothing is charged for what was not finished.",
    True,
)
ABANDONED: Final = Failure("worker_lost", "The course was deleted.", False)

_MESSAGE_MAX: Final = 300


def failure_of(failed: GenerationFailed) -> Failure:
    """Return what a generator said of its failure; its message is our own words, and short."""
    return Failure(failed.code, failed.message[:_MESSAGE_MAX], failed.retryable)
