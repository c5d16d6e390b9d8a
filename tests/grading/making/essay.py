"""essay items and answers."""

from hypothesis import strategies as st

from grading.items.essay import Essay, EssayAnswer, EssayContent, EssayKey, Keyword
from grading.parts import Choice
from tests.grading.making.case import Case, points


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Texts of as many words as are wanted."""
    fewest = draw(st.integers(1, 5))
    most = draw(st.none() | st.integers(fewest, 8))
    counts = st.integers(fewest, most or 12)
    words = st.sampled_from(["osmosis", "water", "membrane", "the"])

    def text() -> str:
        return " ".join(draw(words) for _ in range(draw(counts)))

    common = {"id": "q", "points": draw(points), "content": EssayContent("Explain.", fewest, most)}
    return Case(
        item=Essay(
            **common, key=EssayKey((Choice("c1", "Says sentinel."),), (Keyword("sentinel photosynthesis", 0.5),))
        ),
        perfect=EssayAnswer(text()),
        answer=EssayAnswer(text()),
        twin=Essay(**common, key=EssayKey(keywords=(Keyword("sentinel chlorophyll", 0.5),))),
        mark=None,
    )
