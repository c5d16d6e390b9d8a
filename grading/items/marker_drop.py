"""marker_drop: markers are dropped onto an image; a zone takes one marker of its own."""

from collections import Counter
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Struct

from grading.alike import worth_alike
from grading.assignment import assigned
from grading.faults import Blank, Flaws, FormatError, Malformed, shown
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
from grading.kinds import Loaded, loaded
from grading.parts import Id, Stem, Text, ids_once
from grading.result import Scored, Signs, ratio, signs

DROPS_MAX: Final = 30


class Marker(Struct, frozen=True, forbid_unknown_fields=True):
    """Something to drop, up to `count` times; what goes to several places is one marker with a count."""

    id: Id
    text: Text
    count: Annotated[int, msgspec.Meta(ge=1, le=DROPS_MAX)] = 1


class MarkerDropContent(Struct, frozen=True, forbid_unknown_fields=True):
    """An image and the markers for it, 30 at most by their counts; some may belong nowhere."""

    stem: Stem
    image: Image
    markers: Annotated[tuple[Marker, ...], msgspec.Meta(min_length=1, max_length=DROPS_MAX)]


class MarkerZone(Struct, frozen=True, forbid_unknown_fields=True):
    """An area, its edge included, and the marker that belongs into it. Zones may overlap."""

    shape: AreaShape
    coords: Coordinates
    marker: Id


class MarkerDropKey(Struct, frozen=True, forbid_unknown_fields=True):
    """The zones to hit."""

    zones: Annotated[tuple[MarkerZone, ...], msgspec.Meta(min_length=1, max_length=DROPS_MAX)]


class MarkerDropScoring(Struct, frozen=True, forbid_unknown_fields=True):
    """`hits`: zones hit over zones or drops, whichever are more; one drop a zone, as suits the learner best."""

    rule: Literal["hits", "all_or_nothing"] = "hits"


class MarkerDrop(Asked, frozen=True, tag="marker_drop", kw_only=True):
    """Markers on an image."""

    content: MarkerDropContent
    key: MarkerDropKey
    scoring: MarkerDropScoring = MarkerDropScoring()


class Drop(Struct, frozen=True, forbid_unknown_fields=True):
    """A marker and where it was dropped, in pixels from the image's left upper corner."""

    marker: Id
    x: Coordinate
    y: Coordinate


class MarkerDropAnswer(Answered, frozen=True, tag="marker_drop"):
    """The markers that were dropped, in any order."""

    drops: Annotated[tuple[Drop, ...], msgspec.Meta(max_length=200)]


class MarkerDropForm(Struct, frozen=True):
    """Knows the size of the image, and how often each marker may be dropped."""

    image: Image
    counts: dict[str, int]

    def read(self, answer: MarkerDropAnswer) -> list[tuple[str, Place]] | Blank | Malformed:
        """Return each drop's marker and place, exactly."""
        drops = answer.drops
        if not drops:
            return Blank("drops")
        placed: list[tuple[str, Place]] = []
        left = self.counts.copy()
        for drop in drops:
            place = place_on(self.image, drop.x, drop.y)
            if place is None or not left.get(drop.marker):
                return self._refused(drops)
            left[drop.marker] -= 1
            placed.append((drop.marker, place))
        return placed

    def _refused(self, drops: tuple[Drop, ...]) -> Malformed:
        """Go through all drops once more for everything that is wrong with them."""
        errors: list[FormatError] = []
        left = self.counts.copy()
        for index, drop in enumerate(drops):
            path = f"drops[{index}]"
            if drop.marker not in left:
                message = f"no marker has the id {shown(drop.marker)!r}"
                errors.append(FormatError("unknown_id", f"{path}.marker", message))
            elif left[drop.marker]:
                left[drop.marker] -= 1
            else:
                errors.append(self._once_too_often(drop.marker, path))
            errors += astray(drop.x, drop.y, self.image, path)
        return Malformed(tuple(errors))

    def _once_too_often(self, marker: str, path: str) -> FormatError:
        """A marker that is there once is told apart by its id, as everywhere; of several there are too many."""
        count = self.counts[marker]
        if count == 1:
            return FormatError("duplicate_id", f"{path}.marker", f"the marker {shown(marker)!r} is dropped twice")
        message = f"the marker {shown(marker)!r} may be dropped {count} times"
        return FormatError("too_many", f"{path}.marker", message, limit=count)


class MarkerDropRubric(Struct, frozen=True):
    """Knows the zones of each marker, each with its number."""

    zones: dict[str, tuple[tuple[int, Area], ...]]
    count: int
    signs: tuple[Signs, ...]
    all_or_nothing: bool

    def score(self, reading: list[tuple[str, Place]]) -> Scored:
        """Give as many drops as possible a zone of their own."""
        suits = [
            sum(1 << number for number, zone in self.zones.get(marker, ()) if zone.holds(place))
            for marker, place in reading
        ]
        got = assigned(suits)
        parts = tuple([sign.wrong if zone is None else sign.right for zone, sign in zip(got, self.signs, strict=False)])
        hits = len(got) - got.count(None)
        most = max(self.count, len(got))
        return Scored(int(hits == most) if self.all_or_nothing else ratio(hits, most), parts)


def load(item: MarkerDrop, flaws: Flaws) -> Loaded | None:
    """Prepare the item; what makes it ungradable is added to `flaws`."""
    content, zones = item.content, item.key.zones
    ids_once(content.markers, "content.markers", flaws)
    counts = {marker.id: marker.count for marker in content.markers}
    if sum(counts.values()) > DROPS_MAX:
        flaws.add("content.markers", f"their counts come to {DROPS_MAX} at most")
    areas: dict[str, list[tuple[int, Area]]] = {}
    for place, zone in enumerate(zones):
        path = f"key.zones[{place}]"
        if zone.marker not in counts:
            flaws.add(f"{path}.marker", f"no marker has the id {shown(zone.marker)!r}")
        area = area_of(zone.shape, zone.coords, content.image, f"{path}.coords", flaws)
        if area is not None:
            areas.setdefault(zone.marker, []).append((place, area))
    for marker, needed in Counter(zone.marker for zone in zones).items():
        if needed > counts.get(marker, needed):
            flaws.add("key.zones", f"{needed} zones need the marker {shown(marker)!r}, which may be dropped less often")
    worth_alike(content.markers, {zone.marker: zone.marker for zone in zones}, "content.markers", flaws)
    steps = sum(counts.get(marker, 0) * sum(edges_of(area) for _, area in drawn) for marker, drawn in areas.items())
    if steps > STEPS_MAX:
        flaws.add("key.zones", f"edges of a marker's zones times its count come to {STEPS_MAX} at most, all together")
    if flaws:
        return None
    rubric = MarkerDropRubric(
        {marker: tuple(drawn) for marker, drawn in areas.items()},
        len(zones),
        tuple(signs(f"drops[{index}]") for index in range(sum(counts.values()))),
        item.scoring.rule == "all_or_nothing",
    )
    form = MarkerDropForm(content.image, counts)
    return loaded(MarkerDropAnswer, form, rubric, cost_us=cost_us(sum(counts.values()), steps))
