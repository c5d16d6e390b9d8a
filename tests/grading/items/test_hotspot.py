"""hotspot, from the authored item to the grade."""

import math
from fractions import Fraction
from itertools import starmap
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.engine import Compiled, Graded, grade, load, validate
from grading.faults import Unloadable
from grading.geometry import Image
from grading.items.composite import Composite, CompositeContent, CompositeKey
from grading.items.composite_parts import HotspotPart, HotspotPartKey
from grading.items.hotspot import (
    Hotspot,
    HotspotAnswer,
    HotspotArea,
    HotspotContent,
    HotspotKey,
    HotspotScoring,
    Point,
)
from grading.result import PartSignal
from tests.effort import stays_within

IMAGE = Image(100, 100)
LEFT = HotspotArea("rect", (0, 0, 20, 20))
RIGHT = HotspotArea("circle", (80, 80, 10))
MIDDLE = HotspotArea("poly", (40, 40, 60, 40, 50, 60))


def item(areas: tuple[HotspotArea, ...] = (LEFT, RIGHT, MIDDLE), max_points: int = 3, **more: Any) -> Hotspot:
    scoring = {name: more.pop(name) for name in ("rule", "miss", "lower", "upper") if name in more}
    content = HotspotContent("Where?", IMAGE, max_points)
    return Hotspot(id="q1", content=content, key=HotspotKey(areas), scoring=HotspotScoring(**scoring), **more)


def compiled(*args: Any, **more: Any) -> Compiled:
    loaded = load(item(*args, **more))
    assert isinstance(loaded, Compiled), loaded
    return loaded


def graded(loaded: Compiled, *points: tuple[float, float]) -> Graded:
    outcome = grade(loaded, HotspotAnswer(tuple(starmap(Point, points))))
    assert isinstance(outcome, Graded), outcome
    return outcome


def share(loaded: Compiled, *points: tuple[float, float]) -> object:
    return graded(loaded, *points).share


HIT_LEFT, HIT_RIGHT, HIT_MIDDLE, MISS = (10, 10), (80, 90), (50, 60), (99, 1)


def test_a_single_point_earns_the_best_area_it_lies_in() -> None:
    """Areas may lie in one another, as on a target; the order does not matter."""
    inner, outer = HotspotArea("circle", (50, 50, 10)), HotspotArea("circle", (50, 50, 30), 0.5)
    trap = HotspotArea("rect", (0, 0, 10, 10), -0.25)
    for areas in ((inner, outer, trap), (trap, outer, inner)):
        loaded = compiled(areas, 1)
        assert share(loaded, (60, 50)) == 1
        assert share(loaded, (60.000001, 50)) == Fraction(1, 2)
        assert share(loaded, (90, 90)) == 0
        assert share(loaded, (5, 5)) == 0
        assert share(compiled(areas, 1, floor=-1), (5, 5)) == Fraction(-1, 4)
        assert share(compiled(areas, 1, rule="all_or_nothing"), (70, 50)) == 0
        assert share(compiled(areas, 1, rule="all_or_nothing"), (50, 50)) == 1


def test_several_points_earn_the_areas_they_hit_less_their_misses() -> None:
    """(areas hit - misses) / areas, never below 0; an area counts once."""
    loaded = compiled()
    assert share(loaded, HIT_LEFT, HIT_RIGHT, HIT_MIDDLE) == 1
    assert share(loaded, HIT_LEFT, HIT_RIGHT) == Fraction(2, 3)
    assert share(loaded, HIT_LEFT, HIT_RIGHT, MISS) == Fraction(1, 3)
    assert share(loaded, HIT_LEFT, MISS, MISS) == 0
    assert share(loaded, HIT_LEFT, (11, 11), (12, 12)) == Fraction(1, 3)


def test_all_or_nothing_wants_every_area_and_no_miss() -> None:
    """One area missing or one point beside them: nothing."""
    loaded = compiled(max_points=4, rule="all_or_nothing")
    assert share(loaded, HIT_LEFT, HIT_RIGHT, HIT_MIDDLE) == 1
    assert share(loaded, HIT_LEFT, HIT_RIGHT, HIT_MIDDLE, (12, 12)) == 1
    assert share(loaded, HIT_LEFT, HIT_RIGHT) == 0
    assert share(loaded, HIT_LEFT, HIT_RIGHT, HIT_MIDDLE, MISS) == 0


def test_a_sum_counts_the_first_listed_area_of_each_point_once_and_has_bounds() -> None:
    """As QTI maps points: the order of areas decides where they overlap; default for misses; lower and upper bound."""
    areas = (
        HotspotArea("circle", (50, 50, 10), 0.6),
        HotspotArea("circle", (50, 50, 30), 0.4),
        HotspotArea("rect", (0, 0, 10, 10), -0.5),
    )
    loaded = compiled(areas, 4, rule="sum", miss=-0.1, floor=-1, lower=-0.55)
    assert share(loaded, (50, 50)) == Fraction(3, 5)
    assert share(loaded, (50, 50), (51, 51)) == Fraction(3, 5)
    assert share(loaded, (50, 50), (70, 50)) == 1
    assert share(loaded, (50, 50), (70, 50), (99, 99)) == Fraction(9, 10)
    assert share(loaded, (5, 5)) == Fraction(-1, 2)
    assert share(loaded, (5, 5), (99, 99)) == Fraction(-11, 20)
    assert share(loaded, (99, 99), (98, 99)) == Fraction(-1, 5)
    assert share(compiled(areas, 2, rule="sum"), (5, 5)) == 0
    capped = compiled((HotspotArea("circle", (50, 50, 10)), HotspotArea("rect", (0, 0, 9, 9))), 2, rule="sum")
    assert share(capped, (50, 50), (1, 1)) == 1


def test_decimals_of_authors_add_up() -> None:
    """Three thirds, written as decimals, are right."""
    areas = tuple(HotspotArea(area.shape, area.coords, 0.3333333) for area in (LEFT, RIGHT, MIDDLE))
    full = graded(compiled(areas, 3, rule="sum"), HIT_LEFT, HIT_RIGHT, HIT_MIDDLE)
    assert (full.share, full.result.state) == (1, "right")


def test_points_are_signalled_and_areas_are_not() -> None:
    """Each point of the learner is right or wrong; how many areas there are is not said."""
    assert graded(compiled(), MISS, HIT_LEFT).result.parts == (
        PartSignal("points[0]", "wrong"),
        PartSignal("points[1]", "right"),
    )
    outer = HotspotArea("circle", (50, 50, 30), 0.5)
    assert graded(compiled((LEFT, outer), 1), (50, 50)).result.parts == (PartSignal("points[0]", "partial"),)


def test_format_errors_name_every_place() -> None:
    """Points off the image and points too many, all at once; the limits are the content's."""
    answer = HotspotAnswer((Point(1, 101), Point(-0.5, 1), Point(1, 1), Point(math.nan, 1)))
    errors = validate(compiled(), answer)
    assert [(error.code, error.param, error.limit) for error in errors] == [
        ("too_many", "points", 3),
        ("outside_canvas", "points[0].y", 100),
        ("outside_canvas", "points[1].x", 100),
        ("non_finite", "points[3].x", None),
    ]
    assert [(error.code, error.param) for error in validate(compiled(), HotspotAnswer(()))] == [
        ("answer_required", "points")
    ]


def test_coordinates_travel_as_integers_and_decimals() -> None:
    """JSON numbers of both kinds, exactly; texts and truth values are no coordinates."""
    read = msgspec.json.decode(b'{"type":"hotspot","points":[{"x":20,"y":20.0},{"x":1e1,"y":0.1}]}', type=HotspotAnswer)
    assert share(compiled(), *((point.x, point.y) for point in read.points)) == Fraction(1, 3)
    for wrong in (b'"1"', b"true", b"null", b"1e999"):
        with pytest.raises(msgspec.ValidationError):
            msgspec.json.decode(b'{"type":"hotspot","points":[{"x":%s,"y":1}]}' % wrong, type=HotspotAnswer)


@pytest.mark.parametrize(
    ("authored", "expected"),
    [
        (item((HotspotArea("circle", (1, 2, 0)), LEFT)), ["key.areas[0].coords"]),
        (item((HotspotArea("circle", (1, 2, 3), 0.5), LEFT)), ["key.areas[0].score"]),
        (item(max_points=2), ["content.max_points"]),
        (item((HotspotArea("circle", (1, 2, 3), 0.5),), 1), ["key.areas"]),
        (item((HotspotArea("circle", (1, 2, 3), 0.5), LEFT), 1, rule="sum", upper=0.9), ["scoring"]),
        (item((HotspotArea("circle", (1, 2, 3), 0.5),), 2, rule="sum"), ["scoring"]),
        (item(rule="sum", lower=1.0, upper=0.5), ["scoring.lower", "scoring"]),
        (item((HotspotArea("poly", (1, 2, 3, 4, 5, 9) * 10, 1),) * 2, max_points=200), ["key.areas"]),
    ],
)
def test_an_item_that_cant_be_graded_is_refused_with_the_place(authored: Hotspot, expected: list[str]) -> None:
    """Areas that are none, full marks out of reach, more work than an answer may cost."""
    loaded = load(authored)
    assert isinstance(loaded, Unloadable)
    assert [flaw.param for flaw in loaded.flaws] == expected


PLACES = st.tuples(st.integers(0, 100), st.integers(0, 100) | st.floats(0, 100))


@given(
    st.lists(PLACES, min_size=1, max_size=4),
    st.randoms(use_true_random=False),
    st.sampled_from(["hits", "sum", "all_or_nothing"]),
)
def test_the_order_of_points_does_not_matter(points: list[tuple[float, float]], chance: Any, rule: str) -> None:
    """Any order of the same points earns the same, between floor and 1."""
    loaded = compiled(max_points=4, rule=rule, miss=-0.5 if rule == "sum" else 0.0, floor=-1)
    shuffled = points.copy()
    chance.shuffle(shuffled)
    earned = share(loaded, *points)
    assert earned == share(loaded, *shuffled)
    assert isinstance(earned, int | Fraction)
    assert -1 <= earned <= 1


def test_the_most_expensive_answer_stays_within_its_time() -> None:
    """As many points and edges as authoring allows, with the longest decimals: below 5 ms."""
    zigzag = tuple(coordinate for step in range(32) for coordinate in (3 * step, 0, 3 * step + 1.000001, 100))
    loaded = compiled((HotspotArea("poly", zigzag),), 62)
    answer = HotspotAnswer(tuple(Point(97.00000000000001 + place / 1e13, 5e-324) for place in range(62)))
    assert stays_within(0.005, lambda: grade(loaded, answer))


def test_parts_that_cost_much_are_too_much_for_one_answer() -> None:
    """Each part alone may be graded; a composite of many such parts is refused when authored."""
    costly = item((HotspotArea("poly", (1, 2, 3, 4, 5, 9) * 6),), 200)
    assert isinstance(load(costly), Compiled)
    names = [f"p{place}" for place in range(5)]
    many = Composite(
        id="q1",
        content=CompositeContent("?", tuple(HotspotPart(name, costly.content) for name in names)),
        key=CompositeKey(tuple(HotspotPartKey(part=name, key=costly.key) for name in names)),
    )
    loaded = load(many)
    assert isinstance(loaded, Unloadable)
    assert [flaw.param for flaw in loaded.flaws] == ["content"]
