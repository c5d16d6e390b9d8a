"""What questions ask, as learners see it, and how answers are given. Rule source: grading; docs/grading.md."""

from itertools import chain
from typing import Final, get_args

from gateway.openapi.fields.catalogue import Texts, everywhere, of, together
from gateway.presented import Presented
from grading.items.composite_parts import Part
from grading.model import Item

_QUESTIONS: Final = " ".join(kind.__name__ for kind in chain(get_args(Item), get_args(Presented)))
_PARTS: Final = " ".join(kind.__name__ for kind in get_args(Part))
_NUMBERS: Final = "NumericContent QuantityContent NumberGrammar"

_ANY_KIND: Final = together(
    everywhere(
        floor="The least share of the points that an answer earns, -1 to 0; 0 unless given.",
        allow_blank="Whether an answer in which nothing was answered is taken and earns 0; else it is a format error.",
        source_ref="The span of a source that bears the key out, null for none; learners are not shown it.",
        stem="The question or the task: Markdown with formulas in TeX. Each run of five underscores is a gap, in the order of `gaps`.",
        require_all="Whether every row, stem, item, gap or part must be answered; else what is missing earns nothing.",
    ),
    of(
        _QUESTIONS,
        id="The item's id, once in an assessment: what answers and results name as `item_id`.",
        type="Which of the 18 kinds of question this is; the answer has the same `type`.",
        points="What full marks are worth, decimal text with two places; `1.00` unless given.",
        content="What is asked, as learners see it.",
    ),
    of(
        _PARTS,
        id="The part's id within its item: what answers name as `part`.",
        type="Which kind of question the part is.",
        content="What the part asks, as learners see it.",
    ),
    of(
        "Choice",
        id="The id that answers and keys name it by; it says nothing about what is right.",
        text="What is read: Markdown, but for the blocks of a program, which mean themselves.",
    ),
)

_CONTENTS: Final = together(
    of("SingleChoiceContent", choices="The choices, of which one is picked."),
    of(
        "MultipleChoiceContent",
        choices="The choices, of which some are ticked.",
        min_choices="How many must be ticked at least; 1 unless given.",
        max_choices="How many may be ticked at most; null = all.",
    ),
    of(
        "ChoiceMatrixContent",
        rows="The rows, each judged by the same columns.",
        columns="The columns that a row may be ticked in.",
    ),
    of(
        "MatrixRow",
        id="The id that answers and keys name it by.",
        text="What learners read: Markdown.",
        multiple="Whether several columns of the row may be ticked; else exactly one.",
    ),
    of(
        "ShortTextContent",
        max_length="Characters that may be typed, in Unicode code points without blanks around them.",
        placeholder="What an empty field may show; empty for nothing.",
        language="The language to type in, a BCP 47 tag, as a hint for the keyboard; null for none.",
    ),
    of(
        _NUMBERS,
        decimal_mark="What stands before the decimals, in what is typed and in the key.",
        group_mark="What may stand between groups of three digits; null = nothing may.",
        allow_fraction="Whether a fraction such as 1/3 is taken.",
        allow_mixed="Whether a mixed number such as 1 1/2 is taken.",
        allow_percent="Whether a percent sign is taken: 4% is 0.04.",
        digits="`ascii`: 0 to 9, in full width too; `any`: the digits of all scripts.",
    ),
    of(
        "NumericContent",
        min="The least number that is taken, as text; null = none. A slider needs it.",
        max="The greatest number that is taken, as text; null = none. A slider needs it.",
        step="Numbers must be whole steps from `min`, or from 0, as text; null = any number.",
        input="Whether the number is typed (`box`) or set on a `slider`.",
    ),
    of(
        "QuantityContent",
        units="The units that a learner may use.",
        unit_input="`text`: the unit's symbol is typed; `select`: a unit is picked, and the answer has its `id`.",
        unit_policy="What a missing or wrong unit costs: `required` is 422 for a missing or unknown one; `penalty_of_score` and "
        "`penalty_of_max` take a part off; with `split` number and unit each earn theirs; `ignore` looks at the number alone.",
    ),
    of("Unit", id="The id that answers and scales name it by.", symbols="How it may be written; case counts."),
    of(
        "FormulaContent",
        variables="The variables that the expression may have.",
        functions="The functions that it may have; null = all there are.",
        implicit_multiplication="Whether a product may be written without a sign: 2x, 3(x+1).",
        complex="Whether numbers are complex: `i` is a constant, and what needs an order, such as `min`, is not there.",
    ),
    of(
        "MatchingContent",
        stems="What each gets one of the choices.",
        choices="What is put to the stems; some may be left over.",
        reuse="Whether a choice may go to several stems.",
    ),
    of(
        "CategorizeContent",
        items="What is put into the categories; some may belong into none.",
        categories="Where the items go.",
    ),
    of("OrderingContent", items="What is put in order; learners see it shuffled."),
    of(
        "ParsonsContent",
        blocks="Lines of a program or steps of a proof; some may belong nowhere.",
        indent="Whether each block is placed with an indent.",
    ),
    of(
        "GapSelectContent",
        gaps="The gaps of the stem, in its order.",
        bank="The words for all gaps, which then have no options of their own; empty where each gap has its own.",
        reuse="Whether a word of the bank may go into several gaps.",
    ),
    of(
        "OptionGap",
        id="The id that answers and keys name the gap by.",
        options="What the gap may be filled with; empty where the words come from `bank`.",
    ),
    of("GapTextContent", gaps="The gaps of the stem, in its order."),
    of(
        "Gap",
        id="The id that answers and keys name the gap by.",
        max_length="Characters that may be typed, in Unicode code points.",
        number="How a number is written here; null: the gap takes a text.",
    ),
    of("HotspotContent MarkerDropContent", image="The picture that is pointed at."),
    of("HotspotContent", max_points="How many points may be set; 1 unless given."),
    of("MarkerDropContent", markers="What is dropped on the picture; some may belong nowhere."),
    of(
        "Marker",
        id="The id that answers and keys name it by.",
        text="What learners read: Markdown.",
        count="How often it may be dropped.",
    ),
    of(
        "Image",
        width="Its width in pixels: x of a point is 0 to this.",
        height="Its height in pixels: y of a point is 0 to this, from the top.",
        source="The picture as a data URL, PNG, JPEG or WebP; null: you show one of your own, of this size.",
        description="What can be seen, for those who can't see it.",
    ),
    of(
        "EssayContent",
        min_words="Words that must be written at least.",
        max_words="Words that may be written at most; null = no limit but 20 000 characters.",
        format="How the text is shown: as it is, or as Markdown.",
    ),
    of("CompositeContent", parts="The parts, in their order."),
)

_ANSWERS: Final = together(
    of(
        "SingleChoiceAnswer TrueFalseAnswer MultipleChoiceAnswer ChoiceMatrixAnswer ShortTextAnswer NumericAnswer QuantityAnswer "
        "MatchingAnswer CategorizeAnswer OrderingAnswer GapSelectAnswer GapTextAnswer EssayAnswer FormulaAnswer HotspotAnswer "
        "MarkerDropAnswer ParsonsAnswer CompositeAnswer",
        type="The kind of question that is answered: the item's own `type`.",
    ),
    of("SingleChoiceAnswer", choice="The `id` of the picked choice."),
    of("TrueFalseAnswer", value="Whether the statement is held to be true."),
    of("MultipleChoiceAnswer", choices="The ids of the ticked choices, in any order."),
    of("ChoiceMatrixAnswer", rows="The rows that were answered, in any order."),
    of("TickedRow", row="The row's `id`.", choices="The ids of the columns that were ticked in it."),
    of("ShortTextAnswer EssayAnswer", text="What was written."),
    of("NumericAnswer QuantityAnswer", value="The number as it was typed, as text: it is read exactly."),
    of("QuantityAnswer", unit="The unit as it was typed, or its `id` where it was picked; empty for none."),
    of("FormulaAnswer", expression="The expression as it was typed, at most 200 characters."),
    of("MatchingAnswer", pairs="The pairs that were made, in any order; stems may be left out."),
    of("Pair", stem="The `id` of the stem.", choice="The `id` of the choice that it got."),
    of("CategorizeAnswer", placements="The items that were placed, in any order; items may be left out."),
    of("Placement", item="The `id` of the item.", category="The `id` of the category that it was put into."),
    of("OrderingAnswer", order="The ids of all items in the learner's order."),
    of("ParsonsAnswer", blocks="The blocks that were picked, in the learner's order."),
    of(
        "PlacedBlock",
        id="The `id` of the block.",
        indent="How far it is indented, from 0; null where the item asks for none.",
    ),
    of("GapSelectAnswer GapTextAnswer", gaps="The gaps that were filled, in any order; gaps may be left out."),
    of("FilledGap TypedGap", gap="The `id` of the gap."),
    of("FilledGap", option="The `id` of the option, or of the word of the bank, that was put there."),
    of("TypedGap", text="What was typed, also where it is a number."),
    of("HotspotAnswer", points="The points that were set, in any order."),
    of("MarkerDropAnswer", drops="The markers that were dropped, in any order."),
    of("Point Drop", x="Pixels from the picture's left edge.", y="Pixels from the picture's top edge."),
    of("Drop", marker="The `id` of the marker."),
    of("CompositeAnswer", parts="The parts that were answered, in any order."),
    of("PartAnswer", part="The `id` of the part.", answer="The answer to it; its `type` is the part's."),
)

ITEMS: Final[Texts] = together(_ANY_KIND, _CONTENTS, _ANSWERS)
