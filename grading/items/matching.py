"""matching: every stem gets a choice."""

from typing import Annotated

import msgspec
from msgspec import Struct

from grading.alike import worth_alike
from grading.faults import Blank, Flaws, Malformed
from grading.items.asked import Answered, Asked
from grading.kinds import Loaded, loaded
from grading.parts import Choice, Id, Stem, exact, ids_once
from grading.result import signs
from grading.slots import Filled, MeanRule, Slots, SlotsRubric, each_can_have_its_own, equals_of, right_options
from grading.weights import weights_of


class MatchingContent(Struct, frozen=True, forbid_unknown_fields=True):
    """Stems that each get one choice; with `reuse` a choice may serve more than one stem. Extra choices may be left.

    With `require_all` every stem must get a choice; without it a stem that gets none earns nothing.
    """

    stem: Stem
    stems: Annotated[tuple[Choice, ...], msgspec.Meta(min_length=2, max_length=40)]
    choices: Annotated[tuple[Choice, ...], msgspec.Meta(min_length=2, max_length=50)]
    reuse: bool = False
    require_all: bool = False


class MatchingKey(Struct, frozen=True, forbid_unknown_fields=True):
    """The right choice of every stem, by ids. Choices with equal texts are equal."""

    pairs: dict[str, str]


class MatchingScoring(Struct, frozen=True, forbid_unknown_fields=True):
    """Right stems over all stems, less `wrong_penalty` for each wrong one; or nothing unless all are right."""

    rule: MeanRule = "mean"
    wrong_penalty: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.0


class Matching(Asked, frozen=True, tag="matching", kw_only=True):
    """Pairs."""

    content: MatchingContent
    key: MatchingKey
    scoring: MatchingScoring = MatchingScoring()


class Pair(Struct, frozen=True, forbid_unknown_fields=True):
    """The choice that a stem got."""

    stem: Id
    choice: Id


class MatchingAnswer(Answered, frozen=True, tag="matching"):
    """The pairs that were made, in any order; stems may be left out."""

    pairs: Annotated[tuple[Pair, ...], msgspec.Meta(max_length=200)]


class MatchingForm(Struct, frozen=True):
    """Knows stems and choices."""

    slots: Slots

    def read(self, answer: MatchingAnswer) -> Filled | Blank | Malformed:
        """Return the choice of each stem."""
        return self.slots.read([(pair.stem, pair.choice) for pair in answer.pairs])


def load(item: Matching, flaws: Flaws) -> Loaded:
    """Prepare the item; what makes it ungradable is added to `flaws`."""
    content, scoring = item.content, item.scoring
    choices = ids_once(content.choices, "content.choices", flaws)
    ids_once(content.stems, "content.stems", flaws)
    stems = [stem.id for stem in content.stems]
    equals = equals_of(content.choices)
    right = right_options(stems, item.key.pairs, [equals] * len(stems), "key.pairs", flaws)
    worth_alike(content.stems, dict(zip(stems, right, strict=True)), "content.stems", flaws)
    if not content.reuse and all(right) and not each_can_have_its_own(right):
        flaws.add("key.pairs", "two stems need the same choice, but the content does not allow its reuse")
    slots = Slots(
        ("pairs", "stem", "choice"),
        {stem: place for place, stem in enumerate(stems)},
        (choices,) * len(stems),
        content.reuse,
        content.require_all,
    )
    rubric = SlotsRubric(
        right,
        tuple(signs(stem) for stem in stems),
        weights_of(stems, None, "scoring", flaws),
        exact(scoring.wrong_penalty),
        scoring.rule == "all_or_nothing",
    )
    return loaded(MatchingAnswer, MatchingForm(slots), rubric)
