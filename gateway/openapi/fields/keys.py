"""What is right, and how it counts: for authors alone. Rule source: grading; docs/grading.md."""

from itertools import chain
from typing import Final, get_args

from gateway.openapi.fields.catalogue import Texts, everywhere, of, together
from grading.items.composite_parts import PartKey
from grading.model import Item

_PART_KEYS: Final = " ".join(kind.__name__ for kind in get_args(PartKey))
_KEYED: Final = " ".join(kind.__name__ for kind in chain(get_args(Item), get_args(PartKey)))

_SCORING: Final = together(
    of(
        _KEYED,
        key="What is right. Learners are never shown it.",
        scoring="How an answer earns its share; the default rule needs none.",
    ),
    of(_PART_KEYS, part="The `id` of the part that this is the key of.", type="Which kind of question the part is."),
    everywhere(rule="How the share is reckoned; each rule's formula is in docs/grading.md."),
    of(
        "GapSelectScoring GapTextScoring",
        weights="How much each gap counts, by its id; 1 for those that are not named, null = 1 for all.",
    ),
    of(
        "GapTextScoring",
        match="Which accepted answer counts where several match: the one that earns most, or the first.",
        unordered="Groups of gaps that may be filled in any order; the same answer typed twice is credited once.",
    ),
    of("GapTextScoring ShortTextScoring", text="What is made alike before texts are compared."),
    of(
        "MatchingScoring",
        wrong_penalty="The share of a stem, 0 to 1, that each wrong one takes away; a missing one does not.",
    ),
    of(
        "QuantityScoring",
        unit_penalty="What a right number without a right unit loses, 0 to 1, under `penalty_of_score` and `penalty_of_max`.",
        number_share="What the number earns of the whole, 0 to 1, under `split`; the unit earns the rest.",
    ),
    of(
        "HotspotScoring",
        miss="What a point in no area earns under `sum`, -1 to 1.",
        lower="The least share under `sum`.",
        upper="The greatest share under `sum`.",
    ),
    of(
        "CompositeScoring",
        weights="How much each part counts, by its id; 1 for those that are not named, null = 1 for all.",
        gates="For a part, by its id, an earlier one that must be right for it to count; null = none.",
    ),
    of(
        "TextOptions",
        compat="Whether full-width forms and ligatures become plain (NFKC), and ² becomes 2.",
        typography="Whether curly quotes, dashes, … and the many spaces become plain.",
        whitespace="Runs of white space inside the text become one space (`collapse`), go (`remove`) or stay (`exact`).",
        case="`fold`: upper and lower case are equal; `exact`: they are not.",
        diacritics="`ignore`: accents are dropped; `exact`: they count.",
        final_mark="`ignore`: sentence marks at the end are dropped; `exact`: they count.",
        leading_articles="Words that are dropped at the beginning, such as `the`.",
        keep_zwj="Whether a picture joined of several (👩‍🚀) differs from the pictures that it joins.",
    ),
)

_TEXTS_AND_NUMBERS: Final = together(
    of(
        "ShortTextKey NumericKey QuantityKey", answers="The accepted answers, 50 at most; one of them earns everything."
    ),
    of("AcceptedText AcceptedNumber", score="The share that it earns; 1 unless given."),
    of(
        "AcceptedText",
        text="The text, compared as `mode` says.",
        mode="How it is compared: the same text, with `*` for anything, as an RE2 pattern, as words within the answer, or with some "
        "letters wrong.",
        distance="How many letters may be wrong under `fuzzy`; null: one from 4 letters on, two from 10 letters on.",
        pattern="The RE2 pattern under `regex`; null: `text` is the pattern.",
    ),
    of(
        "AcceptedNumber",
        value="The number, written as the content says; null where there is a `range`.",
        tolerance="How near an answer must come to `value`.",
        range="All numbers of a range instead of one; null where there is a `value`.",
        near="What a number earns that is a little outside the tolerance; null = nothing.",
    ),
    of(
        "NumberRange",
        low="The lower end, as text; null = none.",
        high="The upper end, as text; null = none.",
        low_open="Whether the lower end itself is outside.",
        high_open="Whether the upper end itself is outside.",
    ),
    of(
        "Near",
        times="How many times the tolerance is still near, as text.",
        credit="The part of the score that is earned there, 0 to 1.",
    ),
    of(
        "ExactTolerance AbsoluteTolerance AsymmetricTolerance RelativeTolerance JointTolerance GeometricTolerance RoundDecimals "
        "RoundSigfigs WrittenSigfigs",
        type="Which tolerance this is.",
    ),
    of("AbsoluteTolerance", by="How far below or above the value is right, as text."),
    of(
        "AsymmetricTolerance",
        below="How far below the value is right, as text.",
        above="How far above the value is right, as text.",
    ),
    of("RelativeTolerance", by="The part of the value's size by which an answer may differ, as text: `0.05` is 5 %."),
    of("GeometricTolerance", by="Right is from value / (1 + by) to value × (1 + by); as text."),
    of(
        "JointTolerance",
        absolute="The absolute band, as text.",
        relative="The relative band, a part of the value's size, as text.",
        combine="Whether the larger of the two bands counts, or their sum.",
    ),
    of("RoundDecimals", places="Decimals to which answer and value are rounded before they are compared."),
    of("RoundSigfigs", digits="Significant digits to which answer and value are rounded before they are compared."),
    of(
        "WrittenSigfigs",
        digits="Significant digits that the number must be written with.",
        extra_digits_penalty="What is taken off for more digits, if they are right, 0 to 1.",
    ),
    of("QuantityKey", scales="What the units are worth; a unit without a scale is a wrong one."),
    of(
        "Scale",
        unit="The `id` of the unit.",
        factor="Base units in one of this unit: an exact number as text, such as `5/9`.",
        offset="What is added then, in base units: an exact number as text, such as `-160/9`.",
    ),
)

_OTHERS: Final = together(
    of(
        "SingleChoiceKey",
        correct="The `id` of the right choice; null where `scores` are given.",
        scores="The share that each choice earns, by its id, others 0; null where `correct` is given.",
    ),
    of("TrueFalseKey", value="Whether the statement holds."),
    of(
        "MultipleChoiceKey",
        correct="The ids of all right choices; null where `weights` are given.",
        weights="For the rule `weights`: what each ticked choice adds or takes away, by its id; else null.",
    ),
    of("ChoiceMatrixKey", rows="The ids of the right columns of each row, by the row's id."),
    of(
        "FormulaKey",
        expression="An expression that is right; others that equal it at all sample points are too.",
        ranges="Where each variable is sampled, by its name; from 1 to 5 for those that are not named.",
        tolerance="How far off a value may be, times the larger of 1 and the key's size.",
        samples="How many points are compared.",
    ),
    of(
        "SampleRange",
        low="The least value.",
        high="The greatest value.",
        whole="Whether only whole numbers are sampled.",
        imaginary="Whether complex numbers are sampled, both of whose parts lie in the range.",
    ),
    of("MatchingKey", pairs="The `id` of the right choice of each stem, by the stem's id."),
    of(
        "CategorizeKey",
        items="The category of each item, or all that are right for it, by ids; an item not named belongs into none.",
    ),
    of("OrderingKey", order="All ids in the right order."),
    of(
        "ParsonsKey",
        blocks="The blocks that are needed; those not named are distractors.",
        order="`list`: each block comes after the one before it; `dag`: after those in its `after`, and every such order is right.",
    ),
    of(
        "KeyBlock",
        id="The `id` of the block.",
        indent="The right indent; null = any.",
        after="In a `dag`, the ids of the blocks that must come before it; null in a `list`.",
    ),
    of("GapSelectKey", gaps="The option of each gap, or all that are right there, by ids."),
    of(
        "GapTextKey",
        gaps="The accepted texts of each gap, by its id.",
        numbers="The accepted numbers of each gap that takes a number, by its id.",
    ),
    of("HotspotKey", areas="The areas to hit."),
    of("HotspotArea", score="The share that a point in it earns; 1 unless given."),
    of("MarkerDropKey", zones="The areas to hit, each by its marker."),
    of("MarkerZone", marker="The `id` of the marker that belongs here."),
    of(
        "HotspotArea MarkerZone",
        shape="The form of the area; its edge belongs to it.",
        coords="In pixels: `rect` left, top, right, bottom; `circle` x, y, radius; `ellipse` x, y, radius across, radius down; "
        "`poly` x1, y1, x2, y2, …",
    ),
    of(
        "EssayKey",
        criteria="What the reviewer judges by.",
        keywords="Words that a good text has, for a suggestion to the reviewer.",
    ),
    of("Keyword", text="The word or phrase.", score="The share that it adds to the suggestion."),
    of("CompositeKey", parts="Key and rule of every part, in any order."),
)

KEYS: Final[Texts] = together(_SCORING, _TEXTS_AND_NUMBERS, _OTHERS)
