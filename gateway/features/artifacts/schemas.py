"""What a course consists of, as its callers see it; quiz items, which hold answer keys, are in none of it."""

from datetime import datetime
from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from gateway.generation.model import ArtifactKind, OutlineModule


class Regenerations(Struct, frozen=True):
    """How often this artifact was made again, held ones included, and how often it may be; `cap` null = unlimited."""

    used: int
    cap: int | None


class Artifact(Struct, frozen=True, kw_only=True):
    """One thing a module is made of, in its newest version.

    `content` is shown by `GET /v1/artifacts/{artifact_id}` alone. A quiz has an `assessment_id` instead, null where
    nothing in it can be asked or its assessment was deleted. `remark` says what was left out on purpose, such as
    questions too doubtful to ask.
    """

    object: Literal["artifact"] = "artifact"
    id: str
    course_id: str
    module_index: int
    kind: ArtifactKind
    version: int
    status: Literal["ready", "regenerating", "failed"]
    media_type: str
    bytes: int
    content: str | UnsetType = UNSET
    assessment_id: str | UnsetType | None = UNSET
    remark: str | None
    regenerations: Regenerations
    approved_at: datetime | None
    created_at: datetime
    updated_at: datetime


class ArtifactVersion(Struct, frozen=True, kw_only=True):
    """One version of an artifact; every one is kept. `id` is the artifact's, `note_id` the note that asked for it.

    `content` is shown by `GET /v1/artifacts/{artifact_id}/versions/{version}` alone, and never for a quiz: that has the
    version of its assessment that it became.
    """

    object: Literal["artifact_version"] = "artifact_version"
    id: str
    version: int
    kind: ArtifactKind
    media_type: str
    bytes: int
    content: str | UnsetType = UNSET
    assessment_id: str | UnsetType | None = UNSET
    assessment_version: int | UnsetType | None = UNSET
    remark: str | None
    note_id: str | None
    created_at: datetime


class Outline(Struct, frozen=True, kw_only=True):
    """The course in order. `id` is the course's; spans count code points of a source's text, half-open."""

    object: Literal["outline"] = "outline"
    id: str
    version: int
    title: str
    description: str
    modules: list[OutlineModule]
    created_at: datetime
