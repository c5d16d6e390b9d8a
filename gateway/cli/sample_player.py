"""A quiz to try the player with, and an address at which it opens: what `coursegate dev` prints."""

from pathlib import Path
from typing import Any, Final

import httpx
import msgspec

from gateway.cli.failure import CommandFailed

SHIPPED_QUIZ: Final = Path(__file__).with_name("sample_quiz.json")
"""One question of each kind, all about tides."""
LEARNER: Final = "try-the-player"
TTL_SECONDS: Final = 3600
"""How long the printed address opens: the longest that a token lives."""


def player_url(url: str, test_key: str) -> str:
    """Publish the shipped quiz in env test, unless it is there already, and return an address that opens it once.

    Raises CommandFailed where the gateway refuses.
    """
    headers = {"Authorization": f"Bearer {test_key}"}
    with httpx.Client(base_url=url, headers=headers, timeout=30, trust_env=False) as client:
        body = {"assessment_id": _quiz(client), "learner_ref": LEARNER, "ttl_seconds": TTL_SECONDS}
        return str(_ok(client.post("/v1/embed/token", json=body))["url"])


def _quiz(client: httpx.Client) -> str:
    quiz = msgspec.json.decode(SHIPPED_QUIZ.read_bytes())
    cursor: dict[str, str] = {}
    while True:
        page = _ok(client.get("/v1/assessments", params={"status": "published", "limit": 100, **cursor}))
        for one in page["data"]:
            if one["title"] == quiz["title"]:
                return str(one["id"])
        if not page["has_more"]:
            break
        cursor = {"cursor": page["next_cursor"]}
    made = _ok(client.post("/v1/assessments", json=quiz))
    _ok(client.post(f"/v1/assessments/{made['id']}/publish"))
    return str(made["id"])


def _ok(answer: httpx.Response) -> Any:
    if not answer.is_success:
        raise CommandFailed(f"{answer.request.url.path} answers {answer.status_code}: {answer.text[:300]}")
    return answer.json()
