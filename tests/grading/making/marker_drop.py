"""marker_drop items and answers, by both rules."""

from typing import Any

from hypothesis import strategies as st

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
from tests.grading.making.areas import CELLS, IMAGE, area_at, places
from tests.grading.making.case import Case, floors, ids, points, some_of


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Markers that are there once or several times; the perfect answer drops one into the middle of each zone."""
    names = draw(ids("m", 1, 4))
    counts = {name: draw(st.integers(1, 3)) if draw(st.booleans()) else 1 for name in names}
    stock = [name for name in names for _ in range(counts[name])]

    def key() -> tuple[MarkerDropKey, MarkerDropAnswer]:
        markers = draw(some_of(stock))
        cells = draw(st.permutations(CELLS))[: len(markers)]
        placed = list(zip(markers, cells, strict=True))
        zones = tuple(MarkerZone(*draw(area_at(*cell)), marker) for marker, cell in placed)
        return MarkerDropKey(zones), MarkerDropAnswer(tuple(Drop(marker, *cell) for marker, cell in placed))

    (right, perfect), (other, near) = key(), key()
    anywhere = tuple(Drop(marker, *draw(places)) for marker in draw(some_of(stock)))
    common: dict[str, Any] = {
        "id": "q",
        "points": draw(points),
        "floor": draw(floors),
        "content": MarkerDropContent(
            "Where?", IMAGE, tuple(Marker(name, f"text of {name}", counts[name]) for name in names)
        ),
        "scoring": MarkerDropScoring(draw(st.sampled_from(["hits", "all_or_nothing"]))),
    }
    return Case(
        item=MarkerDrop(**common, key=right),
        perfect=perfect,
        answer=draw(st.sampled_from([MarkerDropAnswer(anywhere), near])),
        twin=MarkerDrop(**common, key=other),
        once=("drops",) if len(stock) == len(names) else (),
    )
