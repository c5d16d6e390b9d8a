"""HTTP as this API speaks it: strict bodies in, plain Structs out, lists with signed cursors."""

from gateway.http.bodies import ConfidentialRequest, GatewayRequest, Request
from gateway.http.lists import Cursor, Limit, Listing, Page, instant, micros, newest_before, newest_position

__all__ = [
    "ConfidentialRequest",
    "Cursor",
    "GatewayRequest",
    "Limit",
    "Listing",
    "Page",
    "Request",
    "instant",
    "micros",
    "newest_before",
    "newest_position",
]
