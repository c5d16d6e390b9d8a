"""All of them, from every file of this folder."""

from typing import Any, Final

from gateway.openapi.written import assessments, centers, courses, deliveries, process, sessions

_PARTS: Final = (assessments, centers, courses, deliveries, process, sessions)

BY_KIND: Final[dict[str, Any]] = {kind: example for part in _PARTS for kind, example in part.BY_KIND.items()}
"""By the name of the kind's schema."""

BY_ROUTE: Final[dict[tuple[str, int], Any]] = {
    route: example for part in _PARTS for route, example in part.BY_ROUTE.items()
}
"""Of routes that leave an object in a state of their own: by method, path and status."""
