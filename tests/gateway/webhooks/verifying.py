"""A second verifier of Standard Webhooks, written from its specification and not from its library."""

import base64
import hashlib
import hmac
from collections.abc import Mapping


def raw(shown: str) -> bytes:
    """The bytes of a `whsec_…`."""
    return base64.b64decode(shown.removeprefix("whsec_"), validate=True)


def is_genuine(secret: bytes, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether one of the signatures is that of id, time and the very body."""
    signed = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
    expected = "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(expected, given) for given in headers["webhook-signature"].split(" "))
