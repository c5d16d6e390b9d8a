"""hotspot: one or several points are set on an image."""

from math import lcm
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import Struct

from grading.faults import Blank, Flaws, FormatError, Malformed
from grading.geometry import (
    STEPS_MAX,
    Area,
    AreaShape,
    Coordinate,
    Coordinates,
    Image,
    Place,
    area_of,
    astray,
    cost_us,
    edges_of,
    place_on,
)
from grading.items.asked import Answered, Asked
from grading.kinds import Loaded, Rubric, loaded
from grading.parts import Share, Stem, exact
from grading.result import PartSignal, Scored, Signs, nearly_all, ratio, signs
from grading.result import Share as ExactShare

POINTS_MAX: Final = 200


class HotspotContent(Struct, frozen=True, forbid_unknown_fields=True):
    """An image on which from 1 to `max_points` points are set."""

    stem: Stem
    image: Image
    max_points: Annotated[int, msgspec.Meta(ge=1, le=POINTS_MAX)] = 1


class HotspotArea(Struct, frozen=True, forbid_unknown_fields=True):
    """An area, its edge included, and what a point in it earns under the rules that look at that."""

    shape: AreaShape
    coords: Coordinates
    score: Share = 1.0


class HotspotKey(Struct, frozen=True, forbid_unknown_fields=True):
    """The areas to hit."""

    areas: Annotated[tuple[HotspotArea, ...], msgspec.Meta(min_length=1, max_length=50)]


HotspotRule: TypeAlias = Literal["hits", "all_or_nothing", "sum"]


class HotspotScoring(Struct, frozen=True, forbid_unknown_fields=True):
    """`hits`: one point earns the score of the best area that it lies in; of several points each area that is hit
    counts one, each point that hits none takes one away, and that over the number of areas.

    `all_or_nothing`: full marks under `hits`, or nothing. `sum`: each point counts for the first listed area that it
    lies in, each area once; points in none earn `miss`; the sum is held between `lower` and `upper`.
    """

    rule: HotspotRule = "hits"
    miss: Share = 0.0
    lower: Share = -1.0
    upper: Share = 1.0


class Hotspot(Asked, frozen=True, tag="hotspot", kw_only=True):
    """Points on an image."""

    content: HotspotContent
    key: HotspotKey
    scoring: HotspotScoring = HotspotScoring()


class Point(Struct, frozen=True, forbid_unknown_fields=True):
    """A place on the image, in pixels from its left upper corner."""

    x: Coordinate
    y: Coordinate


class HotspotAnswer(Answered, frozen=True, tag="hotspot"):
    """The points that were set, in any order."""

    points: Annotated[tuple[Point, ...], msgspec.Meta(max_length=POINTS_MAX)]


class HotspotForm(Struct, frozen=True):
    """Knows the size of the image and how many points may be set on it."""

    image: Image
    max_points: int

    def read(self, answer: HotspotAnswer) -> list[Place] | Blank | Malformed:
        """Return the points, exactly."""
        points = answer.points
        if not points:
            return Blank("points")
        places: list[Place] = []
        for point in points:
            place = place_on(self.image, point.x, point.y)
            if place is None:
                return self._refused(points)
            places.append(place)
        return places if len(points) <= self.max_points else self._refused(points)

    def _refused(self, points: tuple[Point, ...]) -> Malformed:
        errors: list[FormatError] = []
        if len(points) > self.max_points:
            message = f"at most {self.max_points} may be set"
            errors.append(FormatError("too_many", "points", message, limit=self.max_points))
        for index, point in enumerate(points):
            errors += astray(point.x, point.y, self.image, f"points[{index}]")
        return Malformed(tuple(errors))


class BestAreaRubric(Struct, frozen=True):
    """Knows what each area earns; for items with a single point."""

    areas: tuple[tuple[Area, ExactShare], ...]
    signs: Signs
    all_or_nothing: bool

    def score(self, reading: list[Place]) -> Scored:
        """The best area that the point lies in."""
        (place,) = reading
        shares = [share for area, share in self.areas if area.holds(place)]
        best = max(shares, default=0)
        if self.all_or_nothing and best != 1:
            best = 0
        return Scored(best, (self.signs.of(best),))


class HitsRubric(Struct, frozen=True):
    """Knows the areas, all of which are to be hit."""

    areas: tuple[Area, ...]
    signs: tuple[Signs, ...]
    all_or_nothing: bool

    def score(self, reading: list[Place]) -> Scored:
        """Areas that are hit less points that hit none, over the areas."""
        hit: set[int] = set()
        misses = 0
        parts: list[PartSignal] = []
        for place, sign in zip(reading, self.signs, strict=False):
            held = [number for number, area in enumerate(self.areas) if area.holds(place)]
            hit.update(held)
            misses += not held
            parts.append(sign.right if held else sign.wrong)
        if self.all_or_nothing:
            return Scored(int(len(hit) == len(self.areas) and not misses), tuple(parts))
        return Scored(ratio(max(0, len(hit) - misses), len(self.areas)), tuple(parts))


class SumRubric(Struct, frozen=True):
    """Knows what each area and a point in none earn, in parts of `whole`, and the bounds of their sum."""

    areas: tuple[tuple[Area, int], ...]
    signs: tuple[Signs, ...]
    miss: int
    lower: int
    upper: int
    whole: int

    def score(self, reading: list[Place]) -> Scored:
        """Each point counts for one area, each area once."""
        hit: set[int] = set()
        earned = 0
        parts: list[PartSignal] = []
        for place, sign in zip(reading, self.signs, strict=False):
            for number, (area, worth) in enumerate(self.areas):
                if area.holds(place):
                    earned += worth if number not in hit else 0
                    hit.add(number)
                    parts.append(sign.right if worth > 0 else sign.wrong)
                    break
            else:
                earned += self.miss
                parts.append(sign.wrong)
        return Scored(ratio(min(max(earned, self.lower), self.upper), self.whole), tuple(parts))


def load(item: Hotspot, flaws: Flaws) -> Loaded | None:
    """Prepare the item; what makes it ungradable is added to `flaws`."""
    content, authored, scoring = item.content, item.key.areas, item.scoring
    drawn = [
        area_of(area.shape, area.coords, content.image, f"key.areas[{place}].coords", flaws)
        for place, area in enumerate(authored)
    ]
    areas = tuple(area for area in drawn if area is not None)
    steps = content.max_points * sum(map(edges_of, areas))
    if steps > STEPS_MAX:
        flaws.add("key.areas", f"edges of all areas times max_points are at most {STEPS_MAX}")
    if scoring.rule == "sum":
        _check_sum(item, flaws)
    else:
        _check_hits(item, flaws)
    if flaws:
        return None
    form = HotspotForm(content.image, content.max_points)
    return loaded(HotspotAnswer, form, _rubric(item, areas), cost_us=cost_us(content.max_points, steps))


def _check_hits(item: Hotspot, flaws: Flaws) -> None:
    """Full marks must be in reach, and no score may stand where none counts."""
    areas, max_points = item.key.areas, item.content.max_points
    if max_points == 1:
        if max(area.score for area in areas) != 1:
            flaws.add("key.areas", "one area must earn 1")
        return
    for place, area in enumerate(areas):
        if area.score != 1:
            flaws.add(f"key.areas[{place}].score", "with several points a score counts under the rule sum alone")
    if len(areas) > max_points:
        flaws.add("content.max_points", f"there are {len(areas)} areas to hit")


def _check_sum(item: Hotspot, flaws: Flaws) -> None:
    """Full marks must be in reach with the best areas; shares written as decimals (0.3333333) may fall a bit short."""
    scoring = item.scoring
    if scoring.lower > scoring.upper:
        flaws.add("scoring.lower", "it is at most upper")
    best = sorted((exact(area.score) for area in item.key.areas), reverse=True)[: item.content.max_points]
    if not nearly_all(min(sum(max(share, 0) for share in best), exact(scoring.upper))):
        flaws.add("scoring", "the best areas that max_points can hit, and upper, must come to 1")


def _rubric(item: Hotspot, areas: tuple[Area, ...]) -> Rubric[list[Place]]:
    scoring = item.scoring
    shares = [exact(area.score) for area in item.key.areas]
    named = tuple(signs(f"points[{index}]") for index in range(item.content.max_points))
    if scoring.rule == "sum":
        bounds = [exact(scoring.miss), exact(scoring.lower), exact(scoring.upper)]
        scale = lcm(*(share.denominator for share in (*shares, *bounds)))
        miss, lower, upper = (int(bound * scale) for bound in bounds)
        worths = tuple(zip(areas, (int(share * scale) for share in shares), strict=True))
        return SumRubric(worths, named, miss, lower, upper, scale)
    all_or_nothing = scoring.rule == "all_or_nothing"
    if item.content.max_points == 1:
        return BestAreaRubric(tuple(zip(areas, shares, strict=True)), named[0], all_or_nothing)
    return HitsRubric(areas, named, all_or_nothing)
