"""The schema: plain SQL files `NNNN_what.sql`, forward only, each applied once and in one transaction."""

from gateway.migrations.plan_rows import write_plans
from gateway.migrations.runner import (
    Migration,
    MigrationFailed,
    migrate,
    migrations,
    migrations_current,
    missing_migrations,
)

__all__ = [
    "Migration",
    "MigrationFailed",
    "migrate",
    "migrations",
    "migrations_current",
    "missing_migrations",
    "write_plans",
]
