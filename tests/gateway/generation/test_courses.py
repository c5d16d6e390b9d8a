"""Whole courses on documents of many shapes, held against the text rows of the contract."""

import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from gateway.generation.builtin import BuiltinGenerator
from gateway.generation.model import GenerationFailed
from tests.gateway.generation.course import generated
from tests.gateway.generation.measure import broken, broken_structure, empty_artifacts
from tests.gateway.generation.orders import DOCUMENTS, SHIPPED, order_of, order_on

PAGES = [path for path in [SHIPPED, *DOCUMENTS] if len(path.read_bytes()) > 1_500]


@pytest.mark.parametrize("modules", [1, 3, 5, 12])
@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
async def test_every_text_row_holds_on_every_document(path: Path, modules: int) -> None:
    """Structure, notes, slides and narration meet the contract, however many modules are asked for."""
    course = await generated(BuiltinGenerator(), order_of(path, modules=modules))
    assert broken(course) == []
    assert 1 <= len(course.outline.modules) <= modules


@pytest.mark.parametrize("level", ["beginner", "advanced"])
async def test_every_text_row_holds_at_every_level(level: str) -> None:
    """The level changes what is chosen, never whether it is sound."""
    course = await generated(BuiltinGenerator(), order_of(SHIPPED, level=level))
    assert broken(course) == []


async def test_an_advanced_course_tells_more_than_one_for_beginners() -> None:
    """The level sets how much of the source is told."""
    lengths = {}
    for level in ("beginner", "intermediate", "advanced"):
        course = await generated(BuiltinGenerator(), order_of(SHIPPED, level=level))
        lengths[level] = sum(len(course.content(module.index, "notes")) for module in course.outline.modules)
    assert lengths["beginner"] < lengths["intermediate"] < lengths["advanced"]


async def test_the_same_order_gives_the_same_bytes() -> None:
    """Two generators that never met make one course, byte for byte."""
    order = order_of(SHIPPED)
    first, second = [await generated(BuiltinGenerator(), order) for _ in range(2)]
    assert msgspec.json.encode(first) == msgspec.json.encode(second)


def test_chance_in_the_interpreter_changes_nothing() -> None:
    """Processes that order their sets differently make the same course, quiz included."""
    script = (
        "import sys, msgspec; from tests.gateway.generation.orders import SHIPPED, order_of; from gateway.generation.builtin import making;"
        "shop = making.open_workshop(order_of(SHIPPED, artifacts=['notes', 'slides', 'narration', 'quiz']));"
        "outline = making.outline_of(shop);"
        "sys.stdout.buffer.write(msgspec.json.encode([outline, [making.module_of(shop, outline, m.index) for m in outline.modules]]))"
    )
    root = Path(__file__).parents[3]
    made = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=root,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(made) == 1


async def test_the_same_document_gives_the_same_course_in_whatever_course_it_is() -> None:
    """Lots are drawn by the sources and the brief: fresh ids of course and source change nothing but those ids."""
    made = []
    for name in ("first", "second", "third"):
        order = order_of(SHIPPED, artifacts=["slides", "notes", "narration", "quiz"])
        source = replace(order.sources[0], id=f"src_{name}")
        course = await generated(BuiltinGenerator(), replace(order, course_id=f"crs_{name}", sources=[source]))
        made.append(msgspec.json.encode([course.outline, course.modules]).replace(source.id.encode(), b"src"))
    assert made[0] == made[1] == made[2]


async def test_the_courses_title_may_change_between_the_outline_and_a_module() -> None:
    """A worker that takes over reads the title that the outline gave the course, and makes the same module."""
    order = order_of(SHIPPED, artifacts=["quiz"])
    outline = await BuiltinGenerator().outline(order)
    named = replace(order, title=outline.title)
    assert await BuiltinGenerator().module(named, outline, 2) == await BuiltinGenerator().module(order, outline, 2)


async def test_a_module_made_alone_is_the_one_made_in_turn() -> None:
    """A worker that takes over after a crash makes what the first would have made."""
    order = order_of(SHIPPED)
    course = await generated(BuiltinGenerator(), order)
    fresh = BuiltinGenerator()
    assert await fresh.module(order, course.outline, 3) == course.modules[3]


async def test_several_sources_make_one_course() -> None:
    """Every source is cited, and no module mixes up whose span is whose."""
    chosen = [path for path in PAGES if path.name in {"tides.md", "bees.txt", "minerals.md"}]
    course = await generated(BuiltinGenerator(), order_of(*chosen, modules=8))
    assert broken(course) == []
    assert {ref.source_id for module in course.outline.modules for ref in module.source_refs} == {
        "src_tides",
        "src_bees",
        "src_minerals",
    }


async def test_a_thin_source_yields_fewer_modules() -> None:
    """A page makes one module, not five empty ones."""
    thin = next(path for path in DOCUMENTS if path.name == "yeast.md")
    course = await generated(BuiltinGenerator(), order_of(thin, modules=5))
    assert len(course.outline.modules) == 1
    assert broken_structure(course) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t\n",
        "# Title only\n",
        "<!-- nothing -->\n",
        "{{#include a.md}}\n",
        "a" * 10_000,
        "![a](b.png)\n",
        "---\ntitle: x\n---\n",
    ],
)
async def test_a_source_without_a_sentence_is_unreadable(text: str) -> None:
    """Nothing is made of nothing: the course fails, and says that it is the source."""
    with pytest.raises(GenerationFailed) as failed:
        await BuiltinGenerator().outline(order_on(text))
    assert failed.value.code == "source_unreadable"
    assert not failed.value.retryable


@pytest.mark.parametrize(
    "text",
    [
        "# My Day\n\nIt was a good day. This made me happy. They were there too. He said hello. She waved back. That is all.\n",
        "# FAQ\n\n## What is it?\n\nWhat is it? Who knows? Why not? Where to? How come?\n",
        "*a_ " * 1_000 + ". The dog is an animal.",
    ],
    ids=["pronouns", "questions", "emphasis"],
)
async def test_a_source_of_which_no_notes_come_is_unreadable(text: str) -> None:
    """Sentences that only lean on others are no sentences for a course: it fails instead of being empty."""
    with pytest.raises(GenerationFailed) as failed:
        await BuiltinGenerator().outline(order_on(text))
    assert failed.value.code == "source_unreadable"


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("# Prices\n\n| Item | Price |\n|---|---|\n| Milk | 2 EUR |\n| Eggs | 3 EUR |\n", "Milk"),
        ("# Shopping\n\n- milk\n- eggs\n- bread\n- butter\n", "butter"),
        ("# Run\n\nCall `foo(x)->bar()` with `x = 3` before `baz::qux<T>()` returns.\n", "returns"),
        (f"# Law\n\nThe party, which {'had agreed to the terms and ' * 8}knew them, delivers the goods.\n", "goods"),
    ],
    ids=["table", "list", "code", "long"],
)
async def test_what_fits_no_slide_and_cannot_be_said_still_stands_in_every_artifact(text: str, held: str) -> None:
    """A table, a list or a long sentence alone makes a module none of whose artifacts is empty."""
    course = await generated(BuiltinGenerator(), order_on(text))
    assert empty_artifacts(course) == []
    assert all(held.lower() in (draft.content or "").lower() for draft in course.modules[0])


async def test_a_part_without_a_sentence_is_joined_to_its_neighbour() -> None:
    """No module is made of what no notes come of; its text is cited with the module before it."""
    leaning = "It was so. This is what they wanted. They helped him. She stays. That was it. " * 12
    solid = " ".join(f"Basin {number} holds the water of spring {number} for a week." for number in range(40))
    course = await generated(
        BuiltinGenerator(), order_on(f"# Basins\n\n{solid}\n\n## Farewell\n\n{leaning}\n", modules=2)
    )
    assert empty_artifacts(course) == []
    assert course.outline.modules[-1].source_refs[-1].end > len(solid)


async def test_only_the_wanted_artifacts_are_made_in_the_order_of_the_brief() -> None:
    """The brief names the kinds; no other is made."""
    course = await generated(BuiltinGenerator(), order_of(SHIPPED, artifacts=["narration", "notes"]))
    assert [[draft.kind for draft in drafts] for drafts in course.modules] == [["narration", "notes"]] * 5


async def test_a_brief_objective_leads_the_module_that_serves_it() -> None:
    """An objective of the customer's own words stands first in the module on its subject, and in no other."""
    wish = "Explain spring tides and neap tides"
    course = await generated(BuiltinGenerator(), order_of(SHIPPED, objectives=[wish, "Bake bread"]))
    serving = [module for module in course.outline.modules if wish in module.objectives]
    assert serving
    assert serving[0].objectives[0] == wish
    assert not any("Bake bread" in module.objectives for module in course.outline.modules)


async def test_objectives_name_what_the_module_explains_or_comes_back_to() -> None:
    """Each objective names a term that the module's own sentences define or repeat; words of every day are none."""
    for path in PAGES:
        course = await generated(BuiltinGenerator(), order_of(path))
        for module in course.outline.modules:
            assert 1 <= len(module.objectives) <= 5
            cited = course.cited(module).lower()
            named = [o for o in module.objectives if o.startswith(("Explain what is meant by", "Describe the role"))]
            for term in re.findall(r"[“`](.+?)[”`]", " ".join(named)):
                assert term.lower() in cited, (module.title, term)
            described = [o for o in module.objectives if o.startswith("Describe the role")]
            assert all(cited.count(re.findall(r"[“`](.+?)[”`]", o)[0].lower()) > 1 for o in described)


async def test_a_handbook_of_one_module_is_called_by_its_own_title() -> None:
    """A document that is too short to be cut keeps its heading, whether or not its sentences use the word."""
    text = "# Team Handbook\n\nA badge opens the doors.\n\n## Prices\n\nCoffee costs two euros.\n\n## Safety\n\nAn alarm warns people.\n"
    course = await generated(BuiltinGenerator(), order_on(text))
    assert [module.title for module in course.outline.modules] == ["Team Handbook"]


async def test_the_order_title_is_the_courses_title_and_else_the_documents() -> None:
    """A title given by hand wins over the document's own."""
    named = await BuiltinGenerator().outline(order_of(SHIPPED, title="The Sea"))
    unnamed = await BuiltinGenerator().outline(order_of(SHIPPED))
    assert named.title == "The Sea"
    assert unnamed.title == "Tides: How the Moon and the Sun Move the Sea"
