"""How a learner is named: by the integrator's own opaque id, which comes from its server and never from a browser."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from gateway.errors import InvalidField, InvalidParameter
from gateway.http.texts import VISIBLE

LearnerRef = Annotated[str, Meta(min_length=1, max_length=128, pattern=VISIBLE, examples=["learner-4711"])]
"""1 to 128 printable characters."""

PERSON: Final = "usr_"
"""How ids of people who sign in begin; an API key does not speak for them."""


def hold_to_own(learner_ref: str) -> None:
    """Let an API key name a learner of its integrator. Raises InvalidField for a person who signs in here."""
    if learner_ref.startswith(PERSON):
        raise InvalidField("learner_ref", f"an id of your own: ids that begin with `{PERSON}` are people's who sign in")


def learner_in_address(learner_ref: str) -> None:
    """Let an API key name a learner in a path or query. Raises InvalidParameter for what names none, and for a person."""
    try:
        msgspec.convert(learner_ref, LearnerRef)
        hold_to_own(learner_ref)
    except msgspec.ValidationError:
        raise InvalidParameter("learner_ref", "1 to 128 printable characters") from None
    except InvalidField as problem:
        raise InvalidParameter("learner_ref", problem.details["requirement"]) from None
