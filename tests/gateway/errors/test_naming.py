"""What an exception is called on its way out."""

import asyncpg
import pytest

from gateway.errors import CourseNotFound, Overloaded, RateLimited
from gateway.errors.render import named, page_of


@pytest.mark.parametrize("error", [asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError])
def test_a_lock_that_was_not_to_be_had_is_overload(error: type[asyncpg.PostgresError]) -> None:
    """Nothing was done, and the same request succeeds once the other one is through: 503, with the time to wait."""
    problem = named(error("canceling statement"))
    assert isinstance(problem, Overloaded)
    assert (problem.status, problem.headers) == (503, {"Retry-After": "1"})


def test_an_errors_page_is_a_uri() -> None:
    """`type` of RFC 9457 is one for every code, that of a rate limit too; its fragment is the row's id, escaped."""
    assert page_of(CourseNotFound, "https://gateway.test/") == "https://gateway.test/docs#course_not_found"
    assert page_of(RateLimited, "https://gateway.test") == "https://gateway.test/docs#retry_after_%3Cn%3E"
