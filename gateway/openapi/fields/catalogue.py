"""How the texts are kept: by name where a name means the same wherever it stands, else by object and name."""

from collections.abc import Mapping
from typing import Final, TypeAlias

Texts: TypeAlias = Mapping[str, str]
"""By `name`, or by `Object.name`, which goes before it."""


def everywhere(**texts: str) -> Texts:
    """What these names mean in whichever object they stand."""
    return texts


def of(objects: str, **texts: str) -> Texts:
    """What these names mean in each of these objects.

    >>> of("Course Preset", brief="What is wanted.")
    {'Course.brief': 'What is wanted.', 'Preset.brief': 'What is wanted.'}
    """
    return {f"{each}.{name}": text for each in objects.split() for name, text in texts.items()}


def together(*parts: Texts) -> Texts:
    """All of them; raises ValueError for a name that is told twice.

    >>> together(everywhere(id="Who."), of("Course", title="What."))
    {'id': 'Who.', 'Course.title': 'What.'}
    """
    found: dict[str, str] = {}
    for part in parts:
        if twice := found.keys() & part.keys():
            raise ValueError(f"told twice: {sorted(twice)}")
        found |= part
    return found


SUBMISSIONS: Final = (
    "Submission SubmissionResult SubmittedAttempt SubmissionInFull SubmissionForReview ExportedSubmission "
    "gateway.features.submissions.schemas.Attempt"
)
"""The objects that hold all that a submission has."""

DELIVERY_ATTEMPT: Final = "gateway.features.deliveries.schemas.Attempt"
"""Two objects are called Attempt; the document tells them apart by their modules."""
