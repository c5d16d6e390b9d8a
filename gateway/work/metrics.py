"""What a worker counts."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

OUTCOMES: Final = Counter(
    "coursegate_work_ended", "Generations, regenerations and regrades by how they ended.", ["kind", "env", "outcome"]
)
QUEUE_DEPTH: Final = Gauge(
    "coursegate_queue_depth",
    "Rows that wait for a worker, as the last sweep saw them.",
    ["kind"],
    multiprocess_mode="livemostrecent",
)
QUEUE_AGE: Final = Gauge(
    "coursegate_queue_age_seconds",
    "Age of the oldest row that waits for a worker; 0 where none does.",
    ["kind"],
    multiprocess_mode="livemostrecent",
)
HOLDS: Final = Gauge(
    "coursegate_holds",
    "Holds by state, as the last sweep saw them: all that are HELD, and what ended of those made within the last hour.",
    ["state"],
    multiprocess_mode="livemostrecent",
)
DELIVERIES: Final = Counter("coursegate_webhook_attempts", "Attempts at webhooks by outcome.", ["env", "outcome"])
DELIVERY_SECONDS: Final = Histogram(
    "coursegate_webhook_seconds", "Time of one attempt at a webhook.", buckets=(0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0)
)
DELIVERIES_PENDING: Final = Gauge(
    "coursegate_webhook_deliveries_pending",
    "Deliveries that are due and not yet made, as the last sweep saw them.",
    multiprocess_mode="livemostrecent",
)
DELIVERIES_AGE: Final = Gauge(
    "coursegate_webhook_delivery_age_seconds",
    "How long the first of the deliveries that are due has been due; 0 where none is.",
    multiprocess_mode="livemostrecent",
)
