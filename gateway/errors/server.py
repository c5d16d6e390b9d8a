"""Our own failures: 5xx. All are safe to retry: 1, 2, 4 s with jitter, three tries, the same `Idempotency-Key`."""

from typing import Final

from gateway.errors.problem import Problem

RETRY_ADVICE: Final = "Retry after 1, 2 and 4 seconds with jitter, three tries, with the same `Idempotency-Key`."


class ServerFailure(Problem):
    """Not the client's fault."""

    type = "server_error"
    retryable = True
    what_to_do = RETRY_ADVICE


class InternalError(ServerFailure):
    """A fault of ours; the log has it under the request id."""

    status = 500
    code = "internal_error"
    title = "Something failed on our side."
    what_to_do = f"{RETRY_ADVICE} If it stays, report the `request_id`."


class ProvisioningFailed(ServerFailure):
    """A center could not be made; nothing of it was left behind."""

    status = 500
    code = "provisioning_failed"
    title = "The center could not be provisioned; nothing was left behind."
    what_to_do = f"{RETRY_ADVICE} The same `order_id` never makes a second center."


class ServiceUnavailable(ServerFailure):
    """A store is down."""

    status = 503
    code = "service_unavailable"
    title = "The service is unavailable for the moment."
    header_names = ("Retry-After",)

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "1"})


class Overloaded(ServerFailure):
    """A queue of ours is full."""

    status = 503
    code = "overloaded"
    title = "Too much is waiting at the moment."
    header_names = ("Retry-After",)

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "1"})
