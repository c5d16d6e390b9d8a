"""marker_drop, from the authored item to the grade."""

from fractions import Fraction
from itertools import starmap
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.engine import Compiled, Graded, grade, load, validate
from grading.faults import Unloadable
from grading.geometry import Image
from grading.items.marker_drop import (
    Drop,
    Marker,
    MarkerDrop,
    MarkerDropAnswer,
    MarkerDropContent,
    MarkerDropKey,
    MarkerDropScoring,
    MarkerZone,
)
from grading.result import PartSignal
from tests.effort import stays_within

IMAGE = Image(100, 100)
MARKERS = (Marker("lung", "lung", 2), Marker("heart", "heart"), Marker("wheel", "wheel"))
ZONES = (
    MarkerZone("rect", (0, 0, 20, 20), "lung"),
    MarkerZone("rect", (20, 0, 40, 20), "lung"),
    MarkerZone("circle", (50, 50, 10), "heart"),
)


def item(
    zones: tuple[MarkerZone, ...] = ZONES, markers: tuple[Marker, ...] = MARKERS, rule: Any = "hits", **more: Any
) -> MarkerDrop:
    content = MarkerDropContent("Where?", IMAGE, markers)
    return MarkerDrop(id="q1", content=content, key=MarkerDropKey(zones), scoring=MarkerDropScoring(rule), **more)


def compiled(*args: Any, **more: Any) -> Compiled:
    loaded = load(item(*args, **more))
    assert isinstance(loaded, Compiled), loaded
    return loaded


def answer(*drops: tuple[str, float, float]) -> MarkerDropAnswer:
    return MarkerDropAnswer(tuple(starmap(Drop, drops)))


def graded(loaded: Compiled, *drops: tuple[str, float, float]) -> Graded:
    outcome = grade(loaded, answer(*drops))
    assert isinstance(outcome, Graded), outcome
    return outcome


def test_zones_hit_over_zones_or_drops() -> None:
    """A zone is hit by a marker of its own, its edge included; more drops than zones weigh against the answer."""
    loaded = compiled()
    full = (("lung", 10, 10), ("lung", 30, 10), ("heart", 60, 50))
    assert graded(loaded, *full).share == 1
    assert graded(loaded, *full, ("wheel", 90, 90)).share == Fraction(3, 4)
    assert graded(loaded, ("heart", 10, 10), ("lung", 50, 50)).share == 0
    assert graded(loaded, ("lung", 10, 10)).share == Fraction(1, 3)
    strict = compiled(rule="all_or_nothing")
    assert graded(strict, *full).share == 1
    assert graded(strict, *full, ("wheel", 90, 90)).share == 0
    assert graded(strict, *full[:2]).share == 0


def test_a_zone_takes_one_drop_and_a_drop_one_zone() -> None:
    """Two markers in one zone hit it once; one marker in two zones hits one; on the shared edge what suits best."""
    loaded = compiled()
    assert graded(loaded, ("lung", 10, 10), ("lung", 11, 11)).share == Fraction(1, 3)
    assert graded(loaded, ("lung", 20, 10)).share == Fraction(1, 3)
    for drops in ((("lung", 20, 10), ("lung", 5, 5)), (("lung", 5, 5), ("lung", 20, 10))):
        assert graded(loaded, *drops).share == Fraction(2, 3)
    assert graded(loaded, ("lung", 20, 10), ("lung", 20, 10)).share == Fraction(2, 3)


def test_each_drop_is_signalled() -> None:
    """Right where the drop got a zone; zones are not named."""
    assert graded(compiled(), ("lung", 10, 10), ("lung", 11, 11), ("wheel", 1, 1)).result.parts == (
        PartSignal("drops[0]", "right"),
        PartSignal("drops[1]", "wrong"),
        PartSignal("drops[2]", "wrong"),
    )


def test_format_errors_name_every_place() -> None:
    """Unknown markers, markers dropped too often and places off the image, all at once."""
    drops = answer(("lung", 1, 1), ("lung", 1, 1), ("nose", 1, 101), ("lung", -1, 1), ("heart", 1, 1), ("heart", 1, 1))
    assert [(error.code, error.param, error.limit) for error in validate(compiled(), drops)] == [
        ("unknown_id", "drops[2].marker", None),
        ("outside_canvas", "drops[2].y", 100),
        ("too_many", "drops[3].marker", 2),
        ("outside_canvas", "drops[3].x", 100),
        ("duplicate_id", "drops[5].marker", None),
    ]
    assert [(error.code, error.param) for error in validate(compiled(), answer())] == [("answer_required", "drops")]


@pytest.mark.parametrize(
    ("authored", "expected"),
    [
        (item(markers=(*MARKERS, MARKERS[0])), ["content.markers[3].id"]),
        (item(markers=(Marker("lung", "lung", 29), *MARKERS[1:])), ["content.markers"]),
        (item((MarkerZone("rect", (1, 2, 3, 4), "nose"),)), ["key.zones[0].marker"]),
        (item((MarkerZone("rect", (1, 2, 3), "lung"),)), ["key.zones[0].coords"]),
        (item((*ZONES, ZONES[0])), ["key.zones"]),
        (
            item((MarkerZone("poly", (1, 2, 3, 4, 5, 9) * 21, "lung"),) * 28, (Marker("lung", "lung", 28),)),
            ["key.zones"],
        ),
    ],
)
def test_an_item_that_cant_be_graded_is_refused_with_the_place(authored: MarkerDrop, expected: list[str]) -> None:
    """Zones that are none or can't all be hit, more markers or work than an answer may have."""
    loaded = load(authored)
    assert isinstance(loaded, Unloadable)
    assert [flaw.param for flaw in loaded.flaws] == expected


SPOTS = st.sampled_from([0, 5, 10, 15, 20, 25, 30])


@given(
    st.lists(st.tuples(st.just("m"), SPOTS, SPOTS), min_size=1, max_size=5),
    st.lists(st.tuples(SPOTS, SPOTS), min_size=1, max_size=5),
)
def test_no_assignment_hits_more_zones(drops: list[tuple[str, int, int]], corners: list[tuple[int, int]]) -> None:
    """Against all ways to give each drop at most one zone, in any order of the drops."""
    zones = tuple(MarkerZone("rect", (x, y, x + 10, y + 10), "m") for x, y in corners)
    loaded = compiled(zones, (Marker("m", "m", 5),))

    def most(left: list[tuple[str, int, int]], free: frozenset[int]) -> int:
        if not left:
            return 0
        _, x, y = left[0]
        held = [zone for zone in free if 0 <= x - corners[zone][0] <= 10 and 0 <= y - corners[zone][1] <= 10]
        return max([most(left[1:], free), *(1 + most(left[1:], free - {zone}) for zone in held)])

    expected = Fraction(most(drops, frozenset(range(len(corners)))), max(len(drops), len(corners)))
    assert graded(loaded, *drops).share == expected
    assert graded(loaded, *reversed(drops)).share == expected


def test_the_most_expensive_answer_stays_within_its_time() -> None:
    """30 drops on 30 zones that all suit, as far as authoring allows: below 5 ms."""
    zones = tuple(MarkerZone("poly", (0, 0, 100, place, 100, 100, place, 100), "m") for place in range(30))
    loaded = compiled(zones, (Marker("m", "m", 30),))
    drops = answer(*(("m", 50.00000000000001, 50 + place / 1e13) for place in range(30)))
    assert stays_within(0.005, lambda: grade(loaded, drops))
