"""What people are in a center, and what each role may do. Rule source: centers, "People"; security, "Keys and scopes"."""

from collections.abc import Mapping
from typing import Final, Literal, get_args

from gateway.scopes import CENTER_SCOPES, Scope

Role = Literal["ADMIN", "INSTRUCTOR", "PARENT", "CHILD"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)

MembershipStatus = Literal["invited", "pending", "active", "suspended", "rejected", "ended"]

SCOPES_OF: Final[Mapping[Role, frozenset[Scope]]] = {
    "ADMIN": frozenset(CENTER_SCOPES),
    "INSTRUCTOR": frozenset(
        {
            "read:courses",
            "write:courses",
            "read:assessments",
            "write:assessments",
            "write:submissions",
            "read:results",
            "write:grades",
            "mint:embed_tokens",
        }
    ),
    "PARENT": frozenset({"read:results"}),
    "CHILD": frozenset({"write:submissions", "read:results"}),
}
"""What a role may do. Which rows a PARENT and a CHILD see is narrowed further: a parent's children's, a child's own."""
