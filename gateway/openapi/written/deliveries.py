"""A webhook, what is sent to it, and decisions as they were sealed."""

from typing import Any, Final

from gateway.openapi.words import GRADED, RECORD, TAIL

_WEBHOOK: Final = {
    "object": "webhook",
    "id": f"wh_{TAIL}",
    "url": "https://example.com/hooks/coursegate",
    "events": ["course.ready", "course.failed"],
    "description": "LMS",
    "status": "enabled",
    "disabled_reason": None,
    "disabled_at": None,
    "failing_since": None,
    "last_success_at": "2026-11-21T09:30:27Z",
    "old_secret_expires_at": None,
    "created_by": f"key_{TAIL}",
    "created_at": "2026-11-21T08:00:00Z",
    "updated_at": "2026-11-21T08:00:00Z",
}
_SECRET: Final = "whsec_<44 characters of base64>"  # ruff: ignore[hardcoded-password-string] - says what stands there
_WITHOUT_SECRET: Final = _WEBHOOK | {"events": ["course.ready"], "updated_at": "2026-11-21T10:00:00Z", "secret": None}
_ROTATED: Final = _WEBHOOK | {"old_secret_expires_at": "2026-11-22T10:00:00Z", "secret": _SECRET}

_ATTEMPT: Final = {
    "number": 1,
    "at": "2026-11-21T09:30:27Z",
    "status": 204,
    "milliseconds": 84,
    "error": None,
    "answer": "",
}
_DELIVERY: Final = {
    "object": "delivery",
    "id": f"dlv_{TAIL}",
    "webhook_id": f"wh_{TAIL}",
    "event_id": f"evt_{TAIL}",
    "type": "course.ready",
    "seq": 17,
    "status": "succeeded",
    "attempts": 1,
    "next_attempt_at": None,
    "finished_at": "2026-11-21T09:30:27Z",
    "attempt_log": [_ATTEMPT],
    "created_at": "2026-11-21T09:30:26Z",
}
_AGAIN: Final = {"status": "pending", "next_attempt_at": "2026-11-21T10:00:00Z", "finished_at": None}

_DPU: Final = {
    "object": "dpu",
    "id": RECORD,
    "seq": 2,
    "type": "submission.graded",
    "subject": GRADED,
    "actor": "key_ag6xt3yqo7g3ncxb5l2rv4m7dm",
    "critical": False,
    "level": "DRAFT",
    "documents": 0,
    "approvers": [],
    "approvals_needed": 1,
    "policy": {"assessment": "asmt_ag6xt3yqo7g3ncxb5l2rv4m7dq", "rule": "standard", "version": 3},
    "outcome": {
        "attempt": 1,
        "earned": "850",
        "max_cents": 1000,
        "passed": True,
        "percent": 85,
        "score_cents": 850,
        "status": "graded",
    },
    "commitment": "555972f7cce9515aa2f2dc228e89d4d80e815e8a1e0dcf8ec975523dcca82137",
    "prev_hash": "610cf34951cfb7c24e2f714bdc87a65ba3887c083bfef8ec8177080fe7722c1c",
    "hash": "498676686f64048a4146b1de800eafc1c6bf2952c38d1dda5d23e7991fe8c568",
    "request_id": "req_ag6xt3yqo7g3ncxb5l2rv4m7ea",
    "created_at": "2026-03-15T12:00:01.250000Z",
}
"""The record of docs/records.md: whoever tries the arithmetic of hashes on it finds it right."""

_WHOLE: Final = _DPU | {
    "record": '{"actor":"key_ag6xt3yqo7g3ncxb5l2rv4m7dm","at":"2026-03-15T12:00:01.250000Z",'
    '"center":"ctr_ag6xt3yqo7g3ncxb5l2rv4m7de",'
    '"commitment":"555972f7cce9515aa2f2dc228e89d4d80e815e8a1e0dcf8ec975523dcca82137","critical":false,"env":"live",'
    '"id":"dpu_ag6xt3yqo7g3ncxb5l2rv4m7dy","outcome":{"attempt":1,"earned":"850","max_cents":1000,"passed":true,'
    '"percent":85,"score_cents":850,"status":"graded"},'
    '"policy":{"assessment":"asmt_ag6xt3yqo7g3ncxb5l2rv4m7dq","rule":"standard","version":3},'
    '"prev_hash":"610cf34951cfb7c24e2f714bdc87a65ba3887c083bfef8ec8177080fe7722c1c",'
    '"request_id":"req_ag6xt3yqo7g3ncxb5l2rv4m7ea","seq":2,"subject":"sub_ag6xt3yqo7g3ncxb5l2rv4m7di",'
    '"type":"submission.graded","v":1}',
    "inputs": {"learner_ref": "jürgen"},
    "salt": "c3a6a8530dbb478fb70a6ca8c7263a94",
    "redacted_by": None,
}
_DOCUMENTED: Final = {"level": "DOCUMENTED", "documents": 1}
_APPROVED: Final = {"level": "AUDIT_READY", "documents": 1, "approvers": [f"usr_{TAIL}"]}
_VERIFIED: Final = {
    "object": "dpu_verification",
    "sound": True,
    "checks": ["numbers without a gap", "hash of every record", "hash of the record before it", "head"],
    "coverage": {
        "records": 2,
        "first_at": "2026-03-15T12:00:00.000000Z",
        "last_at": "2026-03-15T12:00:01.250000Z",
        "adopted": False,
        "head": _DPU["hash"],
        "bodies": 1,
        "bodies_redacted": 0,
        "documents": 0,
        "approvals": 0,
        "checkpoints": 1,
        "checkpointed_seq": 2,
        "outside_checkpoints": 0,
    },
    "limits": ["checkpoints kept outside of the database were not at hand here: compare an export with them"],
    "created_at": "2026-03-15T12:10:00Z",
}

BY_KIND: Final[dict[str, Any]] = {
    "NewWebhook": {"url": _WEBHOOK["url"], "events": _WEBHOOK["events"], "description": "LMS"},
    "WebhookEdit": {"events": ["course.ready"]},
    "Webhook": _WEBHOOK,
    "MadeWebhook": _WEBHOOK | {"last_success_at": None, "secret": _SECRET},
    "SecretRotation": {"grace_seconds": 86_400, "force": False},
    "Delivery": _DELIVERY,
    "WebhookTest": {
        "object": "webhook_test",
        "id": f"dlv_{TAIL}",
        "webhook_id": f"wh_{TAIL}",
        "event_id": f"evt_{TAIL}",
        "succeeded": True,
        "attempt": _ATTEMPT,
        "created_at": _ATTEMPT["at"],
    },
    "Dpu": _DPU,
    "WholeDpu": _WHOLE,
    "NewEvidence": {"name": "Minutes of the board", "text": "The grade was discussed and stands."},
    "NewApproval": {"comment": "Read, and approved."},
    "Verified": _VERIFIED,
}
BY_ROUTE: Final[dict[tuple[str, int], Any]] = {
    ("PATCH /v1/webhooks/{webhook_id}", 200): _WITHOUT_SECRET,
    ("POST /v1/webhooks/{webhook_id}/rotate-secret", 200): _ROTATED,
    ("POST /v1/deliveries/{delivery_id}/redeliver", 202): _DELIVERY | _AGAIN,
    ("POST /v1/dpus/{dpu_id}/evidence", 201): _WHOLE | _DOCUMENTED,
    ("POST /v1/dpus/{dpu_id}/approvals", 201): _WHOLE | _APPROVED,
}
