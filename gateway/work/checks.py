"""What a generator returns is checked before it is stored, whoever it is: sizes, shapes, and nothing that acts.

Markdown is parsed for it, at some 3 ms a kilobyte: workers do this beside their event loop, which renews leases.
Rule source: security, "Input": no HTML, no images, only URLs that stood in the sources. Refusals name the rule, never
the text, since messages reach answers and logs.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import unquote

import msgspec
from markdown_it import MarkdownIt
from markdown_it.token import Token
from msgspec import Struct

from gateway.generation.model import ArtifactDraft, ArtifactKind, GenerationFailed, Order, Outline, SourceRef
from gateway.work.quizzes import Quiz, remark_on, sift
from grading.model import Item

TITLE_MAX: Final = 300
TEXT_MAX: Final = 4_000
CONTENT_MAX: Final = 400_000
REMARK_MAX: Final = 2_000
OBJECTIVES_MAX: Final = 20
REFS_MAX: Final = 200
ITEMS_MAX: Final = 50
MEDIA_TYPES: Final = frozenset({"text/markdown", "text/plain", "application/json"})

_MARKUP: Final = re.compile(
    r"<!--|<!doctype|</?(?:a|abbr|audio|b|base|body|br|button|canvas|div|embed|font|form|frame|h[1-6]|head|hr|html|i|iframe|img|input|"
    r"link|marquee|math|meta|object|p|picture|pre|script|source|span|style|svg|table|template|textarea|title|u|video)(?=[\s/>])",
    re.IGNORECASE,
)
_URL: Final = re.compile(r"\b(?:https?|ftp)://[^\s<>()\[\]\"'`]+", re.IGNORECASE)
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_ACTING: Final = re.compile(r"\]\s*[(:]\s*<?\s*(?:javascript|vbscript|data|file)\s*:", re.IGNORECASE)
"""A link that our parser takes for text and another one might follow."""
_CLOSING: Final = ".,;:!?*_)"

_markdown: Final = MarkdownIt("commonmark").enable("table")
_strict: Final = msgspec.json.Decoder(list[Item])


class Checked(Struct, frozen=True, kw_only=True):
    """An artifact that may be stored: `bytes` of UTF-8. A quiz has no content but `quiz`, None where no question of it can
    be graded; `flaws` are the places of what was left out for that.
    """

    kind: ArtifactKind
    media_type: str
    bytes: int
    content: str | None
    remark: str | None
    quiz: Quiz | None = None
    flaws: tuple[str, ...] = ()


def check_outline(outline: Outline, order: Order) -> Outline:
    """Return an outline that can be stored; raises GenerationFailed."""
    modules = outline.modules
    _require(1 <= len(modules) <= order.brief.modules, "an outline has a module, and no more than were asked for")
    _require([module.index for module in modules] == list(range(len(modules))), "modules are counted from 0")
    _short("an outline's title", [outline.title], TITLE_MAX)
    _short("an outline's texts", [outline.description], TEXT_MAX)
    for module in modules:
        _require(bool(module.title.strip()), "a module has a title")
        _require(len(module.objectives) <= OBJECTIVES_MAX, "a module has at most 20 objectives")
        _require(len(module.source_refs) <= REFS_MAX, "a module cites at most 200 spans")
        _short("a module's title", [module.title], TITLE_MAX)
        _short("a module's texts", [module.summary, *module.objectives], TEXT_MAX)
        _cited(module.source_refs, order)
    return outline


def check_module(drafts: Sequence[ArtifactDraft], order: Order) -> list[Checked]:
    """Return a module's artifacts as they can be stored, each wanted kind once; raises GenerationFailed.

    A quiz may be missing: one without a sound question is left out rather than filled.
    """
    kinds = [draft.kind for draft in drafts]
    _require(bool(kinds) and len(set(kinds)) == len(kinds), "a module has artifacts, each kind once")
    wanted = set(order.brief.artifacts)
    _require(wanted - {"quiz"} <= set(kinds) <= wanted, "a module has the artifacts that were asked for")
    return [check_draft(draft, order) for draft in drafts]


def check_draft(draft: ArtifactDraft, order: Order) -> Checked:
    """Return one artifact as it can be stored; raises GenerationFailed."""
    _require(draft.media_type in MEDIA_TYPES, "an artifact's media type is known")
    remark = draft.note
    if remark is not None:
        _short("an artifact's remark", [remark], REMARK_MAX)
    if draft.kind == "quiz":
        return _checked_quiz(draft, order)
    content = draft.content
    if content is None or not content.strip() or draft.items:
        raise _refused("an artifact that is no quiz has content, not items")
    _short("an artifact's content", [content], CONTENT_MAX)
    _require(draft.media_type != "text/markdown" or _says_something(content), "an artifact is more than its headings")
    _inert(content, order, markdown=draft.media_type == "text/markdown")
    return Checked(
        kind=draft.kind,
        media_type=draft.media_type,
        bytes=len(content.encode()),
        content=content,
        remark=remark,
    )


def _checked_quiz(draft: ArtifactDraft, order: Order) -> Checked:
    """Return a quiz with the questions that can be graded, and a remark on those that can't."""
    _require(draft.content is None, "a quiz has items and no content")
    _check_items(draft, order)
    sifted = sift(draft.items)
    quiz = sifted.quiz
    remarks = [remark for remark in (draft.note, remark_on(sifted.dropped, quiz)) if remark is not None]
    return Checked(
        kind="quiz",
        media_type=draft.media_type,
        bytes=0 if quiz is None else len(quiz.items),
        content=None,
        remark=" ".join(remarks) or None,
        quiz=quiz,
        flaws=sifted.flaws,
    )


def _check_items(draft: ArtifactDraft, order: Order) -> None:
    _require(1 <= len(draft.items) <= ITEMS_MAX, "a quiz has 1 to 50 items")
    encoded = msgspec.json.encode(draft.items)
    _require(len(encoded) <= CONTENT_MAX, "a quiz is not too long")
    try:
        _strict.decode(encoded)
    except msgspec.DecodeError:
        raise _refused("an item has the shape of its type") from None
    _require(len({item.id for item in draft.items}) == len(draft.items), "no two items of a quiz have one id")
    for text in _texts(msgspec.to_builtins([item.content for item in draft.items])):
        _require("\x00" not in text, "a text holds no NUL")
        _require(_MARKUP.search(text) is None, "an item holds no HTML")
        _known_urls(_URL.findall(text), order)


def _texts(value: object) -> Iterable[str]:
    """Yield every string in plain data."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


def _inert(content: str, order: Order, *, markdown: bool) -> None:
    """Refuse what would act in a reader's page; code is text and may hold anything."""
    if not markdown:
        _require(_MARKUP.search(content) is None, "a text holds no HTML")
        _known_urls(_URL.findall(content), order)
        return
    urls: list[str] = []
    for token in _flat(_markdown.parse(content)):
        _require(token.type != "image", "an artifact holds no image")
        if token.type in {"html_block", "html_inline"}:
            _require(_MARKUP.search(token.content) is None, "an artifact holds no HTML")
        elif token.type == "link_open":
            urls.append(str(token.attrs.get("href", "")))
        elif token.type == "inline":
            _require(_ACTING.search(_without_code(token)) is None, "a link leads to a page")
        elif token.type == "text":
            urls.extend(_URL.findall(token.content))
    _known_urls([url for url in urls if not url.startswith("#")], order)


def _says_something(content: str) -> bool:
    """Return whether any line is more than a heading or a rule."""
    lines = (line.strip() for line in content.splitlines())
    return any(line and not line.startswith("#") and line.strip("-*_= ") for line in lines)


def _flat(tokens: Sequence[Token]) -> Iterable[Token]:
    for token in tokens:
        yield token
        yield from token.children or ()


def _without_code(inline: Token) -> str:
    """Return an inline's text as written, but for what stands in code."""
    return "".join(child.content for child in inline.children or () if child.type == "text")


def _known_urls(urls: Iterable[str], order: Order) -> None:
    for url in urls:
        stem = url.rstrip(_CLOSING)
        _require(
            _SCHEME.match(stem) is None or stem.lower().startswith(("http://", "https://", "ftp://", "mailto:")),
            "a link leads to a page",
        )
        spellings = {stem, unquote(stem)}  # the Markdown parser percent-encodes what the source spells out
        _require(
            any(spelling in source.text for source in order.sources for spelling in spellings),
            "a URL stood in a source",
        )


def _cited(refs: Sequence[SourceRef], order: Order) -> None:
    lengths = {source.id: len(source.text) for source in order.sources}
    for ref in refs:
        _require(0 <= ref.start < ref.end <= lengths.get(ref.source_id, -1), "a citation lies in its source")


def _short(what: str, texts: Iterable[str], longest: int) -> None:
    for text in texts:
        _require(len(text) <= longest, f"{what} has at most {longest} characters")
        _require("\x00" not in text, "a text holds no NUL")


def _require(holds: bool, rule: str) -> None:
    if not holds:
        raise _refused(rule)


def _refused(rule: str) -> GenerationFailed:
    return GenerationFailed("generator_error", f"What the generator returned was refused: {rule}.", retryable=True)
