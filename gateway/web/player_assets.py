"""The player's own files, read once: each as it is and compressed, all of them under the name of what they are together."""

import gzip
from collections.abc import Iterator
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from msgspec import Struct

from gateway.web.bundling import bundle, styles
from gateway.web.player_page import SCRIPT, STYLES

HOST_FILE: Final = "coursegate-player.js"
"""What a host's page includes."""

_KINDS: Final = {".js": "text/javascript", ".css": "text/css", ".json": "application/json"}
_LEVEL: Final = 9
FIRST_STYLE: Final = "player.css"
"""The style sheet that the others build on."""


class Asset(Struct, frozen=True):
    """One file."""

    media_type: str
    plain: bytes
    compressed: bytes


class PlayerAssets(Struct, frozen=True):
    """All files by their path below `gateway/web/player`; `version`: 16 hex digits of SHA-256 over all of them."""

    version: str
    by_path: dict[str, Asset]


def load(folder: Traversable | None = None) -> PlayerAssets:
    """Read the files; those of another kind are left out. What a page begins with is put together: all modules are in
    `main.js`, all style sheets in `styles.css`. Raises Unbundlable.
    """
    found = dict(_below(files("gateway").joinpath("web", "player") if folder is None else folder, ""))
    modules = {path: content.decode() for path, content in found.items() if path.endswith(".js")}
    sheets = {path: content.decode() for path, content in found.items() if path.endswith(".css")}
    found[SCRIPT] = bundle(modules, SCRIPT).encode()
    found[STYLES] = styles(sheets, (FIRST_STYLE, *sorted(sheets.keys() - {FIRST_STYLE}))).encode()
    digest = sha256()
    for path, content in sorted(found.items()):
        digest.update(f"{path}\0{len(content)}\0".encode() + content)
    assets = {path: made(_KINDS[path[path.rindex(".") :]], content) for path, content in sorted(found.items())}
    return PlayerAssets(digest.hexdigest()[:16], assets)


def made(media_type: str, content: bytes) -> Asset:
    """A file as it is sent, compressed this once."""
    return Asset(media_type, content, gzip.compress(content, _LEVEL, mtime=0))


def _below(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        path = prefix + entry.name
        if entry.is_dir():
            yield from _below(entry, f"{path}/")
        elif path.endswith(tuple(_KINDS)):
            yield path, entry.read_bytes()
