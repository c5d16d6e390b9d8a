"""Published versions, ready to grade: read and compiled once a process, since a version never changes."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from typing import Final, TypeAlias

import msgspec
from msgspec import Struct

from gateway.assessment_settings import AssessmentSettings
from gateway.errors import AssessmentNotFound, AssessmentNotPublished
from gateway.ids import is_id
from gateway.stores import Connection, Record
from grading.faults import Unloadable
from grading.model import Item
from grading.submission import CompiledAssessment, load_all

CACHE_BYTES_MAX: Final = 134_217_728
"""About how much memory compiled versions may take in one process."""

WEIGHT: Final = 16
"""About how many bytes a compiled version takes for each byte of its JSON."""

HINT_SECONDS: Final = 1.0
"""For how long a process believes that an assessment's newest version is still the newest."""

LARGE_BYTES: Final = 32_768
"""Items beyond this size are compiled in a thread: other requests go on meanwhile."""

items_decoder: Final = msgspec.json.Decoder(tuple[Item, ...])
settings_decoder: Final = msgspec.json.Decoder(AssessmentSettings)

Name: TypeAlias = tuple[str, str, str]
"""Center, env and id of an assessment."""


class Published(Struct, frozen=True, kw_only=True):
    """One frozen version. `exam` grades, `items` are as authored, with their keys; `points_cents` is what they add up to.

    `rule`: SHA-256, in hex, of items and settings as they are stored: what a record of a grade names as its rule.
    """

    assessment_id: str
    version: int
    title: str
    description: str
    settings: AssessmentSettings
    items: tuple[Item, ...]
    exam: CompiledAssessment
    points_cents: int
    rule: str


class UngradableVersion(Exception):
    """A version that was published under rules which no longer hold; the text names it, never what is in it."""


class PublishedVersions:
    """The versions that this process used lately, each center's own, least used ones forgotten first."""

    def __init__(self, monotonic_seconds: Callable[[], float], *, bytes_max: int = CACHE_BYTES_MAX) -> None:
        self._monotonic_seconds = monotonic_seconds
        self._bytes_max = bytes_max
        self._bytes = 0
        self._kept: OrderedDict[tuple[Name, int], tuple[Published, int]] = OrderedDict()
        self._hints: OrderedDict[Name, tuple[int, float]] = OrderedDict()

    async def version(
        self, connection: Connection, center_id: str, env: str, assessment_id: str, version: int
    ) -> Published:
        """Return this very version; no statement where it is kept. Raises AssessmentNotFound."""
        name = (center_id, env, assessment_id)
        kept = self.kept(name, version)
        if kept is not None:
            return kept
        row = await connection.fetchrow(_VERSION, center_id, env, assessment_id, version)
        if row is None:
            raise AssessmentNotFound
        found = await _ready(row)
        self._keep((name, version), found, WEIGHT * len(row["items"]))
        return found

    async def current(
        self, connection: Connection, center_id: str, env: str, assessment_id: str, *, fresh: bool = False
    ) -> Published:
        """Return the version that learners get now; `fresh` asks the database, else it may be a second old: whoever
        writes by it lets SQL look at `published_version` and status again. Raises AssessmentNotFound, AssessmentNotPublished.
        """
        if not is_id("asmt", assessment_id):
            raise AssessmentNotFound
        name = (center_id, env, assessment_id)
        if not fresh and (hinted := self.hinted(name)) is not None:
            return hinted
        row = await connection.fetchrow(_POINTER, center_id, env, assessment_id)
        if row is None:
            self._hints.pop(name, None)
            raise AssessmentNotFound
        if row["status"] != "published":
            self._hints.pop(name, None)
            raise AssessmentNotPublished
        found = await self.version(connection, center_id, env, assessment_id, row["published_version"])
        self.hint(name, found.version)
        return found

    def hint(self, name: Name, version: int) -> None:
        """Note the newest published version, as the database said just now."""
        self._hints[name] = (version, self._monotonic_seconds() + HINT_SECONDS)
        self._hints.move_to_end(name)
        if len(self._hints) > _HINTS_MAX:
            self._hints.popitem(last=False)

    def hinted(self, name: Name) -> Published | None:
        """Return what `current` would without asking anybody; None where it would ask."""
        version, until = self._hints.get(name, (0, 0.0))
        if self._monotonic_seconds() >= until:
            return None
        return self.kept(name, version)

    def kept(self, name: Name, version: int) -> Published | None:
        """Return this very version if it is at hand."""
        kept = self._kept.get((name, version))
        if kept is None:
            return None
        self._kept.move_to_end((name, version))
        return kept[0]

    def _keep(self, key: tuple[Name, int], found: Published, weight: int) -> None:
        self._bytes += weight - self._kept.pop(key, (found, 0))[1]
        self._kept[key] = (found, weight)
        while self._bytes > self._bytes_max and len(self._kept) > 1:
            _, (_, forgotten) = self._kept.popitem(last=False)
            self._bytes -= forgotten


_HINTS_MAX: Final = 10_000

_POINTER: Final = "select status, published_version from assessment where center_id = $1 and env = $2 and id = $3"

_VERSION: Final = """
select * from assessment_version where center_id = $1 and env = $2 and assessment_id = $3 and version = $4"""


async def _ready(row: Record) -> Published:
    if len(row["items"]) > LARGE_BYTES:
        return await asyncio.to_thread(_compiled, row)
    return _compiled(row)


def _compiled(row: Record) -> Published:
    name = f"{row['assessment_id']} version {row['version']}"
    try:
        items = items_decoder.decode(row["items"])
    except msgspec.ValidationError:
        raise UngradableVersion(f"{name}: its items are no longer read") from None
    exam = load_all(items)
    if isinstance(exam, Unloadable):
        raise UngradableVersion(f"{name}: {len(exam.flaws)} flaws")
    return Published(
        assessment_id=row["assessment_id"],
        version=row["version"],
        title=row["title"],
        description=row["description"],
        settings=settings_decoder.decode(row["settings"]),
        items=items,
        exam=exam,
        points_cents=row["points_cents"],
        rule=sha256(row["items"] + row["settings"]).hexdigest(),
    )


async def assessment_exists(connection: Connection, center_id: str, env: str, assessment_id: str) -> bool:
    """Whether there is such an assessment, in whatever state."""
    query = "select true from assessment where center_id = $1 and env = $2 and id = $3"
    return await connection.fetchval(query, center_id, env, assessment_id) is True
