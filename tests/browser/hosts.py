"""Pages of integrators that embed the player, served at origins that are not the gateway's."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from html import escape
from uuid import uuid4

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>A host</title><h1>A host</h1>
<script>
window.told = []
addEventListener('message', event => told.push({{origin: event.origin, data: event.data}}))
</script>
<iframe title="Assessment" width="800" height="600" src="{src}"></iframe></html>"""


class Hosts:
    """A server of pages on one port, which is two origins: by address and by name."""

    def __init__(self, port: int) -> None:
        self.origin = f"http://127.0.0.1:{port}"
        self.other_origin = f"http://localhost:{port}"
        self.paths: list[str] = []
        self.headers: list[str] = []
        self._pages: dict[str, bytes] = {}

    @classmethod
    @asynccontextmanager
    async def listening(cls) -> "AsyncGenerator[Hosts, None]":
        """Listen on loopback until the end."""
        hosts: list[Hosts] = []

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await hosts[0]._answer(reader, writer)

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        hosts.append(cls(server.sockets[0].getsockname()[1]))
        try:
            yield hosts[0]
        finally:
            server.close()

    def framing(self, url: str) -> str:
        """The path of a page that frames `url` and keeps every message in `told`."""
        return self.page(PAGE.format(src=escape(url)))

    def page(self, html: str) -> str:
        """The path of a page."""
        path = f"/{uuid4().hex}"
        self._pages[path] = html.encode()
        return path

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except (asyncio.IncompleteReadError, ConnectionError):  # browsers open connections that they then don't need
            writer.close()
            return
        path = head.split(" ", 2)[1]
        self.paths.append(path)
        self.headers.append(head)
        body = self._pages.get(path, b"")
        status = "200 OK" if path in self._pages else "404 Not Found"
        kind = "text/html; charset=utf-8"
        writer.write(
            f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
            "Connection: close\r\n\r\n".encode()
            + body
        )
        await writer.drain()
        writer.close()
