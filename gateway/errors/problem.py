"""What every refusal has in common: a class is its status, type, code and title, an instance its message and details."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, Literal

from gateway.redaction import redacted_text

ErrorType = Literal[
    "invalid_request_error",
    "authentication_error",
    "permission_error",
    "not_found_error",
    "rate_limit_error",
    "quota_exceeded",
    "grading_error",
    "server_error",
]

SHOWN_LENGTH_MAX: Final = 64
"""Characters of what was given that an error may repeat."""


class Problem(Exception):
    """A refusal that a client can act on. Subclasses are the catalogue; `docs/errors.md` is generated from them.

    `message` may change between versions, `code` never does. `param` is a path such as `brief.modules` or
    `answers[2].answer.choices[0]`. `details` says what a program needs in order to react. `headers` go onto the answer.
    """

    status: ClassVar[int]
    type: ClassVar[ErrorType]
    code: str
    title: ClassVar[str]
    what_to_do: ClassVar[str]
    retryable: ClassVar[bool] = False
    default_param: ClassVar[str | None] = None
    detail_example: ClassVar[Mapping[str, Any]] = {}
    header_names: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        message: str | None = None,
        *,
        param: str | None = None,
        details: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message or self.title)
        self.message = message or self.title
        self.param = param if param is not None else self.default_param
        self.details = dict(details or {})
        self.headers = dict(headers or {})


def shown(given: object) -> str:
    """At most 64 printable characters of what a client gave, safe to repeat in an error. Never pass a secret; what
    looks like one all the same, such as a key in the place of a field's name, is blanked.
    """
    # Cut before it is searched, and again after: the search's time must not be the sender's choice.
    text = redacted_text(str(given)[: 2 * SHOWN_LENGTH_MAX])[:SHOWN_LENGTH_MAX]
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
