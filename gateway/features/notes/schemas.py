"""What is said of an artifact, and what became of it."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from gateway.features.courses.schemas import Failure
from gateway.http import Request

NoteText = Annotated[str, Meta(min_length=1, max_length=4000, pattern=r"\S")]


class NewNote(Request, frozen=True):
    """Body of `POST /v1/artifacts/{artifact_id}/notes`: what shall be different."""

    text: NoteText


class Regeneration(Struct, frozen=True):
    """What became of a note: its artifact is made again, after those that were asked for before."""

    id: str
    status: Literal["queued", "running", "succeeded", "failed"]
    failure: Failure | None


class Note(Struct, frozen=True, kw_only=True):
    """What someone wants different about an artifact. `regeneration` is null where a cap was reached."""

    object: Literal["note"] = "note"
    id: str
    artifact_id: str
    text: str
    author: str | None
    regeneration: Regeneration | None
    created_at: datetime


class NoteTaken(Struct, frozen=True):
    """The answer to a note that is being followed."""

    note: Note
