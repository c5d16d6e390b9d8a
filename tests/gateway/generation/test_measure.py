"""The measure itself: each fault that the contract names is noticed where it is planted."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from gateway.generation.builtin import BuiltinGenerator
from gateway.generation.model import ArtifactDraft, Outline, OutlineModule, SourceRef
from tests.gateway.generation.course import Course, generated
from tests.gateway.generation.measure import broken_notes, broken_structure
from tests.gateway.generation.measure_artifacts import broken_markdown, broken_narration, broken_slides
from tests.gateway.generation.measure_context import cut_loose, torn_lists, unexplained
from tests.gateway.generation.orders import SHIPPED, order_of, order_on


@pytest.fixture
async def course() -> Course:
    """A sound course."""
    return await generated(BuiltinGenerator(), order_of(SHIPPED))


def with_text(course: Course, kind: str, change: Callable[[str], str]) -> Course:
    """The course with the first artifact of a kind changed."""
    drafts = [replace(d, content=change(d.content or "")) if d.kind == kind else d for d in course.modules[0]]
    return replace(course, modules=[drafts, *course.modules[1:]])


@pytest.mark.parametrize(
    ("said", "row"),
    [
        ("The Moon is made of green cheese and smells of it.", "not in the source"),
        ("The Earth does not turn beneath these bulges.", "not in the source"),
        ("The Moon's orbit is a circle.", "not in the source"),
    ],
)
def test_a_sentence_that_the_source_does_not_hold_is_noticed(course: Course, said: str, row: str) -> None:
    """One invented, negated or altered sentence breaks faithfulness."""
    assert any(row in fault for fault in broken_notes(with_text(course, "notes", lambda text: f"{text}\n{said}\n")))


def test_repetition_is_noticed(course: Course) -> None:
    """Notes that say everything twice are filler."""
    faults = broken_notes(with_text(course, "notes", lambda text: text + text))
    assert any("said once" in fault for fault in faults)


def test_notes_of_another_module_are_noticed(course: Course) -> None:
    """Notes must come from the module's own span."""
    other = course.content(1, "notes") + course.content(2, "notes")
    assert any("own span" in fault for fault in broken_notes(with_text(course, "notes", lambda _: other)))


def test_orphans_are_noticed(course: Course) -> None:
    """A paragraph that begins with a pronoun hangs in the air."""
    orphans = "\n\n".join(
        sentence
        for sentence in (
            "It uses nothing.",
            "This effect is called _resonance_.",
            "They close their shells at low tide and keep a few drops of sea water inside.",
            "She waits.",
            "However, it stays.",
        )
    )
    assert any("orphan" in fault for fault in broken_notes(with_text(course, "notes", lambda text: text + orphans)))


def test_missing_terms_and_wrong_length_are_noticed(course: Course) -> None:
    """Notes of one sentence teach too little of the source."""
    empty = replace(
        course,
        modules=[[replace(d, content="# T\n\nThe Moon's orbit is an ellipse.\n") for d in m] for m in course.modules],
    )
    faults = broken_notes(empty)
    assert any("key terms" in fault for fault in faults)
    assert any("length" in fault for fault in faults)


@pytest.mark.parametrize(
    "mess", ["\n```python\nx", "\n{{#include x}}\n", "\n<div>x</div>\n", "\n[a](b.html)\n", "\nx[^1]\n", "\n**x\n"]
)
def test_broken_markdown_is_noticed(course: Course, mess: str) -> None:
    """Open fences and marks, macros, tags, links and footnotes don't belong in an artifact."""
    assert broken_markdown(with_text(course, "notes", lambda text: text + mess))


def test_long_and_invented_slides_are_noticed(course: Course) -> None:
    """A slide is short, and says what the source says."""
    crowded = "\n\n---\n\n" + "\n".join(["- The Moon's orbit is an ellipse"] * 9)
    assert any(
        "too long" in fault for fault in broken_slides(with_text(course, "slides", lambda text: text + crowded * 9))
    )
    invented = "\n- Cheese is made of milk" * 3
    assert any(
        "not in the source" in fault
        for fault in broken_slides(with_text(course, "slides", lambda text: text + invented))
    )


def test_unspeakable_and_invented_narration_is_noticed(course: Course) -> None:
    """Nobody reads symbols aloud, and nobody adds to the source."""
    symbols = " Call `f(x)` -> 5 % of **it** & more." * 9
    assert any(
        "speakable" in fault for fault in broken_narration(with_text(course, "narration", lambda text: text + symbols))
    )
    foreign = " Cheddar melts sooner than gouda." * 30
    assert any(
        "grounded" in fault for fault in broken_narration(with_text(course, "narration", lambda text: text + foreign))
    )


@pytest.mark.parametrize(
    ("kind", "said"), [("notes", "# {}\n"), ("slides", "# {}\n\n---\n\n## More\n"), ("narration", "{}.\n")]
)
def test_an_artifact_of_headings_alone_is_noticed(course: Course, kind: str, said: str) -> None:
    """A title is no module."""
    bare = with_text(course, kind, lambda _: said.format(course.outline.modules[0].title))
    assert f"{kind} 0 is empty" in broken_structure(bare)


@pytest.mark.parametrize(
    "refs",
    [
        [SourceRef("src_tides", 0, 10**9)],
        [SourceRef("src_tides", 3, 400)],
        [SourceRef("src_tides", 0, 5)],
        [SourceRef("src_tides", 0, 9_000)],
    ],
    ids=["outside", "cuts a word", "empty", "overlaps"],
)
def test_bad_citations_are_noticed(course: Course, refs: list[SourceRef]) -> None:
    """Citations lie in the source, cut no word, hold text and don't overlap."""
    modules = [replace(course.outline.modules[0], source_refs=refs), *course.outline.modules[1:]]
    assert broken_structure(replace(course, outline=replace(course.outline, modules=modules)))


def test_bad_titles_are_noticed(course: Course) -> None:
    """No title stands twice, and each names something of its module."""
    first, second, *rest = course.outline.modules
    twice = replace(course.outline, modules=[first, replace(second, title=first.title), *rest])
    vague = replace(course.outline, modules=[replace(first, title="Part one"), second, *rest])
    assert any("twice" in fault for fault in broken_structure(replace(course, outline=twice)))
    assert any("says nothing" in fault for fault in broken_structure(replace(course, outline=vague)))


def test_a_draft_without_content_counts_as_empty(course: Course) -> None:
    """The measure reads what would be exported, and nothing else."""
    bare = replace(course, modules=[[ArtifactDraft(kind="notes", media_type="text/markdown")], *course.modules[1:]])
    assert not bare.content(0, "notes")


STEPS = "Record the sea level at the port for at least one month with a tide gauge."
CONTRAST = "The rest of the water must be stored behind a dam instead."


@pytest.mark.parametrize("kind", ["notes", "slides", "narration"])
def test_a_step_without_the_others_is_noticed(course: Course, kind: str) -> None:
    """A list is told whole or not at all, and with what announces it."""
    assert torn_lists(with_text(course, kind, lambda _: f"# T\n\n{STEPS}\n"))


def test_items_without_their_announcement_are_noticed() -> None:
    """What happens when three things occur is not what happens always."""
    text = "# Races\n\nA race happens when these behaviors occur:\n\n- Two hands write the same line.\n- There is no rule for the two hands.\n"
    items = "# Races\n\n- Two hands write the same line.\n- There is no rule for the two hands.\n"
    said = made_of(text, items)
    assert any("without: A race happens" in fault for fault in torn_lists(said))
    assert torn_lists(made_of(text, text)) == []


@pytest.mark.parametrize(
    ("source", "alone"),
    [
        (
            "A worker has many jobs. Between the first and the ninth day she cleans cells.",
            "Between the first and the ninth day she cleans cells.",
        ),
        (f"Some water runs off. {CONTRAST}", CONTRAST),
    ],
    ids=["subject", "contrast"],
)
def test_a_sentence_cut_loose_is_noticed(source: str, alone: str) -> None:
    """A subject or a contrast that stands in the sentence before goes with that sentence or not at all."""
    text = f"# Bees\n\n{source} The end is near.\n"
    assert any("cut loose" in fault for fault in cut_loose(made_of(text, f"# Bees\n\nThe end is near. {alone}\n")))
    assert cut_loose(made_of(text, text)) == []


def test_a_term_used_without_its_definition_is_noticed() -> None:
    """Where the source says what a term is, the notes that use it say so too."""
    source = "# Log\n\nA *journal file* is the list to which the server writes every change. The journal file is cut into parts.\n"
    assert unexplained(made_of(source, "# Log\n\nThe journal file is cut into parts.\n"))
    assert unexplained(made_of(source, source)) == []


def made_of(source: str, notes: str) -> Course:
    """A course of one module with given notes."""
    order = order_on(source)
    module = OutlineModule(0, "T", "", [], [SourceRef("src_text", 0, len(source))])
    draft = ArtifactDraft(kind="notes", media_type="text/markdown", content=notes)
    return Course(order, Outline("T", "", [module]), [[draft]])
