"""A learner in a browser: the token that lets one in, and the session that it is spent for."""

from typing import Any, Final

from gateway.openapi.words import TAIL
from gateway.openapi.written.assessments import IN_FULL_UNDER_WAY
from gateway.openapi.written.centers import THEME

_TOKEN: Final = {
    "object": "embed_token",
    "id": f"tok_{TAIL}",
    "token": "cge_<43 characters>",
    "url": "https://gateway.example/embed/cge_<43 characters>",
    "assessment_id": f"asmt_{TAIL}",
    "learner_ref": "learner-4711",
    "origin": "https://learn.example.com",
    "created_at": "2026-11-23T09:59:30Z",
    "expires_at": "2026-11-23T10:04:30Z",
}
_SESSION: Final = {
    "object": "session",
    "id": f"ses_{TAIL}",
    "status": "open",
    "submission_id": f"sub_{TAIL}",
    "assessment_id": f"asmt_{TAIL}",
    "origin": "https://learn.example.com",
    "page": f"/embed/ses_{TAIL}.<22 characters>",
    "created_at": "2026-11-23T10:00:00Z",
    "expires_at": "2026-11-23T12:00:00Z",
    "ended_at": None,
}
_SETTINGS: Final = {
    "checks_per_question": 2,
    "feedback": "parts",
    "feedback_at": "each_attempt",
    "autosave": "resumable",
    "max_attempts": 3,
    "pass_percent": 60,
    "time_limit_seconds": 1800,
}
_PLAYER: Final = {
    "object": "player",
    "now": "2026-11-23T10:06:00Z",
    "locale": "en",
    "center_name": "North Academy",
    "theme": THEME,
    "settings": _SETTINGS,
    "attempts_left": 2,
    "checks_left": {"q1": 1, "q2": 2},
    "description": "From moves to slices.",
    "rich": {"`i32`": [["code", {}, ["i32"]]]},
    "submission": IN_FULL_UNDER_WAY | {"source": "embed"},
}
_OPENED: Final = _PLAYER | {
    "now": "2026-11-23T10:00:00Z",
    "checks_left": {"q1": 2, "q2": 2},
    "submission": IN_FULL_UNDER_WAY | {"source": "embed", "sequence": 0, "answers": []},
}
_ENDED: Final = {"status": "ended", "ended_at": "2026-11-23T10:13:00Z"}

BY_KIND: Final[dict[str, Any]] = {
    "ShownTheme": THEME,
    "ThemeEdit": {"primary": "#1a5fb4", "background": None},
    "EmbedToken": _TOKEN,
    "Session": _SESSION,
    "SessionWithPlayer": _SESSION | {"player": _PLAYER},
    "OpenedSession": _SESSION | {"player": _OPENED, "credential": "cgs_<54 characters>"},
}
BY_ROUTE: Final[dict[tuple[str, int], Any]] = {
    ("POST /v1/sessions/{session_id}/end", 200): _SESSION | _ENDED,
}
