"""What a worker counts."""

from typing import Final

from prometheus_client import Counter, Gauge

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
