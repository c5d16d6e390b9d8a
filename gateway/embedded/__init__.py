"""Real Valkey and PostgreSQL out of Python packages, for one machine and one user (`coursegate dev`, `demo`, tests)."""

from gateway.embedded.failure import EmbeddedFailure
from gateway.embedded.stores import EmbeddedStores

__all__ = ["EmbeddedFailure", "EmbeddedStores"]
