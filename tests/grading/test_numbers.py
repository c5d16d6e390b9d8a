"""The grammar of numbers. Rule source: grading contract, section 5."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading.faults import Flaws, FormatError
from grading.numbers import NumberGrammar, NumberReader, Written, grammar_flaws
from tests.grading.making.figures import GRAMMARS, numbers, spellings


def read(text: str, **grammar: Any) -> Written | FormatError | None:
    return NumberReader(NumberGrammar(**grammar)).read(text, "value")


def value(text: str, **grammar: Any) -> Fraction:
    written = read(text, **grammar)
    assert isinstance(written, Written), written
    return written.value


def refusal(text: str, **grammar: Any) -> str:
    error = read(text, **grammar)
    assert isinstance(error, FormatError), error
    assert error.param == "value"
    return error.code


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", "0"),
        ("42", "42"),
        ("-42", "-42"),
        ("+42", "42"),
        ("007", "7"),
        ("1.5", "3/2"),
        ("1.", "1"),
        (".5", "1/2"),
        ("-.5", "-1/2"),
        (" 12 ", "12"),
        ("−12", "-12"),
        ("１２．５", "25/2"),
        ("\u200e12\u200b", "12"),
        ("1e3", "1000"),
        ("1E+3", "1000"),
        ("1.5e-2", "3/200"),
        (".5e0001", "5"),
        ("1.5x10^3", "1500"),
        ("1.5 x 10 ^ 3", "1500"),
        ("1.5 × 10^−3", "3/2000"),
        ("1.5*10**3", "1500"),
        ("1.5·10^+3", "1500"),
        ("1.5⋅10³", "1500"),
        ("1.5 × 10⁻¹²", "3/2000000000000"),
        ("1e400", str(10**400)),
        ("1e-400", f"1/{10**400}"),
    ],
)
def test_a_number_is_read_exactly(text: str, number: str) -> None:
    """Every listed form, with its exact value."""
    assert value(text) == Fraction(number)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (".", "not_a_number"),
        (",", "not_a_number"),
        ("-", "not_a_number"),
        ("+-1", "not_a_number"),
        ("--1", "not_a_number"),
        ("1-", "not_a_number"),
        ("- 1", "separator_not_allowed"),
        ("1.2.3", "not_a_number"),
        ("1 e10", "not_a_number"),
        ("1e", "not_a_number"),
        ("1e+", "not_a_number"),
        ("1e1.5", "not_a_number"),
        ("e5", "not_a_number"),
        ("1e5e5", "not_a_number"),
        ("10^5", "not_a_number"),
        ("2x5^3", "not_a_number"),
        ("2x10", "not_a_number"),
        ("2x10^", "not_a_number"),
        ("2x10^³", "not_a_number"),
        ("x10^3", "not_a_number"),
        ("²", "not_a_number"),
        ("٣", "not_a_number"),
        ("1_000", "not_a_number"),
        ("0x10", "not_a_number"),
        ("5 kg", "not_a_number"),
        ("five", "not_a_number"),
        ("1\t0", "not_a_number"),
        ("4%", "not_a_number"),
        ("1/2", "not_a_number"),
        ("1,000", "separator_not_allowed"),
        ("1 000", "separator_not_allowed"),
        ("1'000", "separator_not_allowed"),
        ("1’000", "separator_not_allowed"),
        ("NaN", "non_finite"),
        ("-inf", "non_finite"),
        ("Infinity", "non_finite"),
        ("∞", "non_finite"),
        ("1e401", "out_of_range"),
        ("1e-401", "out_of_range"),
        ("1x10^99999", "out_of_range"),
        ("1" * 41, "too_long"),
        ("1" * 65, "too_long"),
        ("0." + "1" * 40, "too_long"),
        ("1\x00", "invalid_unicode"),
        ("1\ud800", "invalid_unicode"),
    ],
)
def test_what_is_no_number_is_refused_by_its_code(text: str, code: str) -> None:
    """Nothing is guessed; the message tells how numbers are written here and repeats nothing of what was typed."""
    assert refusal(text) == code
    error = read(text)
    assert isinstance(error, FormatError)
    assert len(text) < 3 or text not in error.message


@pytest.mark.parametrize("blank", ["", " ", "\t", "\u200b", "\u00a0"])
def test_nothing_typed_is_no_number_and_no_error(blank: str) -> None:
    """Whether a blank is an error is for the item to say."""
    assert read(blank) is None


@pytest.mark.parametrize(
    ("text", "mark", "group", "number"),
    [
        ("1,000", ".", ",", "1000"),
        ("12,345,678.25", ".", ",", "49382713/4"),
        ("1000", ".", ",", "1000"),
        ("1000.5", ".", ",", "2001/2"),
        ("1.000,5", ",", ".", "2001/2"),
        ("1,5", ",", ".", "3/2"),
        ("1 000", ".", " ", "1000"),
        ("1\u00a0000\u202f000", ",", " ", "1000000"),
        ("1'000", ".", "'", "1000"),
        ("1’000.5", ".", "'", "2001/2"),
        ("-1,000e2", ".", ",", "-100000"),
        ("1,000 x 10^2", ".", ",", "100000"),
    ],
)
def test_groups_of_three_are_read_by_the_contents_marks(text: str, mark: Any, group: Any, number: str) -> None:
    """A group mark may be used or left out; the decimal mark is as told, never guessed."""
    assert value(text, decimal_mark=mark, group_mark=group) == Fraction(number)


@pytest.mark.parametrize(
    ("text", "mark", "group"),
    [
        ("1,00", ".", ","),
        ("1000,000", ".", ","),
        ("1,2345", ".", ","),
        ("1,,000", ".", ","),
        (",123", ".", ","),
        ("1,000,", ".", ","),
        ("0,123", ".", ","),
        ("1.000,5", ".", ","),
        ("1,234.5", ",", "."),
        ("1.5", ",", "."),
        ("1 00", ".", " "),
    ],
)
def test_a_mark_that_may_mean_two_things_is_ambiguous(text: str, mark: Any, group: Any) -> None:
    """1,00 may be one or a hundred: 422 rather than a guess; so is 0,123."""
    assert refusal(text, decimal_mark=mark, group_mark=group) == "ambiguous_number"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1/3", "1/3"),
        ("-2/6", "-1/3"),
        ("1 / 3", "1/3"),
        ("0.5/2.5", "1/5"),
        ("1⁄3", "1/3"),
        ("0/5", "0"),
        ("1 1/2", "3/2"),
        ("-1  1/2", "-3/2"),
        ("4%", "1/25"),
        ("4.5 %", "9/200"),
        ("2e1%", "1/5"),
    ],
)
def test_fractions_and_percents_are_read_where_allowed(text: str, number: str) -> None:
    """One slash, one percent sign."""
    assert value(text, allow_fraction=True, allow_mixed=True, allow_percent=True) == Fraction(number)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1/0", "division_by_zero"),
        ("1/0.0", "division_by_zero"),
        ("1/2/3", "not_a_number"),
        ("1/", "not_a_number"),
        ("/2", "not_a_number"),
        ("1/-2", "not_a_number"),
        ("1e3/2", "not_a_number"),
        ("1/2%", "not_a_number"),
        ("1 1.5/2", "not_a_number"),
        ("1.5 1/2", "not_a_number"),
        ("4%%", "not_a_number"),
        ("%", "not_a_number"),
        ("1" * 21 + "/" + "1" * 20, "too_long"),
    ],
)
def test_odd_fractions_are_refused(text: str, code: str) -> None:
    """A fraction has two plain numbers and no exponent; nothing is divided by zero."""
    assert refusal(text, allow_fraction=True, allow_mixed=True, allow_percent=True) == code


def test_a_mixed_number_needs_its_own_permission() -> None:
    """1 1/2 is three halves where mixed numbers are taken, and elsewhere no number."""
    assert refusal("1 1/2", allow_fraction=True) == "separator_not_allowed"
    assert refusal("1 100/200", allow_fraction=True, allow_mixed=True, group_mark=" ") == "ambiguous_number"
    assert value("1 1/200", allow_fraction=True, allow_mixed=True, group_mark=" ") == Fraction(201, 200)


@pytest.mark.parametrize(("text", "number"), [("٣٫٥", "7/2"), ("١٬٠٠٠", "1000"), ("१२", "12"), ("−４", "-4")])
def test_other_digits_are_read_by_option(text: str, number: str) -> None:
    """Digits of all scripts, and the Arabic marks, which mean one thing only."""
    assert value(text, digits="any", group_mark=",") == Fraction(number)


def test_the_arabic_group_mark_is_a_group_mark() -> None:
    """Where no groups are allowed it is not allowed either; raised digits are never plain ones."""
    assert refusal("١٬٠٠٠", digits="any") == "separator_not_allowed"
    assert refusal("5²", digits="any") == "not_a_number"


@pytest.mark.parametrize(
    ("text", "least", "most", "decimals"),
    [
        ("1500", 2, 4, 0),
        ("1500.", 4, 4, 0),
        ("1.00e5", 3, 3, 2),
        ("0.00120", 3, 3, 5),
        ("100.0", 4, 4, 1),
        ("15e2", 2, 2, 0),
        ("007", 1, 1, 0),
        ("0", 1, 1, 0),
        ("0.00", 1, 3, 2),
        ("4.0%", 2, 2, 1),
        ("1,500", 2, 4, 0),
        ("1/3", 0, 0, 0),
    ],
)
def test_significant_digits_are_counted_as_written(text: str, least: int, most: int, decimals: int) -> None:
    """Zeros that end an integer may count or not; those behind a decimal mark do; a fraction has none."""
    written = read(text, allow_percent=True, allow_fraction=True, group_mark=",")
    assert isinstance(written, Written)
    assert (written.significant(), written.decimals) == ((least, most), decimals)


@settings(deadline=None)
@given(number=numbers, grammar=st.sampled_from(GRAMMARS))
def test_however_a_number_is_written_it_is_the_same(number: tuple[int, int], grammar: NumberGrammar) -> None:
    """All spellings of a number in a grammar have one value."""
    digits, power = number
    reader = NumberReader(grammar)
    for spelling in spellings(digits, power, grammar):
        written = reader.read(spelling, "value")
        assert isinstance(written, Written), (spelling, written)
        assert written.value == Fraction(digits) * Fraction(10) ** power, spelling


@settings(deadline=None, max_examples=300)
@given(text=st.text("0123456789.,' eE+-x×*·^/%³⁻−٣\u200b", max_size=20), grammar=st.sampled_from(GRAMMARS))
def test_no_text_breaks_the_reader(text: str, grammar: NumberGrammar) -> None:
    """Whatever is typed is a number, an error or nothing; blanks around it change nothing."""
    reader = NumberReader(grammar)
    found = reader.read(text, "value")
    assert found is None or isinstance(found, Written | FormatError)
    assert reader.read(f" {text}\t", "value") == found
    if isinstance(found, Written):
        assert found.denominator > 0
        least, most = found.significant()
        assert 0 <= least <= most <= 40


def test_a_grammar_that_contradicts_itself_is_a_flaw() -> None:
    """One mark can't be both; mixed numbers are fractions too."""
    flaws = Flaws()
    grammar_flaws(NumberGrammar(decimal_mark=",", group_mark=",", allow_mixed=True), "content", flaws)
    assert [flaw.param for flaw in flaws.all()] == ["content.group_mark", "content.allow_mixed"]
