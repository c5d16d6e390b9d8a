"""What a browser did while a test looked elsewhere: policy violations, errors, every request and every byte of answers."""

import asyncio

from msgspec import Struct
from playwright.async_api import BrowserContext, ConsoleMessage, Error, Page, Request, Response

TELL_VIOLATIONS = """
document.addEventListener('securitypolicyviolation', event => reportViolation(
    `${event.effectiveDirective} ${event.blockedURI} at ${event.sourceFile}:${event.lineNumber} in ${event.documentURI}`
))
"""

CRASHED = "a page crashed"

Bodies = list[tuple[str, bytes]]


class Sent(Struct, frozen=True):
    """A request that left the browser."""

    method: str
    url: str
    headers: dict[str, str]


class Watch:
    """Everything that is told about one context and its pages, from its first moment on."""

    def __init__(self) -> None:
        self.violations: list[str] = []
        self.errors: list[str] = []
        self.sent: list[Sent] = []
        self.failed: list[str] = []
        self._forgiven: list[str] = []
        self._answers: list[asyncio.Task[tuple[str, bytes]]] = []

    async def begin(self, context: BrowserContext) -> None:
        """Look at all that happens in the context from now on."""
        await context.expose_binding("reportViolation", lambda _source, text: self.violations.append(text))
        await context.add_init_script(TELL_VIOLATIONS)
        context.on("page", self._page)
        context.on("request", self._request)
        context.on("response", self._response)
        context.on("requestfailed", lambda request: self.failed.append(f"{request.url}: {request.failure}"))
        context.on("console", self._console)
        context.on("weberror", lambda error: self.errors.append(str(error.error)))

    def forgive(self, part: str) -> None:
        """This test provokes what holds this text; it is no failure."""
        self._forgiven.append(part)

    async def bodies(self) -> Bodies:
        """Every answer so far: where it came from, its head and body as the page got them (decompressed)."""
        return list(await asyncio.gather(*self._answers))

    def unexpected(self) -> list[str]:
        """What must not happen in any test: a violated policy, or an error that no code caught."""
        return [text for text in self.violations + self.errors if not any(part in text for part in self._forgiven)]

    def _page(self, page: Page) -> None:
        page.on("crash", lambda _page: self.errors.append(CRASHED))

    def _console(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "Trusted Type" in message.text:
            self.violations.append(message.text)

    def _request(self, request: Request) -> None:
        self.sent.append(Sent(request.method, request.url, request.headers))

    def _response(self, response: Response) -> None:
        self._answers.append(asyncio.create_task(_told(response)))


async def _told(response: Response) -> tuple[str, bytes]:
    """Head and body of an answer; the body is empty for redirects and where the page left before it came."""
    head = "\n".join(f"{name}: {value}" for name, value in (await response.all_headers()).items())
    try:
        body = await response.body()
    except Error:
        body = b""
    return f"{response.request.method} {response.url} {response.status}", head.encode() + b"\n\n" + body
