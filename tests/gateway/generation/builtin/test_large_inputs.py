"""Documents that are long, deep or made to be hard: a sound course or a clear refusal, in bounded time."""

import time

import pytest

from gateway.generation.builtin import making
from gateway.generation.model import Brief, GenerationFailed, Order, Source

MIB = 1 << 20
SECONDS = 60
"""Far above what is needed, far below what anything worse than linear would take."""


def made(text: str) -> int | str:
    """The modules of the course on a text, or the code of the refusal."""
    order = Order("crs_a", "", Brief(topic="a", artifacts=["notes"]), [Source("src_a", "a.md", "text/markdown", text)])
    try:
        shop = making.open_workshop(order)
        outline = making.outline_of(shop)
        for module in outline.modules:
            (draft,) = making.module_of(shop, outline, module.index)
            assert draft.content
            assert len(draft.content) <= 400_000
        return len(outline.modules)
    except GenerationFailed as failed:
        return failed.code


def one_line(size: int) -> str:
    """Sentences that differ, on one line."""
    sentences = (
        f"Stone {count} lies near river {count % 97} and weighs {count % 13} tons." for count in range(size // 40)
    )
    return " ".join(sentences)[:size]


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        (one_line(2 * MIB), 5),
        ("x" * 5 * MIB, "source_unreadable"),
        ("# heading\n\n" * 50_000, "source_unreadable"),
        ("".join(f"## Bed {count}\n\nThe bed {count} holds the moss {count}.\n\n" for count in range(8_000)), 5),
        ("> " * MIB, "source_unreadable"),
        ("(a. " * 200_000, "source_unreadable"),
        ("[" * MIB, "source_unreadable"),
        ("*a " * 300_000, "source_unreadable"),
        ("<!--" * 300_000, "source_unreadable"),
        ("".join("  " * depth + "- a\n" for depth in range(1_000)), "source_unreadable"),
        ("A sentence is said again and again. " * 50_000, 1),
    ],
    ids=[
        "one line",
        "one word",
        "headings",
        "sections",
        "quotes",
        "brackets",
        "links",
        "stars",
        "comments",
        "nesting",
        "repeats",
    ],
)
def test_hard_documents_end_in_bounded_time(text: str, outcome: int | str) -> None:
    """No input takes longer than its length explains."""
    began = time.process_time()
    assert made(text) == outcome
    assert time.process_time() - began < SECONDS
