"""Points and areas on an image, exactly: whole numbers alone, cross-multiplied; no division, no float.

A coordinate is the decimal that was written, down to 20 places (0.1 is one tenth). Every area includes its edge.
"""

from collections.abc import Iterable, Sequence
from math import isfinite
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import Struct

from grading.faults import Flaws, FormatError

Coordinate: TypeAlias = int | float
"""In pixels of the image, from its left or upper edge; a JSON integer or decimal."""

VERTICES_MAX: Final = 64
DECIMALS_MAX: Final = 20
"""What a point has beyond this is rounded: a float needs so many places only within a thousandth of a pixel of 0."""
AUTHORED_DECIMALS_MAX: Final = 6
STEPS_MAX: Final = 4_000
"""How many edges may have to be looked at for one answer: its points times the edges of the areas."""

POINT_US: Final = 4
"""What it takes to read a point; an edge to look at takes at most half a microsecond."""

Place: TypeAlias = tuple[int, int, int]
"""A point as x, y and unit: it lies at x/unit, y/unit pixels; the unit is a power of ten."""


class Image(Struct, frozen=True, forbid_unknown_fields=True):
    """What is pointed at: its size in pixels, the picture as a data URL, and its description for who can't see it."""

    width: Annotated[int, msgspec.Meta(ge=1, le=100_000)]
    height: Annotated[int, msgspec.Meta(ge=1, le=100_000)]
    source: (
        Annotated[
            str,
            msgspec.Meta(max_length=266_700, pattern=r"^data:image/(?:png|jpeg|webp);base64,[A-Za-z0-9+/]+={0,2}\Z"),
        ]
        | None
    ) = None
    description: Annotated[str, msgspec.Meta(max_length=2000)] = ""


AreaShape: TypeAlias = Literal["rect", "circle", "ellipse", "poly"]
Coordinates: TypeAlias = Annotated[tuple[Coordinate, ...], msgspec.Meta(min_length=3, max_length=2 * VERTICES_MAX)]
"""rect: left, top, right, bottom; circle: centre x, y, radius; ellipse: centre x, y, radius across, radius down;
poly: x1, y1, x2, y2, … of 3 to 64 vertices, in order around it.
"""


class Rectangle(Struct, frozen=True):
    """All points between two corners, in parts of a pixel."""

    left: int
    top: int
    right: int
    bottom: int
    unit: int

    def holds(self, place: Place) -> bool:
        """Whether the point lies inside or on the edge."""
        x, y, finer = place
        x, y = x * self.unit, y * self.unit
        return self.left * finer <= x <= self.right * finer and self.top * finer <= y <= self.bottom * finer


class Ellipse(Struct, frozen=True):
    """All points within the radii of a centre, in parts of a pixel; a circle has two equal radii."""

    x: int
    y: int
    across: int
    down: int
    unit: int

    def holds(self, place: Place) -> bool:
        """Whether the point lies inside or on the edge."""
        x, y, finer = place
        right, below = x * self.unit - self.x * finer, y * self.unit - self.y * finer
        reach = self.across * self.down * finer
        return (right * self.down) ** 2 + (below * self.across) ** 2 <= reach * reach


class Polygon(Struct, frozen=True):
    """All points inside a closed line (even-odd where it crosses itself) or on it, in parts of a pixel."""

    vertices: tuple[tuple[int, int], ...]
    bounds: Rectangle

    def holds(self, place: Place) -> bool:
        """Whether the point lies inside or on the edge."""
        if not self.bounds.holds(place):
            return False
        x, y, finer = place
        unit = self.bounds.unit
        x, y = x * unit, y * unit
        vertices: Sequence[tuple[int, int]] = self.vertices
        if finer != 1:
            vertices = [(across * finer, down * finer) for across, down in vertices]
        inside = False
        x1, y1 = vertices[-1]
        for x2, y2 in vertices:
            if not (y1 < y > y2 or y1 > y < y2):
                turn = (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)
                if not turn and (x1 <= x <= x2 or x2 <= x <= x1):
                    return True
                if (y1 > y) is not (y2 > y) and (turn > 0) is (y2 > y1):
                    inside = not inside
            x1, y1 = x2, y2
        return inside


Area: TypeAlias = Rectangle | Ellipse | Polygon


def edges_of(area: Area) -> int:
    """What it takes to tell whether a point lies in the area."""
    return len(area.vertices) if isinstance(area, Polygon) else 1


def is_finite(number: Coordinate) -> bool:
    """Whether it is a number that can be reckoned with; an int of any length is."""
    return isinstance(number, int) or isfinite(number)


def cost_us(points: int, steps: int) -> int:
    """What it takes at most to read so many points and to look at so many edges, in microseconds."""
    return POINT_US * points + steps // 2


def digits_of(number: Coordinate) -> tuple[int, int]:
    """Return the number as digits and how many of them are decimals: 12.50 is (125, 1). It must be finite."""
    if isinstance(number, int):
        return number, 0
    text = repr(number)
    if "e" not in text:
        before, _, after = text.partition(".")
        return (int(before), 0) if after == "0" else (int(before + after), len(after))
    text, _, power = text.partition("e")
    before, _, after = text.partition(".")
    digits, decimals = int(before + after), len(after) - int(power)
    if decimals < 0:
        return digits * 10**-decimals, 0
    if decimals > DECIMALS_MAX:
        coarser = 10 ** (decimals - DECIMALS_MAX)
        return (2 * digits + coarser) // (2 * coarser), DECIMALS_MAX
    return digits, decimals


def in_one_unit(numbers: Iterable[Coordinate]) -> tuple[tuple[int, ...], int]:
    """Return finite numbers as whole parts of one unit, the coarsest power of ten that holds them all."""
    written = [digits_of(number) for number in numbers]
    most = max(decimals for _, decimals in written)
    return tuple(digits * 10 ** (most - decimals) for digits, decimals in written), 10**most


def place_of(x: Coordinate, y: Coordinate) -> Place:
    """The point at finite coordinates."""
    (across, x_decimals), (down, y_decimals) = digits_of(x), digits_of(y)
    if x_decimals < y_decimals:
        return across * 10 ** (y_decimals - x_decimals), down, 10**y_decimals
    return across, down * 10 ** (x_decimals - y_decimals), 10**x_decimals


def place_on(image: Image, x: Coordinate, y: Coordinate) -> Place | None:
    """The point at these coordinates if it lies on the image, whose edges belong to it; None if it is astray."""
    if not (0 <= x <= image.width and 0 <= y <= image.height):
        return None
    if isinstance(x, int) and isinstance(y, int):
        return x, y, 1
    return place_of(x, y)


def astray(x: Coordinate, y: Coordinate, image: Image, param: str) -> list[FormatError]:
    """What is wrong with a point of an answer that is not on the image."""
    errors: list[FormatError] = []
    for name, given, most in (("x", x, image.width), ("y", y, image.height)):
        if not is_finite(given):
            errors.append(FormatError("non_finite", f"{param}.{name}", "it is no finite number"))
        elif not 0 <= given <= most:
            errors.append(FormatError("outside_canvas", f"{param}.{name}", f"{name} lies from 0 to {most}", limit=most))
    return errors


def area_of(shape: AreaShape, coords: Sequence[Coordinate], image: Image, param: str, flaws: Flaws) -> Area | None:
    """Return the authored area; None if it is none, with a flaw at `param`, the path of its coordinates."""
    wrong = _wrong_with(shape, coords, image)
    if wrong:
        flaws.add(param, wrong)
        return None
    numbers, unit = in_one_unit(coords)
    match shape:
        case "rect":
            left, top, right, bottom = numbers
            return Rectangle(left, top, right, bottom, unit)
        case "circle":
            x, y, radius = numbers
            return Ellipse(x, y, radius, radius, unit)
        case "ellipse":
            x, y, across, down = numbers
            return Ellipse(x, y, across, down, unit)
        case "poly":
            xs, ys = numbers[::2], numbers[1::2]
            return Polygon(tuple(zip(xs, ys, strict=True)), Rectangle(min(xs), min(ys), max(xs), max(ys), unit))


_COUNTS: Final = {
    "rect": (4, "a rect has 4 coordinates: left, top, right, bottom"),
    "circle": (3, "a circle has 3 coordinates: x and y of its centre, radius"),
    "ellipse": (4, "an ellipse has 4 coordinates: x and y of its centre, radius across, radius down"),
}


def _wrong_with(shape: AreaShape, coords: Sequence[Coordinate], image: Image) -> str | None:
    """Why the coordinates make no area that can be hit; None if they do."""
    count, sentence = _COUNTS.get(shape, (len(coords), ""))
    if len(coords) != count:
        return sentence
    if shape == "poly" and (count % 2 or not 6 <= count <= 2 * VERTICES_MAX):
        return f"a poly has x and y of 3 to {VERTICES_MAX} vertices"
    if not all(map(is_finite, coords)):
        return "a coordinate is no finite number"
    if any(digits_of(coordinate)[1] > AUTHORED_DECIMALS_MAX for coordinate in coords):
        return f"a coordinate has at most {AUTHORED_DECIMALS_MAX} decimals"
    points, radii = (coords[:2], coords[2:]) if shape in {"circle", "ellipse"} else (coords, ())
    sizes = (image.width, image.height)
    if any(not 0 <= coordinate <= sizes[place % 2] for place, coordinate in enumerate(points)):
        return "corners, vertices and centres lie on the image"
    if any(not 0 < radius <= 2 * max(sizes) for radius in radii):
        return "a radius is above 0 and at most twice the image's longer side"
    if shape == "rect" and not (coords[0] < coords[2] and coords[1] < coords[3]):
        return "left is less than right, and top less than bottom"
    return None
