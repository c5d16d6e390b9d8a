"""Documents that courses are made of."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from gateway.http import Request
from gateway.http.texts import Title

CONTENT_BYTES_MAX = 5 * 1024 * 1024
"""UTF-8 bytes of one source's content."""

MediaType = Literal["text/plain", "text/markdown"]


class NewSource(Request, frozen=True, kw_only=True):
    """Body of `POST /v1/courses/{course_id}/sources`."""

    name: Title
    media_type: MediaType
    content: str


class Source(Struct, frozen=True, kw_only=True):
    """A source as shown: what it is called and its fingerprint, never its content."""

    object: Literal["source"] = "source"
    id: str
    course_id: str
    name: str
    media_type: MediaType
    bytes: int
    sha256: str
    status: Literal["ready"] = "ready"
    failure: None = None
    created_at: datetime
