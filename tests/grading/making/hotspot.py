"""hotspot items and answers, by every rule."""

from itertools import starmap
from typing import Any, get_args

from hypothesis import strategies as st

from grading.items.hotspot import (
    Hotspot,
    HotspotAnswer,
    HotspotArea,
    HotspotContent,
    HotspotKey,
    HotspotRule,
    HotspotScoring,
    Point,
)
from tests.grading.making.areas import CELLS, IMAGE, area_at, places
from tests.grading.making.case import Case, floors, points, shares


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """One to five areas apart from each other; the perfect answer is their centres."""
    rule: HotspotRule = draw(st.sampled_from(get_args(HotspotRule)))
    single = rule != "sum" and draw(st.booleans())
    most = 1 if single else 5
    scoring = HotspotScoring(rule)
    if rule == "sum":
        scoring = HotspotScoring(rule, draw(st.sampled_from([0.0, -0.5])), draw(st.sampled_from([-1.0, 0.0])))
    (item, perfect), (twin, _) = (draw(keyed(rule, single, most)) for _ in range(2))
    common: dict[str, Any] = {
        "id": "q",
        "points": draw(points),
        "floor": draw(floors),
        "content": HotspotContent("Where?", IMAGE, most),
        "scoring": scoring,
    }
    return Case(
        item=Hotspot(**common, key=item),
        perfect=perfect,
        answer=HotspotAnswer(tuple(starmap(Point, draw(st.lists(places, min_size=1, max_size=most))))),
        twin=Hotspot(**common, key=twin),
    )


@st.composite
def keyed(draw: st.DrawFn, rule: HotspotRule, single: bool, most: int) -> tuple[HotspotKey, HotspotAnswer]:
    """A key, and the answer that hits what is to be hit."""
    cells = draw(st.lists(st.sampled_from(CELLS), min_size=1, max_size=most if rule != "sum" else 4, unique=True))
    scored = single or rule == "sum"
    scores = [1.0, *(draw(shares) if scored else 1.0 for _ in cells[1:])]
    areas = tuple(HotspotArea(*draw(area_at(*cell)), score) for cell, score in zip(cells, scores, strict=True))
    wanted = cells[:1] if single else [cell for cell, score in zip(cells, scores, strict=True) if score > 0]
    return HotspotKey(areas), HotspotAnswer(tuple(starmap(Point, wanted)))
