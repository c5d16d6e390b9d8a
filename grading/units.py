"""Units of a quantity: which one a learner means, and what a number of them is in the base unit, exactly.

Rule source: grading contract, section 9. A factor is any rational number, such as 5/9; temperatures have an offset too.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import lcm
from typing import Annotated, Final

import msgspec
from msgspec import Struct

from grading.faults import Flaws, shown
from grading.numbers import RAISED, NumberGrammar, NumberReader, Written
from grading.parts import Id, ids_once
from grading.text import FORBIDDEN, visible

SYMBOL_MAX: Final = 64

_LIKENESSES: Final = {
    **dict.fromkeys(map(ord, "µ"), "μ"),
    **dict.fromkeys(map(ord, "º˚"), "°"),
    **dict.fromkeys(map(ord, "⋅∙*×"), "·"),
    **dict.fromkeys(map(ord, "−–"), "-"),
    **dict.fromkeys(map(ord, "’′"), "'"),
    **dict.fromkeys(map(ord, "⁄∕"), "/"),
    **dict.fromkeys(map(ord, "℃"), "°C"),
    **dict.fromkeys(map(ord, "℉"), "°F"),
}
_raised: Final = re.compile(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻]+")
_rationals: Final = NumberReader(NumberGrammar(allow_fraction=True))

Symbol = Annotated[str, msgspec.Meta(min_length=1, max_length=SYMBOL_MAX)]
Rational = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
"""An exact number: "0.3048", "1e-3", "5/9"; always with a decimal point, whatever mark the item has."""


class Unit(Struct, frozen=True, forbid_unknown_fields=True):
    """A unit that may be given, and how it may be written: "km", "kilometres". The first symbol is shown."""

    id: Id
    symbols: Annotated[tuple[Symbol, ...], msgspec.Meta(min_length=1, max_length=20)]


class Scale(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What one of a unit is: x of it are `x * factor + offset` base units. The base unit's factor is 1, its offset 0."""

    unit: Id
    factor: Rational = "1"
    offset: Rational = "0"


class Conversion(Struct, frozen=True):
    """A scale in whole numbers: top / bottom of the unit are (top * times + bottom * plus) / (bottom * over)."""

    times: int
    plus: int
    over: int

    def to_base(self, written: Written) -> tuple[int, int]:
        """Return the value in the base unit as numerator and denominator."""
        top, bottom = written.numerator, written.denominator
        return top * self.times + bottom * self.plus, bottom * self.over


def symbol_form(symbol: str) -> str:
    """Return the form in which symbols are compared: case counts (mW, MW); spaces and the look of signs do not."""
    if symbol.isalpha() and symbol.isascii():
        return symbol
    form = unicodedata.normalize("NFC", visible(symbol)).replace("**", "^").translate(_LIKENESSES)
    return "".join(_raised.sub(lambda raised: "^" + raised[0].translate(RAISED), form).split())


def symbols_of(units: Sequence[Unit], flaws: Flaws) -> dict[str, str]:
    """The unit that each symbol means, in its compared form; no two units share one."""
    ids_once(units, "content.units", flaws)
    meant: dict[str, str] = {}
    for place, unit in enumerate(units):
        for index, symbol in enumerate(unit.symbols):
            path, form = f"content.units[{place}].symbols[{index}]", symbol_form(symbol)
            if not form or FORBIDDEN.search(symbol):
                flaws.add(path, "a symbol has characters that are seen, and no control characters")
            elif meant.setdefault(form, unit.id) != unit.id:
                flaws.add(path, f"the unit {shown(meant[form])!r} has this symbol too")
    return meant


def conversions_of(scales: Sequence[Scale], units: Mapping[str, object], flaws: Flaws) -> dict[str, Conversion]:
    """How to convert each unit that has a scale; `units` are all that the content names."""
    conversions: dict[str, Conversion] = {}
    has_base = False
    for place, scale in enumerate(scales):
        path = f"key.scales[{place}]"
        factor = _rationals.exact(scale.factor, f"{path}.factor", flaws)
        offset = _rationals.exact(scale.offset, f"{path}.offset", flaws)
        if scale.unit not in units:
            flaws.add(f"{path}.unit", f"no unit has the id {shown(scale.unit)!r}")
        if scale.unit in conversions:
            flaws.add(f"{path}.unit", f"the unit {shown(scale.unit)!r} has a scale already")
        if factor is not None and factor <= 0:
            flaws.add(f"{path}.factor", "a factor is above 0")
        if factor is not None and offset is not None:
            has_base = has_base or (factor == 1 and not offset)
            conversions[scale.unit] = _conversion(factor, offset)
    if not has_base:
        flaws.add("key.scales", "one unit is the base unit, of factor 1 and offset 0, which accepted values are in")
    return conversions


def _conversion(factor: Fraction, offset: Fraction) -> Conversion:
    over = lcm(factor.denominator, offset.denominator)
    return Conversion(int(factor * over), int(offset * over), over)
