"""Requests that are wrong in themselves: 400, 405, 408, 413, 415."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from gateway.errors.problem import Problem, shown


class InvalidRequest(Problem):
    """What is wrong with the request alone, whatever the state of anything."""

    status = 400
    type = "invalid_request_error"


class FieldProblem(InvalidRequest):
    """Something at a named place. `param` is that place; `requirement` completes the sentence "it must be …".

    `lead` stands before the place in a message.
    """

    lead: ClassVar[str]
    detail_example: ClassVar = {"field": "brief.modules", "requirement": "an integer between 1 and 20"}

    def __init__(self, param: str, requirement: str, message: str | None = None) -> None:
        place = shown(param)
        super().__init__(
            message or f"{self.lead} `{place}`: {requirement}.",
            param=place,
            details={"field": place, "requirement": requirement},
        )


class MalformedJson(InvalidRequest):
    """The body is no JSON, or no text."""

    code = "malformed_json"
    title = "The body is not well-formed JSON in UTF-8."
    what_to_do = (
        "Send one JSON object, encoded as UTF-8, without lone surrogates and not nested deeper than a few hundred levels; "
        "`details` says near which place it stops being one, and why, where that is known."
    )
    detail_example: ClassVar = {"reason": "trailing comma in object", "line": 1, "column": 10, "byte": 9}


class MissingRequiredField(FieldProblem):
    """A field that must be there is not."""

    code = "missing_required_field"
    title = "A required field is missing."
    lead = "Missing field"
    what_to_do = "Add the field that `param` names."
    detail_example: ClassVar = {"field": "brief.topic", "requirement": "it is required"}

    def __init__(self, param: str, requirement: str = "it is required") -> None:
        super().__init__(param, requirement)


class UnknownField(FieldProblem):
    """A field that this request does not have."""

    code = "unknown_field"
    title = "The request has no such field."
    lead = "Unknown field"
    what_to_do = "Remove the field that `param` names, or correct its spelling."
    detail_example: ClassVar = {
        "field": "breif",
        "requirement": "it is no field of this request; allowed: brief, title",
    }

    def __init__(self, param: str, requirement: str = "it is no field of this request") -> None:
        super().__init__(param, requirement)


class InvalidField(FieldProblem):
    """A field of the body with a value that is not allowed."""

    code = "invalid_field"
    title = "A field's value is not allowed."
    lead = "Invalid value in"
    what_to_do = "Correct the field that `param` names; `details.requirement` says what is allowed."

    @classmethod
    def first_of(cls, found: Sequence[tuple[str, str]]) -> "InvalidField":
        """The first of several wrong fields, given with their requirements; `details.flaws` names them all."""
        problem = cls(*found[0])
        problem.details["flaws"] = [{"param": shown(param), "requirement": what} for param, what in found]
        return problem


class InvalidParameter(FieldProblem):
    """A query parameter, header or part of the path that is not allowed."""

    code = "invalid_parameter"
    title = "A query parameter, header or part of the path is not allowed."
    lead = "Invalid parameter"
    what_to_do = "Correct or remove the parameter or header that `param` names."
    detail_example: ClassVar = {"field": "limit", "requirement": "an integer between 1 and 100"}


class InvalidCursor(FieldProblem):
    """A cursor that is not ours, too old, or of another list."""

    code = "invalid_cursor"
    title = "The cursor does not belong to this list, or is too old."
    lead = "Invalid cursor"
    what_to_do = (
        "Start again without `cursor`; cursors live for 24 hours and belong to one list with one set of filters."
    )
    detail_example: ClassVar = {
        "field": "cursor",
        "requirement": "a `next_cursor` of this very list, at most 24 hours old",
    }

    def __init__(self) -> None:
        super().__init__("cursor", "a `next_cursor` of this very list, at most 24 hours old")


class InvalidEmail(FieldProblem):
    """Not an e-mail address. What was given is not repeated."""

    code = "invalid_email"
    title = "This is no e-mail address."
    lead = "Invalid e-mail address in"
    what_to_do = "Send an address such as `name@school.example`: ASCII, at most 254 characters, domains in `xn--` form."
    detail_example: ClassVar = {"field": "email", "requirement": "an e-mail address, at most 254 ASCII characters"}

    def __init__(self, param: str = "email") -> None:
        super().__init__(param, "an e-mail address, at most 254 ASCII characters")


class InvalidSubdomain(FieldProblem):
    """A subdomain that can't be one, or is reserved."""

    code = "invalid_subdomain"
    title = "The subdomain is no valid name, or is reserved."
    lead = "Invalid subdomain"
    what_to_do = "Choose 3-30 lower-case letters, digits and single inner hyphens; some words are reserved."
    detail_example: ClassVar = {"field": "subdomain", "requirement": "3-30 of a-z, 0-9 and single inner hyphens"}

    def __init__(self, requirement: str = "3-30 of a-z, 0-9 and single inner hyphens") -> None:
        super().__init__("subdomain", requirement)


class IdempotencyKeyRequired(InvalidRequest):
    """A launch without a key could be paid twice."""

    code = "idempotency_key_required"
    title = "This request needs an `Idempotency-Key` header."
    what_to_do = "Send a fresh UUID as `Idempotency-Key`, and the same one with every retry of this request."
    default_param = "Idempotency-Key"


class IdempotencyKeyInvalid(InvalidRequest):
    """A key that can't name a request."""

    code = "idempotency_key_invalid"
    title = "`Idempotency-Key` must be sent once, as 1-255 printable ASCII characters."
    what_to_do = "Send one `Idempotency-Key` of at most 255 printable ASCII characters, such as a UUID."
    default_param = "Idempotency-Key"

    def __init__(self, found: str, requirement: str) -> None:
        super().__init__(f"`Idempotency-Key` {found}; valid: {requirement}.")


class MethodNotAllowed(InvalidRequest):
    """The path exists, the method on it does not."""

    status = 405
    code = "method_not_allowed"
    title = "This path does not answer this method."
    what_to_do = "Use one of the methods that the `Allow` header names."
    detail_example: ClassVar = {"allowed": ["GET", "POST"]}
    header_names: ClassVar[tuple[str, ...]] = ("Allow",)

    def __init__(self, allowed: Iterable[str]) -> None:
        names = sorted(set(allowed) - {"OPTIONS"})
        super().__init__(details={"allowed": names}, headers={"Allow": ", ".join(names)})


class RequestTimeout(InvalidRequest):
    """The body did not arrive in time."""

    status = 408
    code = "request_timeout"
    title = "The body did not arrive within 30 seconds."
    what_to_do = "Send the request again, with the same `Idempotency-Key` if it had one."
    retryable = True


class BodyTooLarge(InvalidRequest):
    """The body is over its limit; it is not read whole."""

    status = 413
    code = "body_too_large"
    title = "The body is too large."
    what_to_do = "Send less: `details.limit_bytes` is the most this route reads."
    detail_example: ClassVar = {"limit_bytes": 1_048_576}

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"The body is over {limit_bytes} bytes.", details={"limit_bytes": limit_bytes})


class UnsupportedMediaType(InvalidRequest):
    """A body in a form that this route does not read."""

    status = 415
    code = "unsupported_media_type"
    title = "The body must be `application/json`, sent without `Content-Encoding`."
    what_to_do = "Send `Content-Type: application/json` and the body uncompressed."

    def __init__(self, header: str = "Content-Type", given: str = "") -> None:
        came = f"it came with `{header}: {shown(given)}`" if given else f"it came without `{header}`"
        super().__init__(f"{self.title.removesuffix('.')}; {came}.", param=header)
