"""multiple_choice: some of several choices are ticked."""

from collections.abc import Mapping
from math import lcm
from typing import Annotated, Literal

import msgspec
from msgspec import Struct

from grading.alike import worth_alike
from grading.faults import Blank, Flaws, Malformed, shown
from grading.items.asked import Answered, Asked
from grading.kinds import Loaded, loaded
from grading.parts import Choice, Id, Share, Stem, exact, ids_once
from grading.result import PartSignal, Scored, Signs, nearly_all, ratio, signs
from grading.result import Share as ExactShare
from grading.ticks import FORMULAS, Formula, TickRule, ticks_refused


class MultipleChoiceContent(Struct, frozen=True, forbid_unknown_fields=True):
    """A question with choices, of which from `min_choices` to `max_choices` (all, if null) are ticked."""

    stem: Stem
    choices: Annotated[tuple[Choice, ...], msgspec.Meta(min_length=2, max_length=50)]
    min_choices: Annotated[int, msgspec.Meta(ge=1)] = 1
    max_choices: Annotated[int, msgspec.Meta(ge=1)] | None = None


class MultipleChoiceKey(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The ids of all right choices; or, for the rule `weights`, what each ticked choice adds or takes away."""

    correct: Annotated[tuple[Id, ...], msgspec.Meta(min_length=1)] | None = None
    weights: dict[str, Share] | None = None


class MultipleChoiceScoring(Struct, frozen=True, forbid_unknown_fields=True):
    """How ticked right and ticked wrong choices count; `weights` goes with a key of weights, the others with `correct`.

    `balanced` suits where more than half of the choices are right: ticking all earns nothing under it.
    """

    rule: TickRule | Literal["weights"] = "net_correct"


class MultipleChoice(Asked, frozen=True, tag="multiple_choice", kw_only=True):
    """Some of several choices."""

    content: MultipleChoiceContent
    key: MultipleChoiceKey
    scoring: MultipleChoiceScoring = MultipleChoiceScoring()


class MultipleChoiceAnswer(Answered, frozen=True, tag="multiple_choice"):
    """The ids of the ticked choices, in any order."""

    choices: Annotated[tuple[Id, ...], msgspec.Meta(max_length=200)]


class MultipleChoiceForm(Struct, frozen=True):
    """Knows the ids of the choices and how many may be ticked."""

    choices: frozenset[str]
    min_choices: int
    max_choices: int

    def read(self, answer: MultipleChoiceAnswer) -> tuple[str, ...] | Blank | Malformed:
        """Return the ids of the ticked choices."""
        ticked = answer.choices
        if not ticked:
            return Blank("choices")
        distinct = set(ticked)
        count = len(ticked)
        if len(distinct) < count or not distinct <= self.choices or not self.min_choices <= count <= self.max_choices:
            return Malformed(tuple(ticks_refused(ticked, self.choices, self.min_choices, self.max_choices, "choices")))
        return ticked


class TicksRubric(Struct, frozen=True):
    """Knows the right choices and what right and wrong ticks earn. Says nothing about choices that were not ticked."""

    signs: dict[str, Signs]
    correct: frozenset[str]
    wrong: int
    formula: Formula

    def score(self, reading: tuple[str, ...]) -> Scored:
        """Count what was ticked and apply the rule."""
        right = 0
        parts: list[PartSignal] = []
        for choice in reading:
            if choice in self.correct:
                right += 1
                parts.append(self.signs[choice].right)
            else:
                parts.append(self.signs[choice].wrong)
        return Scored(self.formula(right, len(reading) - right, len(self.correct), self.wrong), tuple(parts))


class TickWeightsRubric(Struct, frozen=True):
    """Knows what each ticked choice adds or takes away, in parts of `whole`."""

    signs: dict[str, Signs]
    weights: dict[str, int]
    whole: int

    def score(self, reading: tuple[str, ...]) -> Scored:
        """Add up the weights of what was ticked."""
        earned = 0
        parts: list[PartSignal] = []
        for choice in reading:
            weight = self.weights.get(choice, 0)
            earned += weight
            parts.append(self.signs[choice].right if weight > 0 else self.signs[choice].wrong)
        return Scored(ratio(earned, self.whole), tuple(parts))


def load(item: MultipleChoice, flaws: Flaws) -> Loaded | None:
    """Prepare the item; what makes it ungradable is added to `flaws`."""
    content, key, rule = item.content, item.key, item.scoring.rule
    choices = ids_once(content.choices, "content.choices", flaws)
    fewest, most = content.min_choices, content.max_choices or len(choices)
    if not fewest <= most <= len(content.choices):
        flaws.add("content.max_choices", f"must be from min_choices ({fewest}) to the number of choices")
    form = MultipleChoiceForm(choices, fewest, most)
    signs_of = {choice: signs(choice) for choice in choices}
    if rule == "weights":
        if key.weights is None or key.correct is not None:
            flaws.add("key", "the rule weights needs weights and no list of right choices")
            return None
        weights = _exact_weights(key.weights, choices, flaws)
        if not _full_marks(weights, choices, fewest, most):
            flaws.add("key.weights", "the best choices that may be ticked together must add up to 1 at least")
        worth_alike(content.choices, weights, "content.choices", flaws)
        scale = lcm(*(weight.denominator for weight in weights.values()))
        whole = {choice: int(weight * scale) for choice, weight in weights.items()}
        return loaded(MultipleChoiceAnswer, form, TickWeightsRubric(signs_of, whole, scale))
    if key.correct is None or key.weights is not None:
        flaws.add("key", f"the rule {rule} needs the list of right choices and no weights")
        return None
    correct = frozenset(key.correct)
    for place, choice in enumerate(key.correct):
        if choice not in choices:
            flaws.add(f"key.correct[{place}]", f"no choice has the id {shown(choice)!r}")
        elif choice in key.correct[:place]:
            flaws.add(f"key.correct[{place}]", f"the id {shown(choice)!r} is there twice")
    if not fewest <= len(correct) <= most:
        flaws.add("key.correct", "so many choices can't be ticked: see min_choices and max_choices")
    worth_alike(content.choices, dict.fromkeys(correct, 1), "content.choices", flaws)
    rubric = TicksRubric(signs_of, correct, len(choices - correct), FORMULAS[rule])
    return loaded(MultipleChoiceAnswer, form, rubric)


def _exact_weights(authored: Mapping[str, float], choices: frozenset[str], flaws: Flaws) -> dict[str, ExactShare]:
    for unknown in sorted(authored.keys() - choices):
        flaws.add(f"key.weights.{shown(unknown)}", "no choice has this id")
    return {choice: exact(weight) for choice, weight in authored.items()}


def _full_marks(weights: Mapping[str, ExactShare], choices: frozenset[str], fewest: int, most: int) -> bool:
    """Whether some permitted number of ticks earns 1, as nearly as authors' decimals (0.3333333) can."""
    best = sorted((weights.get(choice, 0) for choice in choices), reverse=True)
    return any(nearly_all(sum(best[:count])) for count in range(fewest, most + 1))
