"""A course from its brief to its artifacts, and what it uses of its center's month."""

from hashlib import sha256
from typing import Any, Final

from gateway.openapi.words import TAIL

_BRIEF: Final = {
    "topic": "Ownership in Rust",
    "audience": "programmers who know another language",
    "level": "intermediate",
    "language": "en",
    "objectives": ["explain moves and borrows"],
    "modules": 4,
    "questions_per_module": 5,
    "tone": "neutral",
    "artifacts": ["slides", "notes", "quiz"],
}
_AWAITING: Final = {
    "object": "course",
    "id": f"crs_{TAIL}",
    "title": "Ownership in Rust",
    "status": "awaiting_launch",
    "external_ref": "lms-course-17",
    "preset_id": f"prst_{TAIL}",
    "brief": _BRIEF,
    "generation": None,
    "created_at": "2026-11-21T09:00:00Z",
    "updated_at": "2026-11-21T09:20:00Z",
    "launched_at": None,
    "finished_at": None,
}
_QUEUED: Final = {
    "object": "generation",
    "id": f"gen_{TAIL}",
    "status": "queued",
    "attempt": 1,
    "cancel_requested": False,
    "units_held": 4,
    "units_settled": 0,
    "units_released": 0,
    "progress": {"phase": "queued", "modules_done": 0, "modules_total": 4, "percent": 0},
    "created_at": "2026-11-21T09:30:00Z",
    "started_at": None,
    "finished_at": None,
    "failure": None,
}
_GENERATING: Final = _AWAITING | {
    "status": "generating",
    "generation": _QUEUED,
    "updated_at": "2026-11-21T09:30:00Z",
    "launched_at": "2026-11-21T09:30:00Z",
}
_CANCELED: Final = _GENERATING | {
    "status": "canceled",
    "generation": _QUEUED
    | {
        "status": "canceled",
        "cancel_requested": True,
        "units_held": 0,
        "units_released": 4,
        "finished_at": "2026-11-21T09:30:04Z",
    },
    "updated_at": "2026-11-21T09:30:04Z",
    "finished_at": "2026-11-21T09:30:04Z",
}
_SUCCEEDED: Final = _QUEUED | {
    "status": "succeeded",
    "units_held": 0,
    "units_settled": 4,
    "progress": {"phase": "done", "modules_done": 4, "modules_total": 4, "percent": 100},
    "started_at": "2026-11-21T09:30:01Z",
    "finished_at": "2026-11-21T09:30:26Z",
}
_READY: Final = _GENERATING | {
    "status": "ready",
    "generation": _SUCCEEDED,
    "updated_at": "2026-11-21T09:30:26Z",
    "finished_at": "2026-11-21T09:30:26Z",
}

_OUTLINE: Final = {
    "object": "outline",
    "id": f"crs_{TAIL}",
    "version": 1,
    "title": "Ownership in Rust",
    "description": "From moves to slices.",
    "modules": [
        {
            "index": 0,
            "title": "Moves",
            "summary": "Every value has one owner, and an assignment may pass it on.",
            "objectives": ["tell a move from a copy"],
            "source_refs": [{"source_id": f"src_{TAIL}", "start": 0, "end": 1840}],
        },
        {
            "index": 1,
            "title": "Borrows",
            "summary": "A reference leaves the owner where it is.",
            "objectives": ["lend a value and take it back"],
            "source_refs": [{"source_id": f"src_{TAIL}", "start": 1840, "end": 3912}],
        },
    ],
    "created_at": "2026-11-21T09:30:02Z",
}
_NOTES: Final = "# Moves\n\nEvery value in Rust has one owner.\n"
_ARTIFACT: Final = {
    "object": "artifact",
    "id": f"art_{TAIL}",
    "course_id": f"crs_{TAIL}",
    "module_index": 0,
    "kind": "notes",
    "version": 1,
    "status": "ready",
    "media_type": "text/markdown",
    "bytes": len(_NOTES),
    "remark": None,
    "regenerations": {"used": 0, "cap": 20},
    "approved_at": None,
    "created_at": "2026-11-21T09:30:08Z",
    "updated_at": "2026-11-21T09:30:08Z",
}
_VERSION: Final = {
    "object": "artifact_version",
    "id": f"art_{TAIL}",
    "version": 1,
    "kind": "notes",
    "media_type": "text/markdown",
    "bytes": len(_NOTES),
    "remark": None,
    "note_id": None,
    "created_at": "2026-11-21T09:30:08Z",
}
_NOTE: Final = {
    "object": "note",
    "id": f"note_{TAIL}",
    "artifact_id": f"art_{TAIL}",
    "text": "Please add an example about slices.",
    "author": f"key_{TAIL}",
    "regeneration": {"id": f"rgn_{TAIL}", "status": "succeeded", "failure": None},
    "created_at": "2026-11-21T10:00:00Z",
}

_DOCUMENT: Final = "# Ownership\n\nEach value in Rust has an owner.\n"
_SOURCE: Final = {
    "object": "source",
    "id": f"src_{TAIL}",
    "course_id": f"crs_{TAIL}",
    "name": "ownership.md",
    "media_type": "text/markdown",
    "bytes": len(_DOCUMENT),
    "sha256": sha256(_DOCUMENT.encode()).hexdigest(),
    "status": "ready",
    "failure": None,
    "created_at": "2026-11-21T09:10:00Z",
}

BY_KIND: Final[dict[str, Any]] = {
    "Course": _READY,
    "NewSource": {"name": "ownership.md", "media_type": "text/markdown", "content": _DOCUMENT},
    "Source": _SOURCE,
    "Outline": _OUTLINE,
    "Artifact": _ARTIFACT,
    "ArtifactVersion": _VERSION,
    "Note": _NOTE,
    "NoteTaken": {"note": _NOTE | {"regeneration": {"id": f"rgn_{TAIL}", "status": "queued", "failure": None}}},
    "Usage": {
        "object": "usage",
        "period": {
            "start": "2026-11-01T00:00:00Z",
            "end": "2026-12-01T00:00:00Z",
            "resets_at": "2026-12-01T00:00:00Z",
        },
        "meters": {
            "generation": {"limit": 500, "settled": 196, "held": 4, "remaining": 300, "percent": 40},
            "regenerations": {"limit": 1000, "settled": 12, "held": 0, "remaining": 988, "percent": 1},
        },
        "rate_limit": {"limit": 100, "remaining": 41, "resets_at": "2026-11-21T09:30:42Z"},
        "concurrent_generations": {"limit": 8, "running": 1},
        "plan": "pro",
        "source": "mirror",
    },
}
BY_ROUTE: Final[dict[tuple[str, int], Any]] = {
    ("POST /v1/courses", 201): _AWAITING | {"updated_at": _AWAITING["created_at"]},
    ("PATCH /v1/courses/{course_id}", 200): _AWAITING,
    ("PUT /v1/courses/{course_id}/brief", 200): _AWAITING,
    ("POST /v1/courses/{course_id}/launch", 202): _GENERATING,
    ("POST /v1/courses/{course_id}/cancel", 200): _CANCELED,
    ("GET /v1/artifacts/{artifact_id}", 200): _ARTIFACT | {"content": _NOTES},
    ("GET /v1/artifacts/{artifact_id}/versions/{version}", 200): _VERSION | {"content": _NOTES},
}
