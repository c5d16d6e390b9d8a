"""Taking documents in: what can be read as text is ready at once, anything else is refused by name."""

import hashlib
import re

import asyncpg
from litestar import Response

from gateway.caller import Caller
from gateway.clock import as_datetime
from gateway.errors import InvalidField, LimitReached, SourceNotFound
from gateway.features.courses import service as courses
from gateway.features.sources import store
from gateway.features.sources.schemas import CONTENT_BYTES_MAX, NewSource, Source
from gateway.http import Listing, Page, newest_before, newest_position
from gateway.ids import is_id, new_id
from gateway.once import Once
from gateway.services import Services
from gateway.stores import Connection
from gateway.webhooks.telling import tell

SOURCES_MAX = 20
"""Sources a course."""
COURSE_SOURCE_BYTES_MAX = 10 * 1024 * 1024
"""UTF-8 bytes a course: what one generation may read, since a generator's time and memory grow with it."""

_LETTER = re.compile(r"[^\W\d_]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
_STRAY_SHARE_MAX = 0.001
"""A text may hold a stray control or replacement character; a file that is full of them is binary."""


async def add(services: Services, caller: Caller, once: Once, course_id: str, data: NewSource) -> Response[Source]:
    """Add a document to a course that is not launched yet; text and Markdown are ready at once."""
    encoded = read_content(data.content)

    async def find(connection: Connection) -> None:
        await courses.get(connection, caller, course_id)

    async def effect(connection: Connection, _: None) -> Source:
        return await _insert(connection, caller, course_id, data, encoded, services.clock.now_ms())

    def location(source: Source) -> str:
        return f"/v1/courses/{course_id}/sources/{source.id}"

    return await once.run(effect, find=find, body=data, location=location)


async def _insert(
    connection: Connection, caller: Caller, course_id: str, data: NewSource, encoded: bytes, now_ms: int
) -> Source:
    course = await courses.get_locked(connection, caller, course_id, "edit_sources")
    center_id, env = caller.center.id, caller.env
    count, course_bytes = await store.count_and_bytes(connection, center_id, env, course_id)
    if count >= SOURCES_MAX:
        raise LimitReached(resource="sources", limit=SOURCES_MAX)
    if course_bytes + len(encoded) > COURSE_SOURCE_BYTES_MAX:
        raise LimitReached(resource="course_source_bytes", limit=COURSE_SOURCE_BYTES_MAX)
    ceiling, stored = await store.ceiling_and_bytes(connection, center_id, env)
    if stored + len(encoded) > ceiling:
        raise LimitReached(resource="source_bytes", limit=ceiling)
    row = await store.insert(
        connection,
        center_id,
        env,
        course_id,
        new_id("src", now_ms),
        name=data.name,
        media_type=data.media_type,
        size=len(encoded),
        sha256=hashlib.sha256(encoded).hexdigest(),
        content=data.content,
        now=as_datetime(now_ms),
    )
    await courses.touch(connection, caller, course_id, now_ms)
    source, place = render(row), (center_id, env)
    external_ref, request_id = course["external_ref"], caller.request_id
    await tell(
        connection, place, "source.ready", source.id, source, as_datetime(now_ms), request_id, external_ref=external_ref
    )
    return source


def read_content(content: str) -> bytes:
    """Return the content's UTF-8; raises InvalidField where it is no text that a course could be made of."""
    encoded = content.encode()
    if len(encoded) > CONTENT_BYTES_MAX:
        raise InvalidField("content", f"at most {CONTENT_BYTES_MAX} bytes of UTF-8; this has {len(encoded)}")
    if _LETTER.search(content) is None:
        raise InvalidField("content", "text: it holds no letter")
    stray_max = len(content) * _STRAY_SHARE_MAX
    if len(_CONTROL.findall(content)) > stray_max:
        raise InvalidField("content", "text: it is full of control characters, like a binary file")
    if content.count("\ufffd") > stray_max:
        raise InvalidField("content", "text in UTF-8: it was decoded with another encoding and lost characters")
    return encoded


async def get(connection: Connection, caller: Caller, course_id: str, source_id: str) -> Source:
    """Return one source of the caller's course; raises CourseNotFound, SourceNotFound."""
    await courses.get(connection, caller, course_id)
    row = None
    if is_id("src", source_id):
        row = await store.find(connection, caller.center.id, caller.env, course_id, source_id)
    if row is None:
        raise SourceNotFound
    return render(row)


async def newest(services: Services, caller: Caller, course_id: str, limit: int, cursor: str | None) -> Page[Source]:
    """Return a page of the course's sources, newest first."""
    route = f"/v1/courses/{course_id}/sources"
    listing = Listing(services.keyring, caller, route, now_ms=services.clock.now_ms())
    before = newest_before(listing.position(cursor))
    async with services.sql.session() as connection:
        await courses.get(connection, caller, course_id)
        rows = await store.newest(connection, caller.center.id, caller.env, course_id, before=before, limit=limit + 1)
    return listing.page(rows, limit, show=render, position=newest_position)


async def remove(connection: Connection, caller: Caller, course_id: str, source_id: str, now_ms: int) -> None:
    """Take a source away again, before the launch."""
    await get(connection, caller, course_id, source_id)
    await courses.get_locked(connection, caller, course_id, "edit_sources")
    if not await store.delete(connection, caller.center.id, caller.env, course_id, source_id):
        raise SourceNotFound
    await courses.touch(connection, caller, course_id, now_ms)


def render(row: asyncpg.Record) -> Source:
    """Show a source's row."""
    return Source(**dict(row))
