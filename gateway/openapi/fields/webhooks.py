"""Webhooks and deliveries. Rule source: webhooks; docs/webhooks.md."""

from typing import Final

from gateway.openapi.fields.catalogue import DELIVERY_ATTEMPT, Texts, of, together

WEBHOOKS: Final[Texts] = together(
    of(
        "Webhook MadeWebhook NewWebhook WebhookEdit",
        url="Where events are sent: HTTPS on port 443 or 8443, at a public address.",
        events="The types of events that are sent; `*` alone: all whose objects its maker may read.",
        description="What you call it; null for nothing.",
    ),
    of("Webhook MadeWebhook WebhookEdit", status="`disabled`: nothing is sent."),
    of(
        "Webhook MadeWebhook",
        disabled_reason="Why nothing is sent: `owner` you disabled it, `gone` it answered 410, `failing` 5 days without a success; null "
        "while it is enabled.",
        disabled_at="When it was disabled; null while it is enabled.",
        failing_since="When the first attempt failed since the last success; null where none did.",
        last_success_at="When it last took an event, to about a minute; null if never.",
        old_secret_expires_at="Until when the old secret signs beside the newest; null while one secret signs.",
        created_by="Who made it: the id of a key or person; null where it is not known.",
    ),
    of(
        "MadeWebhook",
        secret="The newest secret, `whsec_…`, that signs what is sent; shown when it was made, else null.",
    ),
    of(
        "SecretRotation",
        grace_seconds="Seconds that the old secret signs beside the new one, a day unless given; 0 ends it at once.",
        force="Whether to rotate while an earlier rotation is under way, which ends the secret that it replaced.",
    ),
    of(
        "Delivery",
        type="The type of the event.",
        seq="A number that rises per object that events are about, to put them in order; the same as in the body.",
        status="`pending` until it succeeds or the last attempt failed; `discarded`: the webhook was disabled first.",
        attempts="Attempts that were made.",
        next_attempt_at="When it is tried next; null unless it is pending.",
        finished_at="When it succeeded, failed for good or was discarded; null while it is pending.",
        attempt_log="The last ten attempts, the latest first.",
    ),
    {
        f"{DELIVERY_ATTEMPT}.number": "Which attempt it was, from 1.",
        f"{DELIVERY_ATTEMPT}.at": "When it began: the `webhook-timestamp` that was signed.",
        f"{DELIVERY_ATTEMPT}.status": "The HTTP status that the receiver answered; null where no answer came.",
        f"{DELIVERY_ATTEMPT}.milliseconds": "How long it took, in milliseconds.",
        f"{DELIVERY_ATTEMPT}.error": "Why it is no success; null for a 2xx within 15 seconds.",
        f"{DELIVERY_ATTEMPT}.answer": "The first kilobyte of what the receiver answered, as text; null where nothing came.",
    },
    of(
        "WebhookTest",
        id="The delivery of the `webhook.ping`.",
        succeeded="Whether the receiver took it.",
        attempt="How it went.",
    ),
    of("Recovery NewRecovery", since="Events since this time are sent again, at most 7 days back."),
    of(
        "Recovery",
        events="How many events are sent again, the oldest first, 1000 at most.",
        next_since="What to ask for as `since` when this one has ended; null where nothing is left.",
    ),
)
