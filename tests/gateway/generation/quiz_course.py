"""A course's quizzes from a text, as the builtin generator makes them, in the form in which they are exported."""

from itertools import count
from pathlib import Path
from typing import Any

import msgspec

from gateway.generation.builtin.making import open_workshop, outline_of
from gateway.generation.builtin.quiz import Examiner
from gateway.generation.model import Brief, Order, Source

_ids = count(1)
DOCUMENTS = Path(__file__).parent / "documents"
SHIPPED = Path(__file__).parents[3] / "gateway" / "cli"


def documents() -> list[Path]:
    """The documents of these tests and the one that ships with the demo."""
    return sorted((*DOCUMENTS.iterdir(), *SHIPPED.glob("*.md")))


def examiner_of(text: str, *, name: str = "source.md", modules: int = 5, wanted: int = 5, lot: str = "") -> Examiner:
    """Who sets the quizzes of a course made of `text`."""
    media_type = "text/plain" if name.endswith(".txt") else "text/markdown"
    brief = Brief(topic="The subject", modules=modules, questions_per_module=wanted)
    shop = open_workshop(Order(f"crs_{next(_ids)}", "", brief, [Source("src_1", name, media_type, text)], lot))
    return shop.examiner(outline_of(shop))


def exported(examiner: Examiner) -> list[list[dict[str, Any]]]:
    """The items of every module as they are stored."""
    return [msgspec.to_builtins(examiner.quiz(module.index).items) for module in examiner.outline.modules]


def asked_of(text: str, kind: str, **order: Any) -> list[dict[str, Any]]:
    """The items of one kind that a course of `text` asks."""
    return [item for quiz in exported(examiner_of(text, **order)) for item in quiz if item["type"] == kind]
