"""What every field of the document means, told beside the types: a Struct stays readable, and a test knows what is missing.

Most names mean the same in every object they stand in; what does not is told for its object.
"""

from typing import Any, Final

from gateway.openapi.fields.assessments import ASSESSMENTS
from gateway.openapi.fields.catalogue import Texts, together
from gateway.openapi.fields.centers import CENTERS
from gateway.openapi.fields.common import COMMON
from gateway.openapi.fields.courses import COURSES
from gateway.openapi.fields.items import ITEMS
from gateway.openapi.fields.keys import KEYS
from gateway.openapi.fields.people import PEOPLE
from gateway.openapi.fields.records import RECORDS
from gateway.openapi.fields.sessions import SESSIONS
from gateway.openapi.fields.submissions import SUBMISSION_TEXTS
from gateway.openapi.fields.webhooks import WEBHOOKS

TEXTS: Final[Texts] = together(
    COMMON, COURSES, ASSESSMENTS, SUBMISSION_TEXTS, SESSIONS, ITEMS, KEYS, CENTERS, PEOPLE, WEBHOOKS, RECORDS
)


def text_name(component: str, field: str) -> str | None:
    """Under which name the text of an object's field is kept: its own before the one that all share; None: nowhere."""
    own = f"{component}.{field}"
    return own if own in TEXTS else field if field in TEXTS else None


def describe(name: str, component: dict[str, Any]) -> None:
    """Add to the fields of a component what they mean. What a type says of itself stays."""
    for field, schema in component.get("properties", {}).items():
        known = text_name(name, field)
        if known is not None:
            schema.setdefault("description", TEXTS[known])
