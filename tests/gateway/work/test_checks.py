"""What a generator returns is refused, by rule and unquoted, before it could be stored."""

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from gateway.generation.model import (
    ArtifactDraft,
    Brief,
    GenerationFailed,
    Order,
    Outline,
    OutlineModule,
    Source,
    SourceRef,
)
from gateway.work.checks import CONTENT_MAX, check_draft, check_module, check_outline
from grading.model import Item

TEXT = "See https://example.org/tides and [the table](https://example.org/t%20able?a=1). Use Vec<String> in code."
ORDER = Order(
    "crs_x",
    "Tides",
    Brief(topic="Tides", modules=2, artifacts=["notes", "quiz"]),
    [Source("src_1", "a.md", "text/markdown", TEXT)],
)
MODULE = OutlineModule(0, "Spring tides", "What they are.", ["Know them"], [SourceRef("src_1", 0, 10)])
OUTLINE = Outline("Tides", "On tides.", [MODULE])


def notes(content: str | None, media_type: str = "text/markdown") -> ArtifactDraft:
    return ArtifactDraft(kind="notes", media_type=media_type, content=content)


def quiz(stem: str = "What causes it?", identity: str = "q1", count: int = 1) -> ArtifactDraft:
    item = {"type": "short_text", "id": identity, "content": {"stem": stem}, "key": {"answers": [{"text": "The Moon"}]}}
    items = msgspec.convert([item] * count, type=list[Item])
    return ArtifactDraft(kind="quiz", media_type="application/json", items=items)


@pytest.mark.parametrize(
    "content",
    [
        "# Tides\n\nA tide rises.\n",
        "See https://example.org/tides.",
        "[table](https://example.org/t%20able?a=1) and <https://example.org/tides>",
        "```html\n<script>alert(1)</script>\n```\n",
        "Use `<img src=x>` with care; Vec<String> is a list, and 1 < 2.",
        "[above](#spring-tides)",
        "Write `[go](javascript:alert(1))` and see.",
    ],
)
def test_plain_notes_pass(content: str) -> None:
    """Markdown, code of any kind and links of the source are what notes are made of."""
    checked = check_draft(notes(content), ORDER)
    assert (checked.content, checked.bytes, checked.quiz) == (content, len(content.encode()), None)


@pytest.mark.parametrize(
    ("draft", "rule"),
    [
        (notes("<script>alert(1)</script>"), "holds no HTML"),
        (notes("text <img src=https://example.org/tides> text"), "holds no HTML"),
        (notes("text <b>bold</b>"), "holds no HTML"),
        (notes("![x](https://example.org/tides)"), "holds no image"),
        (notes("[go](https://evil.example/x)"), "a URL stood in a source"),
        (notes("https://evil.example/x"), "a URL stood in a source"),
        (notes("[go](javascript:alert(1))"), "leads to a page"),
        (notes("[go][x]\n\n[x]: JavaScript:alert(1)"), "leads to a page"),
        (notes("<https://evil.example>"), "a URL stood in a source"),
        (notes("plain <svg onload=x>", "text/plain"), "holds no HTML"),
        (notes("http://evil.example", "text/plain"), "a URL stood in a source"),
        (notes("a\x00b"), "no NUL"),
        (notes("x" * (CONTENT_MAX + 1)), "at most"),
        (notes("  \n"), "has content"),
        (notes("# Tides\n"), "more than its headings"),
        (notes("# Tides\n\n---\n\n## Springs\n\n***\n"), "more than its headings"),
        (notes(None), "has content"),
        (notes("x", "text/html"), "media type"),
        (replace(notes("x"), note="n" * 3000), "remark"),
        (quiz("See https://evil.example/x"), "a URL stood in a source"),
        (quiz("<iframe src=x>"), "holds no HTML"),
        (quiz(count=2), "no two items"),
        (quiz(count=0), "1 to 50 items"),
        (replace(quiz(), content="x"), "no content"),
    ],
)
def test_what_acts_or_is_misshapen_is_refused(draft: ArtifactDraft, rule: str) -> None:
    """The refusal is the generator's failure and names the rule alone."""
    with pytest.raises(GenerationFailed, match=rule) as refused:
        check_draft(draft, ORDER)
    assert refused.value.code == "generator_error"
    assert "evil" not in refused.value.message


@pytest.mark.parametrize(
    ("modules", "rule"),
    [
        ([], "has a module"),
        ([MODULE, replace(MODULE, index=1), replace(MODULE, index=2)], "no more than were asked for"),
        ([replace(MODULE, index=1)], "counted from 0"),
        ([replace(MODULE, title=" ")], "has a title"),
        ([replace(MODULE, title="t" * 301)], "at most 300"),
        ([replace(MODULE, summary="s" * 4001)], "at most 4000"),
        ([replace(MODULE, objectives=["o"] * 21)], "at most 20"),
        ([replace(MODULE, source_refs=[SourceRef("src_1", 0, len(TEXT) + 1)])], "lies in its source"),
        ([replace(MODULE, source_refs=[SourceRef("src_1", 5, 5)])], "lies in its source"),
        ([replace(MODULE, source_refs=[SourceRef("src_2", 0, 1)])], "lies in its source"),
    ],
)
def test_an_outline_keeps_to_what_was_asked_and_given(modules: list[OutlineModule], rule: str) -> None:
    """Module count, order, lengths and spans are held against the order."""
    assert check_outline(OUTLINE, ORDER) is OUTLINE
    with pytest.raises(GenerationFailed, match=rule):
        check_outline(replace(OUTLINE, modules=modules), ORDER)


@pytest.mark.parametrize(
    "drafts",
    [
        [],
        [quiz()],
        [notes("x"), notes("y")],
        [notes("x"), ArtifactDraft(kind="slides", media_type="text/markdown", content="x")],
    ],
)
def test_a_module_has_what_was_asked_for(drafts: list[Any]) -> None:
    """Each wanted kind once, none unasked; a quiz alone may be missing."""
    assert [checked.kind for checked in check_module([notes("x"), quiz()], ORDER)] == ["notes", "quiz"]
    assert [checked.kind for checked in check_module([notes("x")], ORDER)] == ["notes"]
    with pytest.raises(GenerationFailed):
        check_module(drafts, ORDER)
