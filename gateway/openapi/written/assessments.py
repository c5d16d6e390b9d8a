"""An assessment of two questions, and one attempt at it from its beginning to its grade."""

from typing import Any, Final

from gateway.openapi.words import TAIL

_SETTINGS: Final = {
    "max_attempts": 3,
    "checks_per_question": 2,
    "pass_percent": 60,
    "autosave": "resumable",
    "time_limit_seconds": 1800,
    "keep": "best",
    "penalty_per_try": 0.0,
    "feedback": "parts",
    "feedback_at": "each_attempt",
    "shuffle": False,
}
AUTHORED: Final = [
    {
        "type": "single_choice",
        "id": "q1",
        "points": "2.00",
        "content": {
            "stem": "What happens to a `String` that is assigned to a second variable?",
            "choices": [{"id": "a", "text": "It is moved."}, {"id": "b", "text": "It is copied."}],
        },
        "key": {"correct": "a"},
    },
    {
        "type": "multiple_choice",
        "id": "q2",
        "points": "1.00",
        "content": {
            "stem": "Which of these are copied when they are assigned?",
            "choices": [
                {"id": "a", "text": "`i32`"},
                {"id": "b", "text": "`Vec<u8>`"},
                {"id": "c", "text": "`bool`"},
            ],
        },
        "key": {"correct": ["a", "c"]},
    },
]
"""Questions with their keys."""

_SHOWN: Final = [
    {name: value for name, value in item.items() if name != "key"} | {"floor": 0.0, "allow_blank": False}
    for item in AUTHORED
]
ANSWERS: Final = [
    {"item_id": "q1", "answer": {"type": "single_choice", "choice": "a"}},
    {"item_id": "q2", "answer": {"type": "multiple_choice", "choices": ["a"]}},
]
"""The first is right, the second half of it."""

RESULTS: Final = [
    {
        "item_id": "q1",
        "score": "2.00",
        "max_score": "2.00",
        "fraction": 1.0,
        "state": "right",
        "parts": None,
        "notices": [],
    },
    {
        "item_id": "q2",
        "score": "0.50",
        "max_score": "1.00",
        "fraction": 0.5,
        "state": "partial",
        "parts": [{"id": "a", "state": "right"}],
        "notices": [],
    },
]
"""What the answers earn."""

NEW: Final = {"title": "Ownership in Rust", "description": "From moves to slices.", "course_id": None}
_SUMMARY: Final = {
    "object": "assessment",
    "id": f"asmt_{TAIL}",
    **NEW,
    "status": "published",
    "version": 1,
    "published_version": 1,
    "points_total": "3.00",
    "settings": _SETTINGS,
    "created_at": "2026-11-21T09:30:00Z",
    "updated_at": "2026-11-21T09:34:10Z",
    "published_at": "2026-11-21T09:34:10Z",
    "archived_at": None,
}
_PUBLISHED: Final = _SUMMARY | {"items": _SHOWN}
_DRAFT: Final = {"status": "draft", "published_version": None, "published_at": None}
_EDIT: Final = {"title": "Ownership in Rust, again", "settings": {"pass_percent": 70}}
_EDITED: Final = {
    "title": _EDIT["title"],
    "version": 2,
    "settings": _SETTINGS | {"pass_percent": 70},
    "updated_at": "2026-11-22T08:00:00Z",
}
_ARCHIVED: Final = {
    "status": "archived",
    "updated_at": "2026-12-20T16:00:00Z",
    "archived_at": "2026-12-20T16:00:00Z",
}

SUBMISSION: Final = {
    "object": "submission",
    "id": f"sub_{TAIL}",
    "assessment_id": f"asmt_{TAIL}",
    "assessment_version": 1,
    "learner_ref": "learner-4711",
    "attempt": 1,
    "status": "graded",
    "source": "api",
    "regrade_of": None,
    "sequence": 1,
    "score": "2.50",
    "max_score": "3.00",
    "percent": 83,
    "passed": True,
    "created_at": "2026-11-23T10:00:00Z",
    "started_at": "2026-11-23T10:00:00Z",
    "expires_at": "2026-11-23T10:30:00Z",
    "submitted_at": "2026-11-23T10:12:40Z",
    "graded_at": "2026-11-23T10:12:40Z",
}
"""The attempt, graded."""

SAVED: Final = SUBMISSION | {
    "status": "in_progress",
    "score": None,
    "percent": None,
    "passed": None,
    "submitted_at": None,
    "graded_at": None,
}
"""The attempt after its first save."""

_AT_ONCE: Final = SUBMISSION | {
    "sequence": 0,
    "started_at": "2026-11-23T10:12:40Z",
    "created_at": "2026-11-23T10:12:40Z",
    "expires_at": None,
}
_QUESTIONS: Final = {"title": NEW["title"], "items": _SHOWN}
_BEGUN: Final = SAVED | {"sequence": 0} | _QUESTIONS | {"answers": []}
_RESUMED: Final = SAVED | _QUESTIONS | {"answers": ANSWERS}
IN_FULL_UNDER_WAY: Final = _RESUMED | {"results": None, "answer_changes": []}
"""The attempt as its player shows it."""

_CHANGES: Final = [{"item_id": "q2", "changes": 2}]
_IN_FULL: Final = SUBMISSION | _QUESTIONS | {"answers": ANSWERS, "results": RESULTS, "answer_changes": _CHANGES}
_RESULT: Final = SUBMISSION | {"counts": True, "regraded_as": None}
_ESSAY: Final = SUBMISSION | {"score": "7.50", "max_score": "10.00", "percent": 75, "graded_at": "2026-11-24T14:00:00Z"}
_REVIEW: Final = {
    "object": "review",
    "id": f"rvw_{TAIL}",
    "submission_id": f"sub_{TAIL}",
    "item_id": "essay-1",
    "score": "7.50",
    "max_score": "10.00",
    "comment": "Well argued; the second source is missing.",
    "reviewer": f"key_{TAIL}",
    "created_at": "2026-11-24T14:00:00Z",
}
_REGRADE: Final = {
    "object": "regrade",
    "id": f"rgr_{TAIL}",
    "assessment_id": f"asmt_{TAIL}",
    "from_version": 1,
    "to_version": 2,
    "policy": "never_lower",
    "status": "succeeded",
    "regraded": 21,
    "kept": 3,
    "pending": 0,
    "failure": None,
    "created_at": "2026-11-25T08:00:00Z",
    "started_at": "2026-11-25T08:00:00Z",
    "finished_at": "2026-11-25T08:00:02Z",
}
_ASKED: Final = {"status": "queued", "regraded": 0, "kept": 0, "pending": 24, "started_at": None, "finished_at": None}
_STATISTICS: Final = {
    "object": "statistics",
    "assessment_id": f"asmt_{TAIL}",
    "version": 1,
    "attempts": 24,
    "items": [
        {
            "item_id": "q1",
            "facility": 0.75,
            "discrimination": 0.42,
            "choice_counts": [{"part": None, "choice": "a", "count": 18}, {"part": None, "choice": "b", "count": 6}],
        }
    ],
    "computed_at": "2026-11-24T18:00:00Z",
}
_EVENT: Final = {
    "id": "4f6e-17",
    "type": "answer_change",
    "item_id": "q2",
    "at": "2026-11-23T10:05:12Z",
    "payload": {"seconds": 12},
}
_EXPORTED: Final = SUBMISSION | {
    "regraded_as": None,
    "erased_at": None,
    "answers": ANSWERS,
    "results": RESULTS,
    "reviews": [],
    "events": [_EVENT | {"received_at": "2026-11-23T10:05:13Z"}],
}

BY_KIND: Final[dict[str, Any]] = {
    "NewAssessment": NEW | {"items": AUTHORED, "settings": _SETTINGS},
    "AssessmentEdit": _EDIT,
    "Assessment": _PUBLISHED,
    "AssessmentSummary": _SUMMARY,
    "AuthoredAssessment": _SUMMARY | {"items": AUTHORED},
    "Submission": SUBMISSION,
    "gateway.features.submissions.schemas.Attempt": _BEGUN,
    "SubmissionInFull": _IN_FULL,
    "SubmissionForReview": _IN_FULL | {"results": [each | {"suggestion": None} for each in RESULTS]},
    "SubmittedAttempt": SUBMISSION | {"results": RESULTS},
    "SubmissionResult": _RESULT,
    "SubmitAtOnce": {"answers": ANSWERS, "learner_ref": "learner-4711"},
    "SaveAnswers": {"sequence": 1, "answers": ANSWERS},
    "Submit": {"answers": ANSWERS},
    "Trial": {"items": AUTHORED, "answers": ANSWERS},
    "Grading": {
        "object": "grading",
        "results": RESULTS,
        "score": "2.50",
        "max_score": "3.00",
        "percent": 83,
        "awaiting_review": False,
    },
    "Checked": {
        "state": "right",
        "checks_left": 1,
        "correct": True,
        "score": "2.00",
        "max_score": "2.00",
        "parts": None,
        "notices": [],
    },
    "Validation": {"object": "validation", "valid": True, "points_total": "3.00", "flaws": []},
    "NewReview": {name: _REVIEW[name] for name in ("item_id", "score", "comment")},
    "Review": _REVIEW,
    "ReviewTaken": _REVIEW | {"submission": _ESSAY},
    "Regrade": _REGRADE,
    "Statistics": _STATISTICS,
    "NewEvent": _EVENT,
    "LearnerExport": {
        "object": "learner_export",
        "learner_ref": "learner-4711",
        "created_at": "2026-11-25T09:00:00Z",
        "submissions": [_EXPORTED],
        "checks": [{"assessment_id": f"asmt_{TAIL}", "item_id": "q1", "used": 1, "tries": 0}],
        "sessions": [],
    },
}
BY_ROUTE: Final[dict[tuple[str, int], Any]] = {
    ("POST /v1/assessments", 201): _PUBLISHED | _DRAFT | {"updated_at": _SUMMARY["created_at"]},
    ("PATCH /v1/assessments/{assessment_id}", 200): _PUBLISHED | _EDITED,
    ("POST /v1/assessments/{assessment_id}/archive", 200): _PUBLISHED | _ARCHIVED,
    ("POST /v1/assessments/{assessment_id}/regrade", 202): _REGRADE | _ASKED,
    ("POST /v1/assessments/{assessment_id}/submissions", 200): _RESUMED,
    ("POST /v1/assessments/{assessment_id}/submit", 200): _AT_ONCE | {"results": RESULTS},
    ("POST /v1/assessments/{assessment_id}/submit", 201): _AT_ONCE | {"results": RESULTS},
    ("PUT /v1/submissions/{submission_id}/answers", 200): SAVED,
}
