"""What may be said with a launch."""

from gateway.http import Request


class LaunchOptions(Request, frozen=True, kw_only=True):
    """Body of `POST /v1/courses/{course_id}/launch`: none, or `{}`; every option has a default."""
