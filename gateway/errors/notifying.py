"""Webhooks and their deliveries."""

from gateway.errors.conflicts import Conflict
from gateway.errors.missing import NotFound


class WebhookNotFound(NotFound):
    """No such webhook of this center and env."""

    code = "webhook_not_found"
    title = "No such webhook."
    what_to_do = "Check the id, and that the key belongs to the same center and the same env (live or test)."
    default_param = "webhook_id"


class DeliveryNotFound(NotFound):
    """No such delivery of this center and env."""

    code = "delivery_not_found"
    title = "No such delivery."
    what_to_do = "List the webhook's deliveries; they are kept for 30 days."
    default_param = "delivery_id"


class DuplicateWebhook(Conflict):
    """One event would be sent twice to one place."""

    code = "duplicate_webhook"
    title = "There is a webhook with this URL and these events."
    what_to_do = "Use the one that is there; list the webhooks to find it."
    default_param = "url"
