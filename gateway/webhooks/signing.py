"""Signatures as Standard Webhooks 1.0.0 has them: an HMAC over id, time and the very bytes that are sent."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from typing import Final

PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 32


def new_secret() -> bytes:
    """A fresh secret."""
    return secrets.token_bytes(SECRET_BYTES)


def shown_secret(secret: bytes) -> str:
    """A secret as its owner keeps it."""
    return PREFIX + base64.b64encode(secret).decode()


def signed_headers(event_id: str, sent_seconds: int, body: bytes, active: Sequence[bytes]) -> dict[str, str]:
    """The headers of one attempt: the event's id, the same on every attempt, the attempt's time in whole seconds since
    1970, and a signature by each active secret, the newest first.
    """
    message = b"%b.%d." % (event_id.encode("ascii"), sent_seconds) + body
    signatures = [base64.b64encode(hmac.digest(secret, message, hashlib.sha256)).decode() for secret in active]
    return {
        "Content-Type": "application/json",
        "webhook-id": event_id,
        "webhook-timestamp": str(sent_seconds),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
