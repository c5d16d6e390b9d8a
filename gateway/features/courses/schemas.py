"""What a course looks like to its callers, and what they may say of one."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from gateway.briefs import PartialBrief
from gateway.generation.model import Brief
from gateway.http import Request
from gateway.http.texts import VISIBLE, Title
from gateway.states import CourseStatus

ExternalRef = Annotated[str, Meta(min_length=1, max_length=128, pattern=VISIBLE)]


class NewCourse(Request, frozen=True, kw_only=True):
    """Body of `POST /v1/courses`; the brief is the preset's, overlaid by the fields given here."""

    title: Title | None = None
    external_ref: ExternalRef | None = None
    preset_id: str | None = None
    brief: PartialBrief | None = None


class CourseEdit(Request, frozen=True, kw_only=True):
    """Body of `PATCH /v1/courses/{course_id}`: what is absent stays; `null` empties title and external_ref."""

    title: Title | UnsetType | None = UNSET
    external_ref: ExternalRef | UnsetType | None = UNSET
    brief: PartialBrief | UnsetType = UNSET


class Progress(Struct, frozen=True):
    """How far a generation is; `percent` counts finished modules."""

    phase: Literal["queued", "outline", "modules", "done"]
    modules_done: int
    modules_total: int
    percent: int


class Failure(Struct, frozen=True):
    """Why a generation ended without its course, and whether trying again may help."""

    code: Literal["generator_error", "generator_timeout", "worker_lost", "source_unreadable"]
    message: str
    retryable: bool


class Generation(Struct, frozen=True, kw_only=True):
    """The making of a course: units are modules, held at launch and settled as they are done."""

    object: Literal["generation"] = "generation"
    id: str
    status: Literal["queued", "running", "paused", "succeeded", "failed", "canceled"]
    attempt: int
    cancel_requested: bool
    units_held: int
    units_settled: int
    units_released: int
    progress: Progress
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    failure: Failure | None


class Course(Struct, frozen=True, kw_only=True):
    """A course as shown; its contents are the outline and the artifacts."""

    object: Literal["course"] = "course"
    id: str
    title: str | None
    status: CourseStatus
    external_ref: str | None
    preset_id: str | None
    brief: Brief | None
    generation: Generation | None
    created_at: datetime
    updated_at: datetime
    launched_at: datetime | None
    finished_at: datetime | None
