"""Asking for an artifact again: it differs, follows the note, stays sound, and fails where nothing else can be made."""

import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from gateway.generation.builtin import BuiltinGenerator
from gateway.generation.model import ArtifactDraft, ArtifactKind, NothingElse
from tests.gateway.generation.course import Course, generated
from tests.gateway.generation.measure import broken
from tests.gateway.generation.orders import DOCUMENTS, SHIPPED, order_of, order_on

KINDS: list[ArtifactKind] = ["notes", "slides", "narration"]
_EXAMPLE = re.compile(r"(?i)for example|such as|for instance|e\.g\.|including|as in a\b")


def draft_of(course: Course, index: int, kind: ArtifactKind) -> ArtifactDraft:
    """The first version of an artifact."""
    return next(draft for draft in course.modules[index] if draft.kind == kind)


def with_draft(course: Course, index: int, made: ArtifactDraft) -> Course:
    """The course with one artifact replaced."""
    modules = list(course.modules)
    modules[index] = [made if draft.kind == made.kind else draft for draft in modules[index]]
    return replace(course, modules=modules)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "note", ["Once more, please.", "shorter", "simpler", "more examples", "More about the Bay of Fundy."]
)
async def test_a_new_version_differs_and_stays_sound(kind: ArtifactKind, note: str) -> None:
    """Whatever the note says, the new version is another one and meets every row."""
    order = order_of(SHIPPED)
    generator = BuiltinGenerator()
    course = await generated(generator, order)
    for index in range(len(course.outline.modules)):
        first = draft_of(course, index, kind)
        made = await generator.regenerate(order, course.outline, index, kind, [first], [note])
        assert made.content != first.content
        assert broken(with_draft(course, index, made)) == []


@pytest.mark.parametrize("kind", KINDS)
async def test_shorter_is_shorter_and_longer_is_longer(kind: ArtifactKind) -> None:
    """The wish for a length is followed, against the latest version."""
    order = order_of(SHIPPED)
    generator = BuiltinGenerator()
    course = await generated(generator, order)
    first = draft_of(course, 4, kind)
    shorter = await generator.regenerate(order, course.outline, 4, kind, [first], ["Make it shorter."])
    longer = await generator.regenerate(
        order, course.outline, 4, kind, [first, shorter], ["Make it shorter.", "Longer, please."]
    )
    assert len(shorter.content or "") < len(first.content or "")
    assert len(longer.content or "") > len(shorter.content or "")


async def test_simpler_notes_have_shorter_sentences() -> None:
    """`simpler` prefers the plain sentences of the source."""
    order = order_of(SHIPPED)
    generator = BuiltinGenerator()
    course = await generated(generator, order)

    def mean_words(indexes: list[ArtifactDraft]) -> float:
        text = " ".join(re.sub(r"(?m)^[#|].*$", "", draft.content or "") for draft in indexes)
        return len(text.split()) / max(len(re.findall(r"[.!?](?:\s|$)", text)), 1)

    firsts = [draft_of(course, index, "notes") for index in range(5)]
    simpler = [
        await generator.regenerate(order, course.outline, i, "notes", [first], ["simpler"])
        for i, first in enumerate(firsts)
    ]
    assert mean_words(simpler) < mean_words(firsts)


async def test_more_examples_brings_examples() -> None:
    """`more examples` takes the source's examples that the first version left out."""
    text = """# Metals

Metals conduct heat and electricity well. Some metals, such as sodium, can be cut with a knife. Most metals are silvery
solids that bend without breaking. Alloys are mixtures of a metal with other elements. Smiths have made alloys for five
thousand years, for example bronze from copper and tin.

Corrosion eats metals from their surface. Noble metals, including gold and platinum, do not corrode in air. Paint keeps
water and oxygen away from steel. Zinc protects steel even where the coating has a scratch.

Ores are rocks from which a metal can be won with profit. Miners dig ores from pits and shafts. Furnaces turn ores into
metals with heat and carbon. Reactive metals such as aluminium are won with electric current instead. Recycling saves most
of the energy that winning a metal from its ore needs.
"""
    order = order_on(text, modules=1)
    generator = BuiltinGenerator()
    course = await generated(generator, order)
    first = draft_of(course, 0, "notes")
    made = await generator.regenerate(order, course.outline, 0, "notes", [first], ["More examples, please"])
    assert len(_EXAMPLE.findall(made.content or "")) > len(_EXAMPLE.findall(first.content or ""))


async def test_a_term_that_the_note_names_is_told_more() -> None:
    """A term of the source in the note brings the sentences that use it."""
    order = order_of(SHIPPED, modules=3)
    generator = BuiltinGenerator()
    course = await generated(generator, order)
    index = next(m.index for m in course.outline.modules if "Guesswork" in m.title)
    first = draft_of(course, index, "notes")
    made = await generator.regenerate(
        order, course.outline, index, "notes", [first], ["Say more about tidal bores and the Severn."]
    )
    assert len(re.findall(r"bore|Severn", made.content or "")) > len(re.findall(r"bore|Severn", first.content or ""))


async def test_the_same_request_gives_the_same_bytes() -> None:
    """The same earlier versions and the same notes give the same version, in any process."""
    order = order_of(SHIPPED)
    course = await generated(BuiltinGenerator(), order)
    first = draft_of(course, 2, "notes")
    made = [
        await BuiltinGenerator().regenerate(order, course.outline, 2, "notes", [first], ["again"]) for _ in range(2)
    ]
    assert made[0] == made[1]


@pytest.mark.parametrize(
    "path", [path for path in DOCUMENTS if path.name in {"bees.txt", "sorting.md"}], ids=lambda p: p.name
)
async def test_no_version_comes_back(path: Path) -> None:
    """Version after version is new, until nothing else can be made, which is said so."""
    order = order_of(path)
    generator = BuiltinGenerator()
    course = await generated(generator, order)
    versions = [draft_of(course, 0, "notes")]
    for count in range(1, 7):
        versions.append(await generator.regenerate(order, course.outline, 0, "notes", versions, ["again"] * count))
    assert len({version.content for version in versions}) == 7


async def test_where_nothing_else_can_be_made_it_fails() -> None:
    """One sentence allows one version: the unit is given back."""
    order = order_on("# Gold\n\nGold is a soft yellow metal that never rusts.\n")
    generator = BuiltinGenerator()
    course = await generated(generator, order)
    with pytest.raises(NothingElse):
        await generator.regenerate(order, course.outline, 0, "notes", [draft_of(course, 0, "notes")], ["again"])
