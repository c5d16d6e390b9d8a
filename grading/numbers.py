"""Numbers as learners write them: read exactly, by the grammar that the item's content tells, never guessed.

Rule source: grading contract, section 5. A value is a ratio of ints; no float and no Decimal is ever made.
"""

import unicodedata
from fractions import Fraction
from typing import Final, Literal

from msgspec import Struct

from grading.faults import Flaws, FormatCode, FormatError
from grading.text import FORBIDDEN, SPACES, visible

CHARACTERS_MAX: Final = 64
DIGITS_MAX: Final = 40
EXPONENT_MAX: Final = 400

_POWERS: Final = tuple(10**power for power in range(EXPONENT_MAX + DIGITS_MAX + 3))
_NON_FINITE: Final = frozenset({"nan", "snan", "inf", "infinity", "∞"})
_SEPARATORS: Final = ".,' "
_TIMES: Final = frozenset("x×*·")
RAISED: Final = {ord(raised): plain for raised, plain in zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-", strict=True)}
"""What raised digits and signs are on the line, for `str.translate`."""
_FOLDED: Final[dict[int, int | str]] = {
    **{full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)},
    **dict.fromkeys(map(ord, SPACES), " "),
    **{ord(sign): plain for sign, plain in zip("−’⁄∕⋅", "-'//·", strict=True)},
}
"""Full-width forms, the many spaces, the minus sign, the apostrophe, and the slashes and the dot that reckon."""


class NumberGrammar(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How numbers are written here. Exponents are always taken: 1.5e3, 1.5 x 10^3, 1.5·10³.

    With `digits: any` the digits of all scripts are read; otherwise 0 to 9 alone, plain or in full width.
    """

    decimal_mark: Literal[".", ","] = "."
    group_mark: Literal[",", ".", " ", "'"] | None = None
    allow_fraction: bool = False
    allow_mixed: bool = False
    allow_percent: bool = False
    digits: Literal["ascii", "any"] = "ascii"


class Written(Struct, frozen=True, gc=False):
    """A number as it was written: numerator / denominator (positive, not reduced), and its digits.

    `digits` are those before an exponent or a percent sign, without marks, "" for fractions; `decimals` of them stood
    behind the decimal mark, which was there if `marked`.
    """

    numerator: int
    denominator: int
    digits: str
    decimals: int
    marked: bool

    @property
    def value(self) -> Fraction:
        """The exact value."""
        return Fraction(self.numerator, self.denominator)

    def significant(self) -> tuple[int, int]:
        """How many digits are significant, at least and at most: zeros at the end of an integer may be or may be not.

        (0, 0) for a fraction, which has no digits to count.
        """
        counted = self.digits.lstrip("0")
        if not counted:
            return min(1, len(self.digits)), len(self.digits)
        return len(counted) if self.marked else len(counted.rstrip("0")), len(counted)


class NumberReader:
    """Reads numbers by one grammar."""

    def __init__(self, grammar: NumberGrammar) -> None:
        self.grammar = grammar
        self._mark = grammar.decimal_mark
        self._group = grammar.group_mark
        groups = "without marks between groups of digits"
        if grammar.group_mark is not None:
            groups = f"with groups of three digits set apart by {_named(grammar.group_mark)}, or without groups"
        self._how = f"write a bare number with {_named(grammar.decimal_mark)} before decimals, {groups}"

    def read(self, text: str, param: str) -> Written | FormatError | None:
        """Return the number that was typed, what is wrong with it, or None if nothing was typed."""
        if len(text) <= DIGITS_MAX and text.isascii():
            body = text[1:] if text[:1] == "-" else text
            whole, mark, rest = body.partition(self._mark)
            if whole.isdigit() and (rest.isdigit() or not rest):
                digits = whole + rest
                number = int(digits) if body is text else -int(digits)
                return Written(number, _POWERS[len(rest)], digits, len(rest), bool(mark))
        return self._read_carefully(text, param)

    def exact(self, authored: str, param: str, flaws: Flaws) -> Fraction | None:
        """Return the value of a number that an author wrote; None if that added a flaw."""
        written = self.read(authored, param)
        if isinstance(written, Written):
            return written.value
        flaws.add(param, self._how if written is None else f"{written.code}: {written.message}")
        return None

    def _read_carefully(self, text: str, param: str) -> Written | FormatError | None:
        if not (text.isascii() and text.isprintable()):
            if FORBIDDEN.search(text):
                return FormatError("invalid_unicode", param, "the number holds a control character or a lone surrogate")
            text = self._folded(text)
        text = text.strip()
        if not text:
            return None
        if len(text) > CHARACTERS_MAX:
            return FormatError("too_long", param, f"at most {CHARACTERS_MAX} characters", limit=CHARACTERS_MAX)
        negative = text[0] == "-"
        body = text[1:] if text[0] in "+-" else text
        if body.casefold() in _NON_FINITE:
            return FormatError("non_finite", param, "only finite numbers are taken")
        percent = body.endswith("%")
        if percent:
            if not self.grammar.allow_percent:
                return self._refused("not_a_number", param, "a percent sign is not taken here")
            body = body[:-1].rstrip(" ")
        if "/" in body:
            if percent or not self.grammar.allow_fraction:
                what = "a fraction has no percent sign" if percent else "a fraction is not taken here"
                return self._refused("not_a_number", param, what)
            return self._fraction(body, negative, param)
        return self._decimal(body, negative, percent, param)

    def _folded(self, text: str) -> str:
        """Return plain forms for those that mean the same; with `digits: any` plain digits for those of other scripts."""
        text = visible(text).translate(_FOLDED)
        if self.grammar.digits == "ascii" or text.isascii():
            return text
        text = text.replace("٫", self._mark).replace("٬", self._group or "'").replace("٪", "%")
        return "".join(str(unicodedata.decimal(char, char)) for char in text)

    def _decimal(self, body: str, negative: bool, percent: bool, param: str) -> Written | FormatError:
        mantissa, power = _with_exponent(body)
        if power is None:
            return self._refused("not_a_number", param)
        if abs(power) > EXPONENT_MAX:
            message = f"an exponent goes from -{EXPONENT_MAX} to {EXPONENT_MAX}"
            return FormatError("out_of_range", param, message, limit=EXPONENT_MAX)
        plain = self._plain(mantissa, param)
        if isinstance(plain, FormatError):
            return plain
        digits, decimals, marked = plain
        scale = power - decimals - (2 if percent else 0)
        number = -int(digits) if negative else int(digits)
        if scale >= 0:
            return Written(number * _POWERS[scale], 1, digits, decimals, marked)
        return Written(number, _POWERS[-scale], digits, decimals, marked)

    def _plain(self, body: str, param: str) -> tuple[str, int, bool] | FormatError:
        """Read digits with marks: all digits, how many are decimals, and whether the decimal mark was there."""
        whole, mark, rest = body.partition(self._mark)
        digits = whole + rest
        grouped = self._group is not None and self._group in digits
        if self._group is not None and grouped:
            digits = digits.replace(self._group, "")
        if not _is_digits(digits):
            bare = "".join(char for char in digits if char not in _SEPARATORS)
            strange = any(char in _SEPARATORS and char != self._mark for char in digits)
            return self._refused("separator_not_allowed" if strange and _is_digits(bare) else "not_a_number", param)
        if grouped and not self._in_threes(whole, rest):
            return self._refused("ambiguous_number", param, "groups have three digits, before the decimal mark")
        if len(digits) > DIGITS_MAX:
            return FormatError("too_long", param, f"at most {DIGITS_MAX} digits", limit=DIGITS_MAX)
        return digits, len(rest), bool(mark)

    def _in_threes(self, whole: str, rest: str) -> bool:
        """Whether groups are as they must be: 0,123 might be a group of three as well as decimals."""
        first, *others = whole.split(self._group)
        threes = 1 <= len(first) <= 3 and all(len(group) == 3 for group in others)
        return threes and first[0] != "0" and str(self._group) not in rest

    def _fraction(self, body: str, negative: bool, param: str) -> Written | FormatError:
        """Read `a/b`, or `w a/b` where mixed numbers are taken; only the former may have decimals."""
        above, _, below = body.partition("/")
        whole, space, part = above.rstrip(" ").rpartition(" ")
        mixed = bool(space) and self.grammar.allow_mixed
        if mixed and self._group == " " and len(part) == 3:
            return self._refused("ambiguous_number", param, "the space may set groups or a whole number apart")
        numbers: list[tuple[int, int]] = []
        written = 0
        for piece in (whole.rstrip(" ") if mixed else "0", part if mixed else above.rstrip(" "), below.lstrip(" ")):
            plain = self._plain(piece, param)
            if isinstance(plain, FormatError):
                return plain
            if mixed and plain[2]:
                return self._refused("not_a_number", param, "a mixed number is made of whole numbers")
            written += len(plain[0])
            numbers.append((int(plain[0]), plain[1]))
        if written > DIGITS_MAX + (not mixed):
            return FormatError("too_long", param, f"at most {DIGITS_MAX} digits", limit=DIGITS_MAX)
        (wholes, _), (top, top_decimals), (bottom, bottom_decimals) = numbers
        if bottom == 0:
            return FormatError("division_by_zero", param, "nothing is divided by zero")
        top = (wholes * bottom + top) * _POWERS[bottom_decimals]
        return Written(-top if negative else top, bottom * _POWERS[top_decimals], "", 0, False)

    def _refused(self, code: FormatCode, param: str, what: str = "") -> FormatError:
        return FormatError(code, param, f"{what}; {self._how}" if what else self._how)


def grammar_flaws(grammar: NumberGrammar, param: str, flaws: Flaws) -> None:
    """Add what makes a grammar ambiguous; `param` is the path of its fields."""
    if grammar.group_mark == grammar.decimal_mark:
        flaws.add(f"{param}.group_mark", "the group mark can't be the decimal mark")
    if grammar.allow_mixed and not grammar.allow_fraction:
        flaws.add(f"{param}.allow_mixed", "mixed numbers are for where fractions are taken")


def _named(mark: str) -> str:
    return {".": "a point", ",": "a comma", " ": "a space", "'": "an apostrophe"}[mark]


def _is_digits(text: str) -> bool:
    return text.isdigit() and text.isascii()


def _with_exponent(body: str) -> tuple[str, int | None]:
    """Split a number into mantissa and exponent; 0 if there is none, None if it is not written as an exponent is."""
    for mark in "eE":
        mantissa, found, power = body.partition(mark)
        if found:
            return mantissa, None if mantissa.endswith(" ") else _power(power)
    for place, char in enumerate(body):
        if char in _TIMES:
            return body[:place].rstrip(" "), _power_of_ten(body[place + 1 :].lstrip(" "))
    return body, 0


def _power_of_ten(text: str) -> int | None:
    """The exponent of `10^n`, `10**n` or a 10 with raised digits."""
    if not text.startswith("10"):
        return None
    rest = text[2:]
    if rest and all(ord(char) in RAISED for char in rest):
        return _power(rest.translate(RAISED))
    rest = rest.lstrip(" ")
    for sign in ("**", "^"):
        if rest.startswith(sign):
            return _power(rest[len(sign) :].lstrip(" "))
    return None


def _power(text: str) -> int | None:
    """The exponent that is written with at most four digits; one that is longer is too great in any case."""
    digits = text[1:] if text[:1] in {"+", "-"} else text
    if not _is_digits(digits):
        return None
    return int(text) if len(digits) <= 4 else EXPONENT_MAX + 1
