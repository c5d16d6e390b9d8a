"""A webhook's secrets as the database keeps them: sealed, and bound to their own row and center."""

from typing import Final

from gateway.keyring import Keyring

TABLE: Final = "webhook_secret"


def seal(keyring: Keyring, secret: bytes, *, center_id: str, webhook_id: str, number: int) -> bytes:
    """What is stored of the webhook's secret with this number."""
    return keyring.seal(secret, table=TABLE, row=f"{webhook_id}:{number}", center=center_id)


def unseal(keyring: Keyring, sealed: bytes, *, center_id: str, webhook_id: str, number: int) -> bytes:
    """The secret. Raises Unreadable."""
    return keyring.unseal(sealed, table=TABLE, row=f"{webhook_id}:{number}", center=center_id)
