"""How much each part of an item counts: authored decimals, scaled once to whole numbers so that sums stay cheap."""

from collections.abc import Mapping, Sequence
from math import gcd, lcm
from typing import Annotated, Final

from msgspec import Meta, Struct

from grading.faults import Flaws, shown
from grading.parts import exact
from grading.result import Share, ratio

Weight = Annotated[float, Meta(ge=0, le=1000)]
"""How much a part counts, against the other parts' weights."""
DECIMALS_MAX: Final = 9
"""A weight has no more of them: each makes the sums of an assessment, which are exact, a digit longer."""


class Weights(Struct, frozen=True):
    """Whole numbers in the authors' proportions, one a part, and their sum."""

    each: tuple[int, ...]
    total: int

    def mean(self, earned: int) -> Share:
        """The share of the item that parts weighing `earned` together are worth."""
        return ratio(earned, self.total)


def weights_of(parts: Sequence[str], authored: Mapping[str, float] | None, param: str, flaws: Flaws) -> Weights:
    """The weights of `parts`, in their order; a part that `authored` does not name counts 1, as all do without it."""
    if authored is None:
        return Weights((1,) * len(parts), max(len(parts), 1))
    for unknown in sorted(authored.keys() - set(parts)):
        flaws.add(f"{param}.{shown(unknown)}", "no part has this id")
    for part, weight in authored.items():
        if 10**DECIMALS_MAX % exact(weight).denominator:
            flaws.add(f"{param}.{shown(part)}", f"a weight has at most {DECIMALS_MAX} decimals")
    exacts = [exact(authored.get(part, 1)) for part in parts]
    scale = lcm(*(weight.denominator for weight in exacts))
    scaled = [int(weight * scale) for weight in exacts]
    common = gcd(*scaled)
    if not common:
        flaws.add(param, "one part must count more than nothing")
        return Weights((1,) * len(parts), max(len(parts), 1))
    each = tuple(weight // common for weight in scaled)
    return Weights(each, sum(each))
