"""What learners see of items: all of the content, none of the key, in an order that says nothing."""

from collections.abc import Sequence
from hashlib import sha256
from itertools import permutations
from typing import Any, get_args

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from gateway.keyring import Keyring
from gateway.presented import Presented
from gateway.presenting import present, seed_of_version
from grading.kinds import tag_of
from grading.model import Item
from tests.gateway.features.assessments.authored import EVERY_KIND, SECRETS, choices, item

KEYRING = Keyring({1: sha256(b"pepper").digest()}, {1: sha256(b"key").digest()})
ITEMS = msgspec.convert(EVERY_KIND, tuple[Item, ...])
SEED = "sub_a"

PERMUTED = {
    "ordering": ("items",),
    "parsons": ("blocks",),
    "matching": ("choices",),
    "categorize": ("items",),
    "gap_select": ("bank",),
}
"""The lists that are never shown as authored."""

SHUFFLED = {
    "single_choice": ("choices",),
    "multiple_choice": ("choices",),
    "choice_matrix": ("rows",),
    "marker_drop": ("markers",),
}
"""The lists that change places in a shuffled assessment."""


def seen(seed: str = SEED, *, shuffle: bool = False, items: Sequence[Item] = ITEMS) -> list[dict[str, Any]]:
    """The presented items as JSON has them, by their ids in the authored order."""
    shown: list[dict[str, Any]] = msgspec.to_builtins(present(items, KEYRING, seed=seed, shuffle=shuffle))
    return sorted(shown, key=lambda one: str(one["id"]))


def many(kind: str, field: str, count: int = 12) -> tuple[Item, ...]:
    """An item whose list is so long that it does not keep its order by chance."""
    listed = choices(*(f"E{number:02d}" for number in range(count)))
    content: dict[str, Any] = {field: listed}
    if kind == "matching":
        content["stems"] = choices("S1", "S2")
    if kind == "categorize":
        content["categories"] = choices("K1", "K2")
    if kind == "choice_matrix":
        content["columns"] = choices("Yes", "No")
    if kind == "gap_select":
        content |= {"stem": "_____", "gaps": [{"id": "g1"}]}
    if kind == "marker_drop":
        content["image"] = {"width": 9, "height": 9}
    key: Any = {
        "matching": {"pairs": {}},
        "categorize": {"items": {}},
        "choice_matrix": {"rows": {}},
        "gap_select": {"gaps": {}},
        "ordering": {"order": []},
        "parsons": {"blocks": [{"id": "e00"}]},
        "marker_drop": {"zones": [{"shape": "circle", "coords": [1, 1, 1], "marker": "e00"}]},
    }.get(kind, {})
    return msgspec.convert([item(kind, "q", content, key)], tuple[Item, ...])


def order_of(items: Sequence[Item], field: str, seed: str = SEED, *, shuffle: bool = False) -> list[str]:
    (shown,) = seen(seed, shuffle=shuffle, items=items)
    return [entry["id"] for entry in shown["content"][field]]


def test_every_kind_has_a_form_without_keys() -> None:
    """One for each type of item; a new kind is presented or nothing compiles."""
    assert sorted(map(tag_of, get_args(Presented))) == sorted(map(tag_of, get_args(Item)))


def test_all_content_is_shown_and_no_key() -> None:
    """Each presented item has the content as authored, but for the order of what is permuted; nothing else but public facts."""
    for shuffle in (False, True):
        for given_item, shown in zip(EVERY_KIND, seen(shuffle=shuffle), strict=True):
            assert set(shown) == {"type", "id", "points", "floor", "allow_blank", "content"}
            assert (shown["type"], shown["id"]) == (given_item["type"], given_item["id"])
            authored = msgspec.to_builtins(msgspec.convert(given_item, Item).content)
            assert sorted_deep(shown["content"]) == sorted_deep(authored)
    text = msgspec.json.encode(seen(shuffle=True)).decode()
    assert not [secret for secret in SECRETS if secret in text]


def sorted_deep(value: Any) -> Any:
    """The value with all lists of objects in the order of their ids."""
    if isinstance(value, dict):
        return {name: sorted_deep(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        inner = [sorted_deep(one) for one in value]
        return sorted(inner, key=lambda one: str(one["id"])) if inner and isinstance(inner[0], dict) else inner
    return value


def test_what_would_tell_the_key_is_always_permuted() -> None:
    """Also in an assessment that is not shuffled; each attempt sees its own order, and sees it again."""
    for kind, fields in PERMUTED.items():
        for field in fields:
            items = many(kind, field)
            authored = [f"e{number:02d}" for number in range(12)]
            orders = [order_of(items, field, f"sub_{number}") for number in range(5)]
            assert len({*map(tuple, orders), tuple(authored)}) == 6, kind
            assert all(sorted(order) == authored for order in orders)
            assert order_of(items, field, "sub_0") == orders[0]


def test_the_rest_is_permuted_where_the_assessment_says_so() -> None:
    """Choices, rows and markers keep the author's order unless `shuffle`."""
    for kind, fields in SHUFFLED.items():
        for field in fields:
            items = many(kind, field)
            authored = [f"e{number:02d}" for number in range(12)]
            assert order_of(items, field) == authored, kind
            assert order_of(items, field, shuffle=True) != authored, kind


def test_a_gaps_own_options_are_shuffled_each_by_itself() -> None:
    """Two gaps with the same options do not show them alike."""
    options = choices(*(f"E{number:02d}" for number in range(12)))
    content = {"stem": "_____ _____", "gaps": [{"id": "g1", "options": options}, {"id": "g2", "options": options}]}
    items = msgspec.convert([item("gap_select", "q", content, {"gaps": {}})], tuple[Item, ...])
    for shuffle in (False, True):
        (shown,) = seen(items=items, shuffle=shuffle)
        first, second = ([one["id"] for one in gap["options"]] for gap in shown["content"]["gaps"])
        assert (first == second) is not shuffle


def test_questions_change_places_in_a_shuffled_assessment() -> None:
    """All of them are there; without `shuffle` they stand as authored."""

    def ids(*, shuffle: bool, seed: str = SEED) -> list[str]:
        return [one.id for one in present(ITEMS, KEYRING, seed=seed, shuffle=shuffle)]

    authored = [one.id for one in ITEMS]
    assert ids(shuffle=False) == authored
    assert ids(shuffle=True) != authored
    assert ids(shuffle=True) != ids(shuffle=True, seed="sub_b")
    assert sorted(ids(shuffle=True)) == authored


def test_the_order_depends_on_the_servers_secret() -> None:
    """Who knows ids and seed alone can't tell it."""
    items = many("ordering", "items")
    other = Keyring({1: sha256(b"another pepper").digest()}, {1: sha256(b"key").digest()})
    orders = [[entry.id for entry in present(items, ring, seed=SEED, shuffle=False)[0].content.items] for ring in (KEYRING, other)]  # type: ignore[union-attr]  # fmt: skip
    assert orders[0] != orders[1]


@given(authored=st.permutations([f"E{number:02d}" for number in range(6)]))
def test_nothing_is_left_of_the_authored_order(authored: list[str]) -> None:
    """However an author writes them down, a taker sees the same: the right order as authored order tells nothing."""
    items = [
        msgspec.convert([item("ordering", "q", {"items": choices(*texts)}, {"order": []})], tuple[Item, ...])
        for texts in (authored, sorted(authored))
    ]
    assert order_of(items[0], "items") == order_of(items[1], "items")


def test_all_orders_come_up_alike() -> None:
    """Over many attempts each of the 24 orders of 4 entries is seen about as often as the others."""
    items = many("ordering", "items", count=4)
    counts = dict.fromkeys(permutations(["e00", "e01", "e02", "e03"]), 0)
    for number in range(2400):
        counts[tuple(order_of(items, "items", f"sub_{number}"))] += 1  # type: ignore[index]
    assert min(counts.values()) > 55
    assert max(counts.values()) < 155


def test_the_parts_of_a_composite_are_permuted_inside_and_stay_in_their_order() -> None:
    """A gate needs the order of the parts; what is inside a part is permuted like an item of its own."""
    listed = choices(*(f"E{number:02d}" for number in range(12)))
    parts = [{"type": "ordering", "id": f"p{number}", "content": {"stem": "?", "items": listed}} for number in range(3)]
    items = msgspec.convert([item("composite", "q", {"parts": parts}, {"parts": []})], tuple[Item, ...])
    (shown,) = seen(items=items, shuffle=True)
    assert [part["id"] for part in shown["content"]["parts"]] == ["p0", "p1", "p2"]
    orders = {tuple(entry["id"] for entry in part["content"]["items"]) for part in shown["content"]["parts"]}
    assert len(orders) == 3


def test_who_does_not_take_it_sees_each_version_in_its_own_order() -> None:
    """The seed names assessment and version."""
    assert seed_of_version("asmt_a", 1) != seed_of_version("asmt_a", 2) != seed_of_version("asmt_b", 2)
