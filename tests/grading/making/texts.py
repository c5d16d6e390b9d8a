"""Typed texts: options of the pipeline, accepted texts of every mode, and ways to write the same differently."""

import unicodedata

from hypothesis import strategies as st

from grading.accepted_text import AcceptedText
from grading.text import TextOptions

WORDS = ["Ångström", "well-known", "l’été", "two words", "Straße", "naïve", "Αθήνα", "mitochondria", "Zürich", "東京"]
WRONG = ["apple", "no", "zzz", "42", "words two", "été", "???", "«»", "a*b", "(", "sentimental"]

options = st.builds(
    TextOptions,
    compat=st.booleans(),
    typography=st.booleans(),
    whitespace=st.sampled_from(["collapse", "exact", "remove"]),
    case=st.sampled_from(["fold", "exact"]),
    diacritics=st.sampled_from(["exact", "ignore"]),
    final_mark=st.sampled_from(["exact", "ignore"]),
    leading_articles=st.sampled_from([(), ("the", "l’"), ("a",)]),
    keep_zwj=st.booleans(),
)


@st.composite
def accepted(draw: st.DrawFn, score: float, mark: str = "sentinel", *, under: TextOptions) -> tuple[AcceptedText, str]:
    """An accepted text, and a text that it accepts under these options."""
    text = f"{mark} {draw(st.sampled_from(WORDS))}"
    modes = ["exact", "wildcard", "fuzzy"]
    if under.whitespace != "remove":  # without spaces there are no words, and a pattern that has one matches nothing
        modes += ["regex", "pattern", "contains"]
    match draw(st.sampled_from(modes)):
        case "wildcard":
            return AcceptedText(f"*{text}*\\*", "wildcard", score), f"some {text}, then *"
        case "regex":
            return AcceptedText(f"({text}){{1,2}}x?", "regex", score), f"{text}x"
        case "pattern":
            return AcceptedText(mode="regex", score=score, pattern=f"{text}.*"), f"{text} {text}"
        case "contains":
            return AcceptedText(text, "contains", score), f"not {text}, but"
        case "fuzzy":
            distance = draw(st.none() | st.integers(1, 3))
            return AcceptedText(text, "fuzzy", score, distance), text.replace("sentinel", "sentinle")
        case _:
            return AcceptedText(text, "exact", score), text


def variants(text: str) -> st.SearchStrategy[str]:
    """The same text as other keyboards and other programs write it."""
    forms = [unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)]
    straight = [form.replace("’", "'") for form in forms]
    spaced = [f"  {form}\u200b " for form in (*forms, *straight)]
    return st.sampled_from([*forms, *straight, *spaced])
