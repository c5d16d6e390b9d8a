"""Which of an assessment's texts are Markdown."""

from collections.abc import Iterator
from typing import Any, get_args

import msgspec

from gateway.keyring import Keyring
from gateway.presented import Presented
from gateway.presenting import present
from gateway.rich_text import rich_texts
from gateway.rich_text.texts import RICH, WORK_MAX
from grading.items.single_choice import SingleChoice
from grading.model import Item
from tests.gateway.features.assessments.authored import EVERY_KIND, item
from tests.running import ENCRYPTION_KEYS, PEPPERS

NOT_MARKDOWN = {
    "id", "gap", "part", "type", "points",  # names and numbers
    "placeholder", "language", "symbols", "unit_input", "unit_policy", "format", "input", "decimal_mark", "group_mark", "digits",
    "source", "description",  # of an image: its address, and what a screen reader says
    "variables", "functions", "min", "max", "step",
}  # fmt: skip
"""What holds text and is shown as it is."""


def shown(*authored: Any) -> tuple[Presented, ...]:
    keyring = Keyring(PEPPERS.by_version, ENCRYPTION_KEYS.by_version)
    items: Any = msgspec.convert(authored, tuple[Item, ...])
    return present(items, keyring, seed="sub_1", shuffle=False)


def marked(value: Any, number: Iterator[int]) -> Any:
    """The same content with every text in a field of prose made Markdown."""
    if isinstance(value, dict):
        return {
            name: f"*{name}* {next(number)}" if name in RICH and isinstance(one, str) else marked(one, number)
            for name, one in value.items()
        }
    return [marked(one, number) for one in value] if isinstance(value, (list, tuple)) else value


def test_every_text_of_every_kind_is_rendered() -> None:
    """Stems, choices, rows, columns, stems and choices of pairs, gaps' options, word banks, markers, parts of composites."""
    numbers = iter(range(10_000))
    items = [one | {"content": marked(one["content"], numbers)} for one in EVERY_KIND]
    written = next(numbers)
    found = rich_texts(shown(*items), ["The *title*", "plain"])
    blocks = len(next(one for one in EVERY_KIND if one["type"] == "parsons")["content"]["blocks"])
    assert len(found) == written - blocks + 1
    assert found["The *title*"] == ["The ", ("em", {}, ["title"])]


def test_every_field_that_holds_text_is_known() -> None:
    """A kind that is added later can't have a text that nobody decided on."""
    found = {name for kind in get_args(Presented) for name in texts_of(msgspec.inspect.type_info(kind))}
    assert found - NOT_MARKDOWN == RICH


def texts_of(kind: Any, name: str = "") -> Iterator[str]:
    match kind:
        case msgspec.inspect.StrType() | msgspec.inspect.LiteralType() if name:
            yield name
        case msgspec.inspect.StructType():
            for field in kind.fields:
                yield from texts_of(field.type, field.name)
        case msgspec.inspect.VarTupleType():
            yield from texts_of(kind.item_type, name)
        case msgspec.inspect.UnionType():
            for one in kind.types:
                yield from texts_of(one, name)


def test_blocks_of_programs_mean_themselves() -> None:
    """No star of a product is emphasis."""
    blocks = [{"id": "b1", "text": "x = a * b * c"}, {"id": "b2", "text": "**init**(self)"}]
    key = {"blocks": [{"id": "b1"}]}
    assert not rich_texts(shown(item("parsons", "q", {"stem": "Order.", "blocks": blocks}, key)))


def test_an_authors_work_is_bounded() -> None:
    """What goes beyond is shown as it was written."""
    texts = [f"*{number}*{'x' * 1990}" for number in range(WORK_MAX // 1990 + 50)]
    assert len(rich_texts((), texts)) < len(texts)


def test_no_key_is_among_the_texts() -> None:
    """What is presented holds none, and nothing else is looked at."""
    one = msgspec.convert(
        item(
            "single_choice",
            "q",
            {"stem": "*a*", "choices": [{"id": "a", "text": "`b`"}, {"id": "c", "text": "d"}]},
            {"correct": "a"},
        ),
        SingleChoice,
    )
    keyring = Keyring(PEPPERS.by_version, ENCRYPTION_KEYS.by_version)
    assert set(rich_texts(present([one], keyring, seed="s", shuffle=True))) == {"*a*", "`b`"}
