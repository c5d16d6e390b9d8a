"""Areas that do not touch each other: one a cell of 20 by 20 pixels, around its centre."""

from hypothesis import strategies as st

from grading.geometry import AreaShape, Coordinate, Image

IMAGE = Image(100, 80)
CELLS = [(x, y) for x in range(10, 100, 20) for y in range(10, 80, 20)]

Drawn = tuple[AreaShape, tuple[Coordinate, ...]]


@st.composite
def area_at(draw: st.DrawFn, x: int, y: int) -> Drawn:
    """An area of any shape that holds the centre of its cell and stays within it."""
    reach, other = draw(st.integers(1, 9)), draw(st.sampled_from([0.5, 3, 8.25]))
    shape: AreaShape = draw(st.sampled_from(["rect", "circle", "ellipse", "poly"]))
    match shape:
        case "rect":
            return shape, (x - reach, y - other, x + other, y + reach)
        case "circle":
            return shape, (x, y, reach)
        case "ellipse":
            return shape, (x, y, reach, other)
        case "poly":
            return shape, (x - reach, y, x, y - reach, x + other, y, x, y + other)


places = st.tuples(
    st.integers(0, 100) | st.floats(0, 100) | st.sampled_from(range(0, 100, 10)),
    st.integers(0, 80) | st.floats(0, 80) | st.sampled_from(range(0, 80, 10)),
)
"""Anywhere on the image, often at a centre or an edge."""
