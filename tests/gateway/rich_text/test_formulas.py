"""TeX in authored texts."""

import unicodedata

import pytest

from gateway.rich_text import render
from gateway.rich_text.formulas import formula
from gateway.rich_text.nodes import Node, every_node, text_of


def test_a_formula_is_mathml() -> None:
    """Within a line and on its own."""
    assert render("Let $x^2$ be") == [
        "Let ",
        ("math", {"display": "inline"}, [("msup", {}, [("mi", {}, ["x"]), ("mn", {}, ["2"])])]),
        " be",
    ]
    assert render("$$x$$") == [("math", {"display": "block"}, [("mi", {}, ["x"])])]
    assert render("So\n\n$$\nx\n$$\n") == [
        ("p", {}, ["So"]),
        ("p", {}, [("math", {"display": "block"}, [("mi", {}, ["x"])])]),
    ]


@pytest.mark.parametrize(
    "tex",
    [r"\frac", "{", r"\left(", r"\unheardof{x}", "x^", r"\begin{matrix}", "x" * 1001, "{" * 900, "a & b", r"a \\ b"],
)
def test_what_is_no_formula_is_shown_as_code(tex: str) -> None:
    """The reader sees what the author wrote, not half of it."""
    assert formula(tex, display=False) == ("code", {}, [tex])


@pytest.mark.parametrize(
    "tex",
    [r"\def\a{\a\a}\a", r"\newcommand{\a}{x}\a", r"\newenvironment{a}{b}{c}", r"\DeclareMathOperator{\a}{a}\a"],
)
def test_macros_are_not_read(tex: str) -> None:
    """A few characters of macros could come to millions of nodes."""
    assert formula(tex, display=False) == ("code", {}, [tex])


def test_links_styles_and_colours_in_tex_are_dropped() -> None:
    """What they were set on stays."""
    tex = r"\href{javascript:alert(1)}{x}\style{position:fixed}{y}\class{a}{z}\color{red}{w}\textcolor{red}{v}\hspace{999em}"
    made = formula(tex, display=False)
    assert attributes(made) == {"display"}
    assert text_of([made]) == "xyzwv"


def attributes(node: Node) -> set[str]:
    return {name for _, one in every_node([node]) if not isinstance(one, str) for name in one[1]}


def test_nothing_is_pushed_far() -> None:
    """A width is at most that of ten letters."""
    near, far = formula(r"a\hspace{2em}b", display=False), formula(r"a\hspace{-20em}b\kern 99999pt c", display=False)
    assert attributes(near) == {"display", "width"}
    assert attributes(far) == {"display"}


@pytest.mark.parametrize(
    "font", ["mathbf", "mathbb", "mathcal", "mathfrak", "mathit", "mathsf", "mathtt", "mathscr", "bm"]
)
def test_every_letter_of_an_alphabet_is_a_character_of_its_own(font: str) -> None:
    """Browsers know `mathvariant` no more; the character says the same to every reader."""
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz":
        shown = text_of([formula(f"\\{font}{{{letter}}}", display=False)])
        assert unicodedata.normalize("NFKC", shown) == letter
        assert shown != letter


def test_words_in_formulas_stay_words() -> None:
    """Text is no letter of mathematics, bold or not."""
    assert text_of([formula(r"x \text{ if } y \textbf{ or } z", display=False)]) == "x\xa0if\xa0y\xa0or\xa0z"


@pytest.mark.parametrize("text", ["$x$5", "5$x$", "$ x$", "$x $", "a $ b", "$", "$$", "\\$x\\$", "$\n\nx$"])
def test_dollars_that_hold_no_formula_stay(text: str) -> None:
    """A formula begins and ends with something, and no digit touches it from outside."""
    nodes = render(text)
    assert nodes is None or text_of(nodes).count("$") == text.count("$")
    assert nodes is None or "math" not in str(nodes)


@pytest.mark.parametrize(
    ("tex", "same"),
    [
        (r"\begin{aligned} a &= b \\ c &= d \end{aligned}", r"\begin{split} a &= b \\ c &= d \end{split}"),
        (r"\begin{gathered} a \\ b \end{gathered}", r"\begin{matrix} a \\ b \end{matrix}"),
        (r"\begin{dcases} a & b \end{dcases}", r"\begin{cases} a & b \end{cases}"),
        ("50% x", r"50\% x"),
        (r"50\% x", r"50\% x"),
    ],
)
def test_what_authors_write_is_read_as_they_mean_it(tex: str, same: str) -> None:
    """Environments that the converter does not know, and per cent signs."""
    made = formula(tex, display=True)
    assert made == formula(same, display=True)
    assert made[0] == "math"
    assert "x" not in tex or "x" in text_of([made])


def test_an_upright_letter_is_upright() -> None:
    """The d of a differential, which browsers would slant."""
    assert ("mi", {"mathvariant": "normal"}, ["d"]) in [
        node for _, node in every_node([formula(r"\mathrm{d}x", display=False)])
    ]
