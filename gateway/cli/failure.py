"""What ends a command with one line and exit 1."""


class CommandFailed(Exception):
    """The command could not do what was asked; the text is one line that says why."""


def failures() -> tuple[type[Exception], ...]:
    """Every kind of failure whose text is one line for the operator. Asked for when something failed, not before."""
    from gateway.embedded.failure import EmbeddedFailure
    from gateway.errors import Problem
    from gateway.metrics_endpoint import EndpointFailed
    from gateway.migrations import MigrationFailed
    from gateway.ports import PortTaken
    from gateway.settings import WrongSetting
    from gateway.stores import Overloaded, StoreDown, StoreUnreachable
    from quotas.plans import PlansFileError

    return (
        CommandFailed,
        EmbeddedFailure,
        EndpointFailed,
        MigrationFailed,
        Overloaded,
        PlansFileError,
        PortTaken,
        Problem,
        StoreDown,
        StoreUnreachable,
        WrongSetting,
    )


def one_line(text: str) -> str:
    """The text on one line, without control characters."""
    return "".join(character for character in " ".join(text.split()) if character.isprintable())
