"""The course from the order: the pure functions behind the builtin generator, the same bytes for the same input."""

from collections.abc import Callable, Sequence
from hashlib import blake2b

import msgspec
from msgspec.structs import replace

from gateway.generation.builtin.material import gather
from gateway.generation.builtin.narration import write_narration
from gateway.generation.builtin.notes import write_notes
from gateway.generation.builtin.outline import make_outline
from gateway.generation.builtin.passages import Material, Passage
from gateway.generation.builtin.quiz import Examiner
from gateway.generation.builtin.quiz.items import Lots
from gateway.generation.builtin.reading import read_document
from gateway.generation.builtin.rules import FIRST_CEILING, Rules
from gateway.generation.builtin.slides import write_slides
from gateway.generation.builtin.standin import narration_of, slides_of
from gateway.generation.builtin.study import Study
from gateway.generation.builtin.terms import analyse
from gateway.generation.builtin.wishes import Wishes, read_wishes
from gateway.generation.builtin.words import spoken_words
from gateway.generation.model import (
    ArtifactDraft,
    ArtifactKind,
    GenerationFailed,
    Level,
    NothingElse,
    Order,
    Outline,
    Source,
)

MARKDOWN = "text/markdown"
PLAIN = "text/plain"
QUIZ = "application/json"
_SHARES: dict[Level, float] = {"beginner": 0.34, "intermediate": 0.38, "advanced": 0.42}
_OF_NOTES: dict[ArtifactKind, float] = {"notes": 1.0, "slides": 0.45, "narration": 0.75, "quiz": 1.0}
_LEAST_SHARE, _MOST_SHARE = 0.1, 0.52
_SHORTER, _LONGER = 0.72, 1.4
_TRIES, _LEFT_OUT_OF = 14, 4
_THIN = ((1_500, 0.18), (12_000, 0.11), (40_000, 0.05))
"""A source of a page has little to leave out, one of a few pages not much: characters, and the share told besides."""

Writer = Callable[[Study, Material, str, Rules], str | None]


class Workshop:
    """An order with its sources read, so that one reading serves the outline and every module."""

    def __init__(self, order: Order, study: Study) -> None:
        self.order = order
        self.study = study
        self._taught: tuple[Outline, list[str]] | None = None
        self._examiner: tuple[Outline, Examiner] | None = None

    def taught(self, outline: Outline) -> list[str]:
        """What the notes of every module teach as first made, whether or not the brief asks for notes."""
        if self._taught is None or self._taught[0] != outline:
            self._taught = (outline, [_notes_of(self, outline, index) for index in range(len(outline.modules))])
        return self._taught[1]

    def examiner(self, outline: Outline) -> Examiner:
        """Who sets the quizzes of all modules, so that none asks what another does."""
        if self._examiner is None or self._examiner[0] != outline:
            wanted = self.order.brief.questions_per_module
            examiner = Examiner(self.lots(outline), self.study, outline, self.taught(outline), wanted)
            self._examiner = (outline, examiner)
        return self._examiner[1]

    def lots(self, outline: Outline) -> Lots:
        """What chance is drawn by: the sources' words, the brief and the title, so that one document gives one course
        whoever orders it and however often; ids by the center's own lot besides. Of the course's id and title nothing.
        """
        texts = [(source.name, source.media_type, source.text) for source in self.order.sources]
        said = msgspec.json.encode((texts, self.order.brief, outline.title))
        drawn = blake2b(said, digest_size=16).hexdigest()
        return Lots(drawn, blake2b(drawn.encode(), key=self.order.lot.encode(), digest_size=16).hexdigest())


def open_workshop(order: Order) -> Workshop:
    """Read the order's sources. Raises source_unreadable where they hold nothing to read."""
    return Workshop(order, study_of(tuple(order.sources)))


def study_of(sources: tuple[Source, ...]) -> Study:
    """Read and understand the sources, whatever the order."""
    document = read_document(source for source in sources if source.text.strip())
    if not document.blocks:
        raise GenerationFailed("source_unreadable", "The sources hold no text.")
    return Study(document, analyse(document))


def outline_of(shop: Workshop) -> Outline:
    """The outline of the course."""
    rules = Rules(share=_share(shop, "notes"), wishes=Wishes(), plain=shop.order.brief.level == "beginner")
    return make_outline(
        shop.study,
        shop.order,
        lambda refs: write_notes(shop.study, gather(shop.study, refs), "", rules) is not None,
    )


def module_of(shop: Workshop, outline: Outline, index: int) -> list[ArtifactDraft]:
    """Every artifact that the brief asks for, in its order; a quiz without one sound question is left out."""
    material = gather(shop.study, outline.modules[index].source_refs)
    drafts = []
    for kind in shop.order.brief.artifacts:
        if kind != "quiz":
            drafts.append(_text(shop, outline, index, kind, material))
        elif shop.order.brief.questions_per_module and (quiz := _quiz(shop, outline, index, (), ())).items:
            drafts.append(quiz)
    return drafts


def _notes_of(shop: Workshop, outline: Outline, index: int) -> str:
    material = gather(shop.study, outline.modules[index].source_refs)
    return _text(shop, outline, index, "notes", material).content or ""


def remade(
    shop: Workshop,
    outline: Outline,
    index: int,
    kind: ArtifactKind,
    earlier: Sequence[ArtifactDraft],
    notes: Sequence[str],
) -> ArtifactDraft:
    """The artifact again, unlike every earlier version; raises NothingElse where it can't be."""
    if kind == "quiz":
        return _quiz(shop, outline, index, earlier, notes)
    material = gather(shop.study, outline.modules[index].source_refs)
    wishes = read_wishes(shop.study, notes)
    before = [draft.content for draft in earlier if draft.content]
    latest = before[-1] if before else ""
    base = _share(shop, kind)
    kept = base * _length_ratio(latest, _first(shop, outline, index, kind, material))
    for attempt in range(_TRIES):
        rules = _rules_for(shop, material, kind, wishes, before, kept, attempt)
        content = _WRITERS[kind](shop.study, material, outline.modules[index].title, rules)
        if content and content not in before and _follows(wishes, content, latest):
            return ArtifactDraft(kind=kind, media_type=PLAIN if kind == "narration" else MARKDOWN, content=content)
    raise NothingElse


def _first(shop: Workshop, outline: Outline, index: int, kind: ArtifactKind, material: Material) -> str:
    rules = Rules(share=_share(shop, kind), wishes=Wishes(), plain=shop.order.brief.level == "beginner")
    return _WRITERS[kind](shop.study, material, outline.modules[index].title, rules) or ""


def _length_ratio(latest: str, first: str) -> float:
    return len(latest) / len(first) if latest and first else 1.0


def _rules_for(
    shop: Workshop,
    material: Material,
    kind: ArtifactKind,
    wishes: Wishes,
    before: Sequence[str],
    kept: float,
    attempt: int,
) -> Rules:
    """The rules of one attempt: each goes further from what was made before."""
    share = kept
    if wishes.length == "shorter":
        share = kept * _SHORTER * 0.9**attempt
    elif wishes.length == "longer":
        share = min(kept, _MOST_SHARE) * _LONGER * (1 + 0.1 * attempt)
    elif attempt > 3:
        share = kept * (1 + (attempt - 3) * 0.06 * (-1) ** attempt)
    changing = wishes.length == "same" and not wishes.examples and not wishes.simple and not wishes.terms
    reluctance = (0.4 if changing else 1.0) * 0.6**attempt
    return Rules(
        share=min(max(share, _LEAST_SHARE * _OF_NOTES[kind]), _MOST_SHARE * 1.15 * max(_OF_NOTES[kind], 0.9)),
        wishes=wishes,
        used=_used(material, before[-2:]),
        reluctance=reluctance,
        plain=shop.order.brief.level == "beginner",
        generous=attempt > 2 or wishes.length == "longer",
        list_share=0.42 * share / kept if wishes.length == "shorter" else 0.42,
        ceiling=0.95 if wishes.length == "longer" else FIRST_CEILING * 0.85 ** max(attempt - 1, 0),
        lists=attempt < _TRIES // 2 or wishes.length == "longer",
        allowed=lambda passage: attempt < _TRIES // 2 or _may_stay(shop.study, passage, attempt),
    )


def _may_stay(study: Study, passage: Passage, attempt: int) -> bool:
    """Whether a late attempt may use a passage: it does without some of those that explain nothing."""
    explains = any(study.analysis.by_key[key].defined_in == passage.index for key in passage.keys)
    return explains or passage.index % _LEFT_OUT_OF != attempt % _LEFT_OUT_OF


def _used(material: Material, contents: Sequence[str]) -> frozenset[str]:
    """The passages that earlier versions used, found by their words."""
    told = [spoken_words(content) for content in contents]
    passages = {spoken_words(passage.text) for part in material.parts for passage in part.passages}
    return frozenset(words for words in passages if any(words in content for content in told))


def _follows(wishes: Wishes, content: str, latest: str) -> bool:
    """Whether the new version has the length that was asked for."""
    match wishes.length:
        case "shorter":
            return len(content) < 0.95 * len(latest)
        case "longer":
            return len(content) > 1.05 * len(latest)
        case "same":
            return True


def _share(shop: Workshop, kind: ArtifactKind) -> float:
    chars = sum(len(source.text) for source in shop.order.sources)
    extra = next((share for most, share in _THIN if chars < most), 0.0)
    return (_SHARES[shop.order.brief.level] + extra) * _OF_NOTES[kind]


def _text(shop: Workshop, outline: Outline, index: int, kind: ArtifactKind, material: Material) -> ArtifactDraft:
    rules = Rules(share=_share(shop, kind), wishes=Wishes(), plain=shop.order.brief.level == "beginner")
    title = outline.modules[index].title
    content = _WRITERS[kind](shop.study, material, title, rules)
    note = None
    if content is None and kind != "notes":
        notes = write_notes(shop.study, material, title, replace(rules, share=_share(shop, "notes"))) or ""
        content = slides_of(notes) if kind == "slides" else narration_of(notes)
        note = "The module's sources hold no sentence that fits; what its notes hold stands in their place."
    return ArtifactDraft(kind=kind, media_type=PLAIN if kind == "narration" else MARKDOWN, content=content, note=note)


def _quiz(
    shop: Workshop, outline: Outline, index: int, earlier: Sequence[ArtifactDraft], notes: Sequence[str]
) -> ArtifactDraft:
    examiner = shop.examiner(outline)
    quiz = examiner.another(index, [draft.items for draft in earlier], notes) if earlier else examiner.quiz(index)
    return ArtifactDraft(kind="quiz", media_type=QUIZ, items=quiz.items, note=quiz.note)


_WRITERS: dict[ArtifactKind, Writer] = {"notes": write_notes, "slides": write_slides, "narration": write_narration}
