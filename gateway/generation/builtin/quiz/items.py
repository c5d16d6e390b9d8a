"""From a candidate to an item: its id, the order of its options and, for a statement, which form is asked."""

from hashlib import blake2b
from typing import assert_never

from msgspec import Struct

from gateway.generation.builtin.quiz.candidate import Candidate
from grading.accepted_number import AcceptedNumber
from grading.accepted_text import AcceptedText
from grading.items.gap_select import GapSelect, GapSelectContent, GapSelectKey
from grading.items.gap_text import Gap, GapText, GapTextContent, GapTextKey
from grading.items.matching import Matching, MatchingContent, MatchingKey
from grading.items.multiple_choice import MultipleChoice, MultipleChoiceContent, MultipleChoiceKey
from grading.items.numeric import Numeric, NumericContent, NumericKey
from grading.items.ordering import Ordering, OrderingContent, OrderingKey
from grading.items.short_text import ShortText, ShortTextContent, ShortTextKey
from grading.items.single_choice import SingleChoice, SingleChoiceContent, SingleChoiceKey
from grading.items.true_false import TrueFalse, TrueFalseContent, TrueFalseKey
from grading.model import Item, Kind
from grading.parts import Choice, OptionGap, SourceRef

_GAP_ID = "g1"


class Lots(Struct, frozen=True):
    """What chance is drawn by: `drawn` decides places and forms, the same for all who bring the same document; `named`
    decides ids, by a secret of the center's, so that nobody reckons from the document alone which id is which question.
    """

    drawn: str
    named: str


def digest(*parts: object) -> int:
    """A number that looks like chance and is the same for the same parts."""
    return int.from_bytes(blake2b("\x1f".join(map(str, parts)).encode(), digest_size=8).digest())


def shuffled(texts: tuple[str, ...], *seed: object) -> tuple[str, ...]:
    """`texts` in an order that says nothing about them."""
    return tuple(sorted(texts, key=lambda text: (digest(*seed, text), text)))


def id_of(candidate: Candidate, lots: Lots) -> str:
    """The id of the item that asks `candidate`, the same in every version. It is made of what a learner sees, never of the
    key; of a statement, which may be asked in a false form, its place alone, and without options of which some are left out.
    """
    shown = [] if candidate.kind is Kind.TRUE_FALSE else [candidate.stem]
    if candidate.shows_right and candidate.kind not in {Kind.SINGLE_CHOICE, Kind.GAP_SELECT}:
        shown += sorted((*candidate.right, *candidate.wrong))
    return (
        f"q_{digest(lots.named, candidate.module, candidate.kind.value, candidate.start, candidate.end, *shown):016x}"
    )


def item_of(candidate: Candidate, lots: Lots, position: int, *, holds: bool) -> Item:
    """The item that asks `candidate`. `position` says where among the options the right one goes, `holds` whether a
    statement is asked in its true form.
    """
    lot = (lots.drawn, candidate.module, candidate.kind.value, candidate.stem, candidate.start)
    item_id = id_of(candidate, lots)
    ref = SourceRef(candidate.source_id, candidate.start, candidate.end)
    match candidate.kind:
        case Kind.SINGLE_CHOICE:
            choices, correct = _placed(candidate, position)
            return SingleChoice(
                id=item_id,
                source_ref=ref,
                content=SingleChoiceContent(candidate.stem, choices),
                key=SingleChoiceKey(correct),
            )
        case Kind.GAP_SELECT:
            choices, correct = _placed(candidate, position)
            return GapSelect(
                id=item_id,
                source_ref=ref,
                content=GapSelectContent(candidate.stem, (OptionGap(_GAP_ID, choices),)),
                key=GapSelectKey({_GAP_ID: correct}),
            )
        case Kind.MULTIPLE_CHOICE:
            texts = shuffled((*candidate.right, *candidate.wrong), *lot)
            choices = _numbered("c", texts)
            return MultipleChoice(
                id=item_id,
                source_ref=ref,
                content=MultipleChoiceContent(candidate.stem, choices),
                key=MultipleChoiceKey(tuple(choice.id for choice in choices if choice.text in candidate.right)),
            )
        case Kind.TRUE_FALSE:
            stem = candidate.stem if holds else candidate.twin
            return TrueFalse(id=item_id, source_ref=ref, content=TrueFalseContent(stem), key=TrueFalseKey(value=holds))
        case Kind.SHORT_TEXT:
            answers = tuple(AcceptedText(text) for text in candidate.right)
            return ShortText(
                id=item_id, source_ref=ref, content=ShortTextContent(candidate.stem), key=ShortTextKey(answers)
            )
        case Kind.GAP_TEXT:
            answers = tuple(AcceptedText(text) for text in candidate.right)
            return GapText(
                id=item_id,
                source_ref=ref,
                content=GapTextContent(candidate.stem, (Gap(_GAP_ID),)),
                key=GapTextKey({_GAP_ID: answers}),
            )
        case Kind.NUMERIC:
            return Numeric(
                id=item_id,
                source_ref=ref,
                content=NumericContent(candidate.stem, group_mark="," if candidate.group_mark else None),
                key=NumericKey(tuple(AcceptedNumber(number, candidate.tolerance) for number in candidate.right)),
            )
        case Kind.MATCHING:
            return _matching(candidate, item_id, ref, lot)
        case Kind.ORDERING:
            return _ordering(candidate, item_id, ref, lot)
        case _:
            assert_never(candidate.kind)


def _numbered(letter: str, texts: tuple[str, ...]) -> tuple[Choice, ...]:
    return tuple(Choice(f"{letter}{number}", text) for number, text in enumerate(texts, 1))


def _placed(candidate: Candidate, position: int) -> tuple[tuple[Choice, ...], str]:
    """The options with the right one at `position`, numbers in their own order instead."""
    texts = list(shuffled(candidate.wrong, candidate.stem))
    texts.insert(position % (len(texts) + 1), candidate.right[0])
    if candidate.ascending:
        texts = list(candidate.ordered)
    choices = _numbered("c", tuple(texts))
    return choices, next(choice.id for choice in choices if choice.text == candidate.right[0])


def _matching(candidate: Candidate, item_id: str, ref: SourceRef, lot: tuple[object, ...]) -> Matching:
    right_of = dict(zip(candidate.lefts, candidate.right, strict=True))
    stems = _numbered("s", shuffled(candidate.lefts, *lot))
    choices = _numbered("c", tuple(sorted((*candidate.right, *candidate.wrong), key=str.casefold)))
    id_of = {choice.text: choice.id for choice in choices}
    return Matching(
        id=item_id,
        source_ref=ref,
        content=MatchingContent(candidate.stem, stems, choices),
        key=MatchingKey({stem.id: id_of[right_of[stem.text]] for stem in stems}),
    )


def _ordering(candidate: Candidate, item_id: str, ref: SourceRef, lot: tuple[object, ...]) -> Ordering:
    texts = shuffled(candidate.right, *lot)
    if texts == candidate.right or texts == candidate.right[::-1]:
        texts = (*texts[1:], texts[0])
    items = _numbered("i", texts)
    id_of = {item.text: item.id for item in items}
    return Ordering(
        id=item_id,
        source_ref=ref,
        content=OrderingContent(candidate.stem, items),
        key=OrderingKey(tuple(id_of[text] for text in candidate.right)),
    )
