"""Orders on the documents that the tests read: the one that ships, and those kept beside this file."""

from itertools import count
from pathlib import Path

from gateway.generation.model import Brief, Order, Source

SHIPPED = Path(__file__).parents[3] / "gateway" / "cli" / "tides.md"
DOCUMENTS = sorted((Path(__file__).parent / "documents").iterdir())
_ids = count(1)
TEXT_KINDS = ["slides", "notes", "narration"]


def source_of(path: Path) -> Source:
    """A document as the gateway stores it, newlines as they are."""
    media_type = "text/markdown" if path.suffix == ".md" else "text/plain"
    return Source(f"src_{path.stem}", path.name, media_type, path.read_bytes().decode())


def order_of(*paths: Path, title: str = "", **brief: object) -> Order:
    """An order for the text artifacts of a course on these documents."""
    wishes = {"topic": "the document", "artifacts": TEXT_KINDS, **brief}
    return Order(f"crs_{next(_ids)}", title, Brief(**wishes), [source_of(path) for path in paths])  # type: ignore[arg-type]


def order_on(text: str, media_type: str = "text/markdown", **brief: object) -> Order:
    """An order for the text artifacts of a course on one given text."""
    wishes = {"topic": "the document", "artifacts": TEXT_KINDS, **brief}
    return Order(f"crs_{next(_ids)}", "", Brief(**wishes), [Source("src_text", "text.md", media_type, text)])  # type: ignore[arg-type]
