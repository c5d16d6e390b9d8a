"""How a learner's session is looked up."""

from datetime import UTC, datetime

import asyncpg

from gateway.pipeline import learners_in


async def test_a_session_is_found_by_its_credential_alone(database: "asyncpg.Pool[asyncpg.Record]") -> None:
    """Also on tables that nobody has analyzed yet: a class that has just begun is not gone through at every save."""
    query = f"explain {learners_in._READ}"
    plan = "\n".join(row[0] for row in await database.fetch(query, [b"x" * 32], [datetime(2026, 3, 1, tzinfo=UTC)]))
    assert "using learner_session_credential_hash_key on learner_session" in plan
    assert "learner_session_due" not in plan
