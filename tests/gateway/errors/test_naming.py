"""What an exception is called on its way out."""

import asyncpg
import pytest

from gateway.errors import Overloaded
from gateway.errors.render import named


@pytest.mark.parametrize("error", [asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError])
def test_a_lock_that_was_not_to_be_had_is_overload(error: type[asyncpg.PostgresError]) -> None:
    """Nothing was done, and the same request succeeds once the other one is through: 503, with the time to wait."""
    problem = named(error("canceling statement"))
    assert isinstance(problem, Overloaded)
    assert (problem.status, problem.headers) == (503, {"Retry-After": "1"})
