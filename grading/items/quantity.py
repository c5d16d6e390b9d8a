"""quantity: a number with a unit, compared in the base unit."""

from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Struct

from grading.accepted_number import AcceptedNumber, AcceptedNumbers, accepted_numbers
from grading.accepted_text import NO_MATCH, MatchRule
from grading.faults import Blank, Flaws, FormatError, Malformed
from grading.items.asked import Answered, Asked
from grading.kinds import Loaded, loaded
from grading.numbers import NumberGrammar, NumberReader, Written, grammar_flaws
from grading.parts import Stem, exact
from grading.result import Notice, PartSignal, Scored, Signs, ratio, signs
from grading.result import Share as ExactShare
from grading.text import read_text
from grading.tolerances import Part
from grading.units import SYMBOL_MAX, Conversion, Scale, Unit, conversions_of, symbol_form, symbols_of

UnitPolicy: TypeAlias = Literal["required", "penalty_of_score", "penalty_of_max", "split", "ignore"]


class QuantityContent(NumberGrammar, frozen=True, forbid_unknown_fields=True):
    """A question whose answer is a number with a unit: typed, or one of `units` selected, then given by its id.

    required           a missing or unknown unit is a format error
    penalty_of_score   a right number without a right unit earns less, by a part of its score
    penalty_of_max     the same, by a part of all that the item can earn
    split              number and unit each earn their part
    ignore             the number alone counts, and is taken to be in the base unit
    """

    stem: Stem
    units: Annotated[tuple[Unit, ...], msgspec.Meta(min_length=1, max_length=50)]
    unit_input: Literal["text", "select"] = "text"
    unit_policy: UnitPolicy = "required"


class QuantityKey(Struct, frozen=True, forbid_unknown_fields=True):
    """The accepted numbers in the base unit, and what the units are worth. A unit without a scale is a wrong one."""

    answers: Annotated[tuple[AcceptedNumber, ...], msgspec.Meta(min_length=1)]
    scales: Annotated[tuple[Scale, ...], msgspec.Meta(min_length=1, max_length=50)]


class QuantityScoring(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Which accepted number counts where several match; what a wrong unit costs; what the number earns of a split."""

    rule: MatchRule = "best_match"
    unit_penalty: Part = 0.1
    number_share: Part = 0.5


class Quantity(Asked, frozen=True, tag="quantity", kw_only=True):
    """A number with a unit."""

    content: QuantityContent
    key: QuantityKey
    scoring: QuantityScoring = QuantityScoring()


class QuantityAnswer(Answered, frozen=True, tag="quantity"):
    """The number and the unit as they were typed; of a selected unit the id. "" is no unit."""

    value: Annotated[str, msgspec.Meta(max_length=500)]
    unit: Annotated[str, msgspec.Meta(max_length=500)] = ""


class GivenQuantity(Struct, frozen=True):
    """A number, and the id of its unit: None if there is none, "" if it is not one of the content's."""

    written: Written
    unit: str | None


class QuantityForm(Struct, frozen=True):
    """Knows how numbers are written and which units there are; `units` is by symbol, or by id where one is selected."""

    reader: NumberReader
    units: dict[str, str]
    shown: tuple[str, ...]
    selects: bool
    policy: UnitPolicy

    def read(self, answer: QuantityAnswer) -> GivenQuantity | Blank | Malformed:
        """Return number and unit; a blank is neither."""
        written = self.reader.read(answer.value, "value")
        unit = self.units.get(answer.unit)
        if isinstance(written, Written) and unit is not None:
            return GivenQuantity(written, unit)
        given = read_text(answer.unit, SYMBOL_MAX, "unit")
        if written is None and not given:
            return Blank("value")
        errors: list[FormatError] = []
        if written is None:
            errors.append(FormatError("answer_required", "value", "there is a unit, but no number"))
        elif isinstance(written, FormatError):
            errors.append(written)
        meant = self._unit(given)
        if isinstance(meant, FormatError):
            errors.append(meant)
        elif isinstance(written, Written):
            return GivenQuantity(written, meant)
        return Malformed(tuple(errors))

    def _unit(self, given: str | FormatError) -> str | FormatError | None:
        if isinstance(given, FormatError):
            return given
        if self.policy == "ignore":
            return None
        if not given:
            if self.policy == "required":
                return FormatError("unit_required", "unit", "the number needs a unit", allowed=self.shown)
            return None
        unit = self.units.get(given if self.selects else symbol_form(given))
        if unit is None and (self.selects or self.policy == "required"):
            return FormatError("unknown_unit", "unit", "this is none of the units", allowed=self.shown)
        return unit or ""


class QuantityRubric(Struct, frozen=True):
    """Knows the accepted numbers, what the units are worth and what a wrong one costs."""

    accepted: AcceptedNumbers
    conversions: dict[str, Conversion]
    policy: UnitPolicy
    penalty: ExactShare
    number_share: ExactShare
    signs: tuple[Signs, Signs]

    def score(self, reading: GivenQuantity) -> Scored:
        """Compare in the base unit; where a unit may be missing or wrong, also the number as it stands."""
        written, unit = reading.written, reading.unit
        if self.policy == "ignore":
            return self.accepted.judge(written)
        conversion = self.conversions.get(unit) if unit else None
        joint = None if conversion is None else self.accepted.judge_value(*conversion.to_base(written), written)
        if self.policy == "required":
            return Scored(0) if joint is None else joint
        notices: tuple[Notice, ...] = ("unit_missing",) if unit is None else ()
        if self.policy == "split":
            return self._split(joint, self.accepted.judge(written), reading, notices)
        alone = self.accepted.judge(written)
        worth = self._penalised(alone.share or 0)
        if joint is not None and (alone is NO_MATCH or (joint.share or 0) >= worth):
            return joint
        return Scored(worth, notices=(*alone.notices, *notices))

    def _penalised(self, share: ExactShare) -> ExactShare:
        """What a number is worth without its unit; a penalty takes no more than the number earned."""
        if share <= 0:
            return share
        worth = share * (1 - self.penalty) if self.policy == "penalty_of_score" else max(share - self.penalty, 0)
        return ratio(worth.numerator, worth.denominator)

    def _split(
        self, joint: Scored | None, alone: Scored, reading: GivenQuantity, notices: tuple[Notice, ...]
    ) -> Scored:
        """The number's part and the unit's: a unit of the right sort is right even where the number is wrong."""
        of_number, of_unit = self.number_share, 1 - self.number_share
        as_written = of_number * (joint.share or 0) + of_unit if joint is not None else None
        as_it_stands = of_number * (alone.share or 0)
        unit_holds = as_written is not None and as_written >= as_it_stands
        share = as_written if as_written is not None and unit_holds else as_it_stands
        number = joint if joint is not None and unit_holds else alone
        return Scored(
            ratio(share.numerator, share.denominator),
            (self.signs[0].of(number.share or 0), self._unit_sign(reading.unit, unit_holds)),
            (*number.notices, *notices),
        )

    def _unit_sign(self, unit: str | None, unit_holds: bool) -> PartSignal:
        sign = self.signs[1]
        if unit is None:
            return sign.unanswered
        return sign.right if unit_holds else sign.wrong


def load(item: Quantity, flaws: Flaws) -> Loaded:
    """Prepare the item; what makes it ungradable is added to `flaws`."""
    content, key, scoring = item.content, item.key, item.scoring
    grammar_flaws(content, "content", flaws)
    reader = NumberReader(content)
    by_symbol = symbols_of(content.units, flaws)
    by_id = {unit.id: unit.id for unit in content.units}
    selects = content.unit_input == "select"
    shown = tuple(unit.id if selects else unit.symbols[0] for unit in content.units)
    form = QuantityForm(reader, by_id if selects else by_symbol, shown, selects, content.unit_policy)
    rubric = QuantityRubric(
        accepted_numbers(key.answers, reader, scoring.rule, None, "key.answers", flaws),
        conversions_of(key.scales, by_id, flaws),
        content.unit_policy,
        exact(scoring.unit_penalty),
        exact(scoring.number_share),
        (signs("value"), signs("unit")),
    )
    return loaded(QuantityAnswer, form, rubric)
