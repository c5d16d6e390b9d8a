"""Connections that hear one answer to one request, and of what is no answer yet only so much.

Rests on aiohttp: `ClientResponse.start` reads interim answers (1xx) for as long as some are there, without giving way, so
none may come to it; `TCPConnector` makes its protocols by `_factory`; a protocol is told of each request in
`set_response_params`, of the bytes in `data_received`, and hands each answer's head to its own `feed_data`.
"""

import asyncio
import functools
from typing import Any, Final

import aiohttp
from aiohttp.client_proto import ResponseHandler

HEAD_BYTES_MAX: Final = 65_536
"""Of all that comes before an answer's body, and of all that comes while its first kilobytes are waited for."""
INTERIM_MAX: Final = 10
"""So many interim answers, as 103 Early Hints, may come before the one that counts."""
_STEP_BYTES: Final = 4096
"""So much is parsed before somebody looks what it was."""


class TooMuchAhead(aiohttp.ClientError):
    """What came before the answer is more than an answer needs."""


class Connector(aiohttp.TCPConnector):
    """A connector whose connections are bounded."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        bounded: type[ResponseHandler] = _Bounded
        self._factory = functools.partial(bounded, *self._factory.args, **self._factory.keywords)


class _Bounded(ResponseHandler):
    """Ends the connection at too many interim answers, at too long a head, at too much around a body, and at a second answer."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._begin()

    def _begin(self) -> None:
        self._bytes = 0
        self._interim = 0
        self._answered = False
        self._ended = False

    def set_response_params(self, **given: Any) -> None:
        """A request goes out: what comes from now on, or was early, is its answer."""
        self._begin()
        super().set_response_params(**given)

    def data_received(self, data: bytes) -> None:
        """Parse in small steps; nothing at all (b"") is how aiohttp goes on with what it was given before."""
        if not data:
            super().data_received(data)
        elif self._answered and self._bytes > HEAD_BYTES_MAX:
            self._end()  # who waits for a body has not got its first kilobytes out of all this
        for start in range(0, len(data), _STEP_BYTES):
            if self._ended:
                return
            part = data[start : start + _STEP_BYTES]
            self._bytes += len(part)
            super().data_received(part)
            if not self._answered and self._bytes > HEAD_BYTES_MAX:
                self._end()

    def feed_data(self, data: Any, size: int = 0) -> None:
        """Take an answer's head, unless it is an interim one: nobody asked for those."""
        code = data[0].code
        if self._ended:
            return
        if self._answered:
            self._end()
        elif 100 <= code < 200 and code != 101:
            self._interim += 1
            if self._interim > INTERIM_MAX:
                self._end()
        else:
            self._answered = True
            self._bytes = 0
            super().feed_data(data, size)

    def _end(self) -> None:
        self._ended = True
        if not self._answered:
            self.set_exception(TooMuchAhead("too much came before the answer"))
        self.force_close()
        if self.transport is not None:
            self.transport.abort()
