"""How a learner is named, who speaks for one, and who sees what one did.

An integrator names its learners by its own opaque ids, which come from its server and never from a browser. A CHILD who
signs in is a learner by being who it is, and a PARENT sees what its linked children did. Rule source: security, "People".
"""

from typing import Annotated, Final, assert_never

import msgspec
from msgspec import Meta

from gateway.caller import Caller
from gateway.errors import InsufficientRole, InvalidField, InvalidParameter, MissingRequiredField
from gateway.http.texts import VISIBLE
from gateway.stores import Connection

LearnerRef = Annotated[str, Meta(min_length=1, max_length=128, pattern=VISIBLE, examples=["learner-4711"])]
"""1 to 128 printable characters."""

PERSON: Final = "usr_"
"""How ids of people who sign in begin; an API key does not speak for them."""

_LINKED: Final = """
select exists (select from parent_child l join membership m on m.center_id = l.center_id and m.id = l.child_id
                where l.center_id = $1 and l.parent_id = $2 and m.person_id = $3
                  and m.role = 'CHILD' and m.status not in ('rejected', 'ended'))"""


def sees_every_learner(caller: Caller) -> bool:
    """Whether no row is hidden from the caller for whose it is."""
    match caller.role:
        case None:
            return caller.person is None and caller.session is None
        case "ADMIN" | "INSTRUCTOR":
            return True
        case "PARENT" | "CHILD":
            return False
        case _ as never:
            assert_never(never)


def acts_for(caller: Caller, learner_ref: str, submission_id: str | None = None) -> bool:
    """Whether the caller may do what this learner does: those who see everybody, a CHILD for itself, and a session in the
    one attempt that it was opened for.
    """
    if caller.session is not None:
        return submission_id == caller.session.submission_id
    return sees_every_learner(caller) or (caller.role == "CHILD" and learner_ref == caller.person_id)


async def may_see(connection: Connection, caller: Caller, learner_ref: str, submission_id: str | None = None) -> bool:
    """Whether the caller may read what this learner did; a PARENT what its linked children did, as linked now; a session
    its own attempt.
    """
    if acts_for(caller, learner_ref, submission_id):
        return True
    if caller.person is None or caller.role != "PARENT":
        return False
    is_linked: bool = await connection.fetchval(_LINKED, caller.center.id, caller.person.membership_id, learner_ref)
    return is_linked


def learner_of(caller: Caller, given: str | None) -> str:
    """Who takes the attempt: a CHILD itself, in a session its learner, for all others the learner that they name.

    Raises InvalidField for a CHILD or a session that names anybody and for a person who signs in here,
    MissingRequiredField.
    """
    if caller.session is not None:
        if given is not None:
            raise InvalidField("learner_ref", "absent: the session says whose it is")
        return caller.session.learner_ref
    if caller.role == "CHILD" and caller.person is not None:
        if given is not None:
            raise InvalidField("learner_ref", "absent: who is signed in as a CHILD takes it for itself")
        return caller.person.person_id
    if given is None:
        raise MissingRequiredField("learner_ref")
    if given.startswith(PERSON):
        raise InvalidField("learner_ref", f"an id of your own: ids that begin with `{PERSON}` are people's who sign in")
    return given


def learner_in_address(caller: Caller, learner_ref: str) -> None:
    """Let a learner be named in a path or query: by an API key one of its integrator's, by a person anybody.

    Raises InvalidParameter for what names none, and for a person who signs in here.
    """
    try:
        msgspec.convert(learner_ref, LearnerRef)
    except msgspec.ValidationError:
        raise InvalidParameter("learner_ref", "1 to 128 printable characters") from None
    if caller.person is None and learner_ref.startswith(PERSON):
        raise InvalidParameter(
            "learner_ref", f"an id of your own: ids that begin with `{PERSON}` are people's who sign in"
        )


async def require_sight(connection: Connection, caller: Caller, learner_ref: str) -> None:
    """Raise InsufficientRole where the caller may not read what this learner did, whether there is such a one or not."""
    if not await may_see(connection, caller, learner_ref):
        raise InsufficientRole(["read:results"], caller.role)
