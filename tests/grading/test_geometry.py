"""Areas and points, exactly: what lies on an edge lies inside."""

import math
from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.faults import Flaws
from grading.geometry import (
    Area,
    AreaShape,
    Coordinate,
    Image,
    area_of,
    astray,
    digits_of,
    edges_of,
    in_one_unit,
    place_of,
)

IMAGE = Image(100, 80)


def area(shape: AreaShape, *coords: Coordinate, image: Image = IMAGE) -> Area:
    flaws = Flaws()
    drawn = area_of(shape, coords, image, "coords", flaws)
    assert drawn is not None, flaws.all()
    return drawn


def inside(drawn: Area, x: Coordinate, y: Coordinate) -> bool:
    return drawn.holds(place_of(x, y))


def decimal(number: Coordinate) -> Fraction:
    """What was written, the plain way."""
    return Fraction(repr(number))


@given(st.floats(-1e6, 1e6).filter(lambda number: abs(number) > 1e-3 or number == 0) | st.integers())
def test_a_coordinate_is_the_decimal_that_was_written(number: Coordinate) -> None:
    """0.1 is one tenth; digits and decimals say the very number."""
    digits, decimals = digits_of(number)
    assert Fraction(digits, 10**decimals) == decimal(number)
    assert 0 <= decimals <= 20


@given(st.floats(0, 1e-3))
def test_beyond_twenty_decimals_a_coordinate_is_rounded(number: float) -> None:
    """Floats next to 0 have hundreds of decimals; the twentieth is near enough, and the work stays bounded."""
    digits, decimals = digits_of(number)
    assert abs(Fraction(digits, 10**decimals) - decimal(number)) <= Fraction(1, 2 * 10**20)
    assert decimals <= 20


@pytest.mark.parametrize(
    ("number", "digits"),
    [
        (0, (0, 0)),
        (-0.0, (0, 0)),
        (12.5, (125, 1)),
        (1e16, (10**16, 0)),
        (1.5e-7, (15, 8)),
        (-2.25, (-225, 2)),
        (7.0, (7, 0)),
    ],
)
def test_some_coordinates_and_their_digits(number: Coordinate, digits: tuple[int, int]) -> None:
    """Exponents and trailing zeros are only ways to write."""
    assert digits_of(number) == digits


def test_numbers_share_the_coarsest_unit() -> None:
    """Whole parts of one power of ten."""
    assert in_one_unit((1, 2.5, 0.25)) == ((100, 250, 25), 100)
    assert in_one_unit((3, 4.0)) == ((3, 4), 1)


EDGES: list[
    tuple[AreaShape, tuple[Coordinate, ...], list[tuple[Coordinate, Coordinate]], list[tuple[Coordinate, Coordinate]]]
] = [
    (
        "rect",
        (10, 20, 30, 40),
        [(10, 20), (30, 40), (10, 30), (20, 20), (20.5, 39.999)],
        [(9.999999999999998, 20), (30.000000000000004, 40), (20, 40.1), (20, 19)],
    ),
    ("circle", (50, 40, 5), [(55, 40), (53, 44), (46, 37), (50, 35), (50, 40)], [(53, 44.0000001), (55.000001, 40)]),
    ("circle", (0.1, 0.1, 0.2), [(0.3, 0.1), (0.22, 0.26), (0, 0)], [(0.30000000000000004, 0.1)]),
    (
        "ellipse",
        (50, 40, 10, 5),
        [(60, 40), (50, 45), (56, 44), (44, 36)],
        [(56, 44.001), (60.5, 40), (50, 45.5), (57, 44)],
    ),
    (
        "poly",
        (10, 10, 30, 10, 30, 30, 10, 30),
        [(10, 10), (20, 10), (30, 20), (30, 30), (10, 11.5), (29.9, 29.9)],
        [(9, 10), (31, 10), (40, 10), (0, 30), (20, 30.01)],
    ),
    (
        "poly",
        (0, 0, 30, 60, 60, 0, 30, 20),
        [(30, 20), (15, 10), (10, 20), (30, 60), (0, 0)],
        [(30, 19.99), (30, 5), (60, 60)],
    ),
    ("poly", (0, 0, 40, 40, 40, 0, 0, 40), [(20, 20), (40, 20), (0, 20), (30, 15), (10, 20)], [(20, 10), (20, 30)]),
    ("poly", (0, 0, 1, 3, 3, 0), [(0.5, 1.5), (0.1, 0.3), (2, 1.5)], [(0.1, 0.30000000000000004), (2.1, 1.5)]),
    ("poly", (10, 10, 50, 10, 50, 10, 30, 50, 10, 10), [(10, 10), (30, 10), (50, 10), (30, 50)], [(60, 10), (5, 10)]),
]


@pytest.mark.parametrize(("shape", "coords", "within", "without"), EDGES)
def test_edges_belong_to_the_area(
    shape: AreaShape,
    coords: tuple[Coordinate, ...],
    within: list[tuple[Coordinate, Coordinate]],
    without: list[tuple[Coordinate, Coordinate]],
) -> None:
    """Corners, edges, arcs and vertices are inside, and the next point beyond is not."""
    drawn = area(shape, *coords)
    assert [point for point in within if not inside(drawn, *point)] == []
    assert [point for point in without if inside(drawn, *point)] == []


def winding_free(vertices: Sequence[tuple[Fraction, Fraction]], x: Fraction, y: Fraction) -> bool:
    """Inside or on the edge, by dividing: where does a line to the right cross each edge?"""
    crossings = 0
    for (x1, y1), (x2, y2) in zip(vertices, [*vertices[1:], vertices[0]], strict=True):
        if y1 == y2:
            if y == y1 and min(x1, x2) <= x <= max(x1, x2):
                return True
            continue
        if not min(y1, y2) <= y <= max(y1, y2):
            continue
        at = x1 + (y - y1) * (x2 - x1) / (y2 - y1)
        if at == x:
            return True
        if at > x and y != max(y1, y2):
            crossings += 1
    return crossings % 2 == 1


ACROSS = (
    st.integers(0, 100)
    | st.integers(0, 200).map(lambda halves: halves / 2)
    | st.floats(0, 100).map(lambda x: round(x, 3))
)
DOWN = st.integers(0, 80) | st.integers(0, 160).map(lambda halves: halves / 2)
SMALL = st.integers(0, 6)


@given(st.lists(st.tuples(SMALL, SMALL), min_size=3, max_size=9), st.tuples(SMALL | st.just(2.5), SMALL | st.just(1.5)))
def test_a_polygon_on_a_grid_agrees_with_division(
    vertices: list[tuple[int, int]], point: tuple[Coordinate, Coordinate]
) -> None:
    """Cross-multiplied whole numbers say what exact fractions say, for crossing and degenerate outlines too."""
    drawn = area("poly", *(coordinate for vertex in vertices for coordinate in vertex))
    exact = [(decimal(x), decimal(y)) for x, y in vertices]
    assert inside(drawn, *point) == winding_free(exact, decimal(point[0]), decimal(point[1]))


@given(
    st.lists(st.tuples(ACROSS, DOWN), min_size=3, max_size=12),
    ACROSS | st.floats(0.01, 100),
    DOWN | st.floats(0.01, 80),
)
def test_any_polygon_agrees_with_division(
    vertices: list[tuple[Coordinate, Coordinate]], x: Coordinate, y: Coordinate
) -> None:
    """The same with decimals of any length in the point."""
    drawn = area("poly", *(coordinate for vertex in vertices for coordinate in vertex))
    exact = [(decimal(x), decimal(y)) for x, y in vertices]
    assert inside(drawn, x, y) == winding_free(exact, decimal(x), decimal(y))
    assert edges_of(drawn) == len(vertices)


@given(ACROSS, DOWN, st.integers(1, 200).map(lambda halves: halves / 2), st.integers(1, 99), ACROSS, DOWN)
def test_round_areas_agree_with_division(
    x: Coordinate, y: Coordinate, across: Coordinate, down: Coordinate, at_x: Coordinate, at_y: Coordinate
) -> None:
    """((x - cx) / rx)^2 + ((y - cy) / ry)^2 <= 1, exactly; a circle is an ellipse with equal radii."""
    right, below = decimal(at_x) - decimal(x), decimal(at_y) - decimal(y)
    expected = (right / decimal(across)) ** 2 + (below / decimal(down)) ** 2 <= 1
    assert inside(area("ellipse", x, y, across, down), at_x, at_y) == expected
    assert inside(area("circle", x, y, down), at_x, at_y) == (right**2 + below**2 <= decimal(down) ** 2)


@pytest.mark.parametrize(
    ("shape", "coords"),
    [
        ("rect", (1, 2, 3)),
        ("rect", (3, 2, 1, 4)),
        ("rect", (1, 2, 3, 2)),
        ("rect", (1, 2, 101, 4)),
        ("circle", (1, 2, 3, 4)),
        ("circle", (1, 2, 0)),
        ("circle", (1, 81, 3)),
        ("circle", (1, 2, 201)),
        ("ellipse", (1, 2, 3)),
        ("ellipse", (1, 2, 3, -1)),
        ("poly", (1, 2, 3, 4)),
        ("poly", (1, 2, 3, 4, 5, 6, 7)),
        ("poly", (1, 2) * 65),
        ("poly", (-1, 2, 3, 4, 5, 6)),
        ("rect", (1.0000001, 2, 3, 4)),
        ("rect", (1, 2, math.nan, 4)),
        ("circle", (1, 2, math.inf)),
        ("rect", (1, 2, 10**400, 4)),
    ],
)
def test_coordinates_that_make_no_area_are_a_flaw(shape: AreaShape, coords: tuple[Coordinate, ...]) -> None:
    """The author is told where and what; nothing raises."""
    flaws = Flaws()
    assert area_of(shape, coords, IMAGE, "key.areas[0].coords", flaws) is None
    assert [flaw.param for flaw in flaws.all()] == ["key.areas[0].coords"]


def test_a_point_of_an_answer_lies_on_the_image() -> None:
    """Both edges belong to the image; each coordinate that is off it is named with its public limit."""
    assert astray(0, 0, IMAGE, "p") == astray(100, 80.0, IMAGE, "p") == []
    off = astray(100.00000000000001, -1, IMAGE, "points[2]")
    assert [(error.code, error.param, error.limit) for error in off] == [
        ("outside_canvas", "points[2].x", 100),
        ("outside_canvas", "points[2].y", 80),
    ]
    unreal = astray(math.nan, math.inf, IMAGE, "p")
    assert [(error.code, error.param) for error in unreal] == [("non_finite", "p.x"), ("non_finite", "p.y")]
    assert [error.code for error in astray(10**400, -(10**400), IMAGE, "p")] == ["outside_canvas"] * 2
