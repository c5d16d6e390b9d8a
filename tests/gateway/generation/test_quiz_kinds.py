"""What each kind asks of a few sentences, and what it refuses to ask."""

from typing import Any

import pytest
from msgspec import to_builtins

from gateway.generation.builtin.making import study_of
from gateway.generation.builtin.quiz.balance import items_of
from gateway.generation.builtin.quiz.items import Lots
from gateway.generation.builtin.quiz.material import material_of
from gateway.generation.builtin.quiz.plan import candidates_of
from gateway.generation.builtin.quiz.reading import Reading, read
from gateway.generation.builtin.quiz.standing import stands
from gateway.generation.builtin.quiz.twist import twist
from gateway.generation.builtin.quiz.words import article, is_plural, root
from gateway.generation.model import Outline, OutlineModule, Source, SourceRef
from tests.gateway.generation.quiz_reading import keys, options


def reading_of(text: str) -> Reading:
    """A reading of a text that is one module and that its notes teach whole."""
    study = study_of((Source("src_1", "source.md", "text/markdown", text),))
    module = OutlineModule(0, "All of it", "", [], [SourceRef("src_1", 0, len(text))])
    return read(material_of(study, Outline("All of it", "", [module]), [text]))


def twisted(text: str) -> dict[str, str]:
    """The statements of a text with their false forms."""
    reading = reading_of(text)
    pairs = ((statement.shown, twist(reading, statement)) for statement in reading.statements)
    return {shown: changed.shown for shown, changed in pairs if changed is not None}


@pytest.mark.parametrize(
    ("true", "false"),
    [
        ("The human heart has four chambers in all mammals.", "The human heart has five chambers in all mammals."),
        ("The wall of an artery is thicker than a hair.", "The wall of an artery is thinner than a hair."),
        ("A slow train in winter needs 40 minutes to Bern.", "A slow train in winter needs 80 minutes to Bern."),
        (
            "Arteries carry blood away from the lungs, whereas veins carry fluid towards the kidney.",
            "Veins carry blood away from the lungs, whereas arteries carry fluid towards the kidney.",
        ),
    ],
)
def test_a_false_statement_has_one_fact_changed(true: str, false: str) -> None:
    """A number, an opposite or the sides of a contrast change; no `not` comes in."""
    assert twisted(f"# Facts\n\n{true}\n")[true] == false


def test_a_definition_is_given_to_another_term() -> None:
    """The false form of a definition names a term that the source defines otherwise."""
    text = (
        "# Printing\n\nA **matrix** is a mould that gives a piece of type its shape. "
        "A **punch** is a steel rod that carries a letter at one end.\n"
    )
    assert twisted(text)["A matrix is a mould that gives a piece of type its shape."] == (
        "A punch is a mould that gives a piece of type its shape."
    )


@pytest.mark.parametrize(
    "text",
    [
        "In this section the heap is compared with the stack.",
        "The value is never copied to the heap.",
        "Figure 4 shows the stack and the heap.",
        "We put the value on the heap.",
        "The tasks of those parts are many.",
        "The way of that engine is long.",
        "The variable `s1` holds a pointer to the heap.",
    ],
)
def test_a_sentence_that_leans_on_another_is_not_asked(text: str) -> None:
    """No pointers out of the sentence, no denials, no names that live in an example alone."""
    assert not stands(text)


def test_a_sentence_that_says_all_it_needs_is_asked() -> None:
    """`that` may mean what the sentence itself has named."""
    assert stands("A reference points to a valid value for the life of that reference.")
    assert stands("Rust calls `drop` at the closing curly bracket.")


CIRCLE = """# The Water Cycle

**Evaporation** is the change of liquid water into vapour at the surface of a lake. **Condensation** is the change of vapour
into small drops around grains of dust. **Runoff** is the part of the rain that flows over the ground into a river. An
**aquifer** is a layer of rock that stores water between its grains. A **glacier** is a body of dense ice that moves down a
slope under its own weight.

## How rain forms

Rain forms in these steps:

1. The sun warms the surface of the sea.
2. Vapour rises into cooler layers of air.
3. Drops grow around grains of dust.
4. Heavy drops fall out of the cloud.

A cloud of medium size weighs about 500,000 kilograms. A glacier feeds a river in a dry summer, and an aquifer feeds a river in a
dry winter. The oceans contain 97 percent of the water of the Earth. A river basin
consists of three zones. In 1674 Pierre Perrault measured the flow of the Seine.
"""


@pytest.fixture(scope="module")
def circle() -> dict[str, list[dict[str, Any]]]:
    """All that can be asked of the water cycle, by kind."""
    return asked_of(CIRCLE)


def asked_of(text: str) -> dict[str, list[dict[str, Any]]]:
    """Every candidate of a text as an item, by kind."""
    found: dict[str, list[dict[str, Any]]] = {}
    for pool in candidates_of(reading_of(text), 1):
        for item in to_builtins(items_of([pool], Lots("drawn", "named"))[0]):
            found.setdefault(item["type"], []).append(item)
    return found


def test_a_term_is_asked_by_its_meaning(circle: dict[str, list[dict[str, Any]]]) -> None:
    """The key is the term, the other options are terms that the source defines as well."""
    item = next(item for item in circle["single_choice"] if "stores water between" in item["content"]["stem"])
    right, wrong = options(item)
    assert right == ["aquifer"]
    assert len(wrong) == 2
    assert set(wrong) <= {"glacier", "evaporation", "condensation"}


def test_a_count_is_asked_by_how_many(circle: dict[str, list[dict[str, Any]]]) -> None:
    """Number words are options in their order, near the right one."""
    item = next(item for item in circle["single_choice"] if item["content"]["stem"].startswith("How many"))
    assert item["content"]["stem"] == "How many zones does a river basin consist of?"
    assert options(item)[0] == ["three"]


def test_a_number_keeps_its_unit_in_the_question(circle: dict[str, list[dict[str, Any]]]) -> None:
    """The answer is a bare number, grouped as the source groups it, and the content says so."""
    item = next(item for item in circle["numeric"] if "cloud" in item["content"]["stem"])
    assert item["content"]["stem"] == "About how many kilograms does a cloud of medium size weigh?"
    assert keys(item) == ["500,000"]
    assert item["content"]["group_mark"] == ","


def test_numbered_steps_are_put_in_order(circle: dict[str, list[dict[str, Any]]]) -> None:
    """The key is the order of the source; what is shown is neither it nor its reverse."""
    (item,) = circle["ordering"]
    right = keys(item)
    assert right[0] == "The sun warms the surface of the sea"
    assert right[-1] == "Heavy drops fall out of the cloud"
    shown = [entry["text"] for entry in item["content"]["items"]]
    assert shown not in (right, right[::-1])


def test_definitions_are_matched(circle: dict[str, list[dict[str, Any]]]) -> None:
    """Each description has its term, and one term is left over."""
    item = circle["matching"][0]
    assert len(item["content"]["choices"]) == len(item["content"]["stems"]) + 1
    texts = {entry["id"]: entry["text"] for part in ("stems", "choices") for entry in item["content"][part]}
    pairs = {texts[stem]: texts[choice] for stem, choice in item["key"]["pairs"].items()}
    assert all(
        f"**{term}** is {meaning}".lower() in " ".join(CIRCLE.split()).lower() for meaning, term in pairs.items()
    )


def test_a_gap_is_a_term_inside_the_sentence(circle: dict[str, list[dict[str, Any]]]) -> None:
    """Never the first word, and put back it gives the sentence of the source."""
    for item in (*circle["gap_text"], *circle.get("gap_select", [])):
        stem = item["content"]["stem"]
        assert not stem.startswith("_____")
        assert stem.count("_____") == 1
        assert " ".join(stem.replace("_____", keys(item)[0]).split()) in " ".join(CIRCLE.replace("**", "").split())


def test_sentences_about_something_unnamed_are_left_out() -> None:
    """Pronouns, asides and pointers make no question."""
    text = "# Odd\n\nIt has four legs. This one is faster. They are listed below. See chapter 4 for more of the same.\n"
    assert asked_of(text) == {}


def test_code_is_typed_without_its_marks() -> None:
    """A learner types `drop` without backticks."""
    text = (
        "# Memory\n\nRust calls `drop` automatically when the owner of a buffer leaves its scope. The compiler refuses `drop` "
        "as an explicit call of a method. A type implements `drop` to give its memory back to the allocator.\n"
    )
    typed = asked_of(text)["gap_text"]
    assert all("`" not in key for item in typed for key in keys(item))
    assert any(key == "drop" for item in typed for key in keys(item))


@pytest.mark.parametrize(
    ("word", "plural"), [("atria", False), ("valves", True), ("gas", False), ("bus", False), ("mice", True)]
)
def test_plurals_are_known(word: str, plural: bool) -> None:
    """Options agree in number, so number must be seen."""
    assert is_plural(word) is plural


@pytest.mark.parametrize(
    ("word", "wanted"), [("hour", "an"), ("unit", "a"), ("apple", "an"), ("pear", "a"), ("European", "a")]
)
def test_articles_follow_the_sound(word: str, wanted: str) -> None:
    """`an hour`, `a unit`."""
    assert article(word) == wanted


def test_forms_of_a_word_share_a_root() -> None:
    """So that an echo is heard in every inflection."""
    assert root("copies") == root("copy") == root("copied")
    assert root("stored") == root("stores") == root("storing")


@pytest.mark.parametrize(
    "text",
    [
        "A worker of the young colony changes her job as she grows older.",
        "Point-in-time recovery is the replay of the archived log on top of a physical copy.",
        "Allocating space on the heap requires more work of the busy allocator.",
    ],
)
def test_a_word_that_has_no_opposite_here_is_not_turned(text: str) -> None:
    """Nobody grows younger, nothing is on bottom of another, and more than what must be said."""
    assert text not in twisted(f"# Facts\n\n{text}\n")


def test_a_comparison_is_not_asked_without_what_it_compares() -> None:
    """A sentence that opens with `comparatively` is half of a pair."""
    assert not stands("Comparatively, allocating space on the heap requires more work")


def test_a_term_is_not_offered_beside_what_it_is_a_kind_of() -> None:
    """The source says that foragers are bees, and an enzyme is called invertase."""
    reading = reading_of(
        "# The Honeybee\n\nForagers are the oldest bees in the hive. An enzyme called invertase splits sugar. The workers feed the "
        "queen.\n"
    )
    assert reading.kinship.kin("foragers", "bees")
    assert reading.kinship.kin("bees", "workers")
    assert reading.kinship.kin("enzyme", "invertase")
    assert not reading.kinship.kin("foragers", "workers")


def test_a_single_digit_is_no_gap() -> None:
    """`_____ minute` says its own number."""
    asked = asked_of("# Loss\n\nContinuous archiving lowers the possible loss of data to about 1 minute.\n")
    assert "numeric" not in asked


def test_a_story_is_put_in_order() -> None:
    """What is done one after the other, without its time and its doer."""
    text = (
        "# Worker\n\nA worker has many jobs. For the first two days she cleans cells. From the third day to the tenth day she feeds larvae. "
        "Between the twelfth and the eighteenth day she builds comb with wax. She then guards the entrance of the hive.\n"
    )
    (item,) = asked_of(text)["ordering"]
    assert keys(item) == ["Cleans cells", "Feeds larvae", "Builds comb with wax", "Guards the entrance of the hive"]


def test_names_with_underscores_count_as_taught() -> None:
    """What the notes hold word for word is taught, `wal_level` and emphasis included."""
    text = "# Log\n\nA copy of the _log_, kept by the server, needs `wal_level` at its second step.\n"
    assert all(sentence.taught for sentence in reading_of(text).material.sentences)


@pytest.mark.parametrize(
    "text",
    [
        "You can also drop both values to take a slice of the entire string.",
        "The flood killed 1,836 people in the Netherlands and 307 in England.",
    ],
)
def test_a_sentence_about_what_only_the_text_before_has_named_is_not_judged(text: str) -> None:
    """Which values, which flood: a learner without the text can't know."""
    assert reading_of(f"# Facts\n\n{text}\n").statements == ()


def test_a_number_that_the_sentence_says_twice_is_no_gap() -> None:
    """The rest of the sentence would show it."""
    asked = asked_of(
        "# Range\n\nOn most coasts the spring range is roughly 20 percent larger and the neap range 20 percent smaller.\n"
    )
    assert "numeric" not in asked
