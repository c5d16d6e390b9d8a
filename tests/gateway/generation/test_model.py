"""The brief as it is decoded from a request."""

import msgspec
import pytest

from gateway.generation.model import Brief


def test_a_topic_alone_is_a_brief() -> None:
    """Everything else has the default of the contract."""
    brief = msgspec.json.decode(b'{"topic": "Tides"}', type=Brief)
    assert brief == Brief(topic="Tides")
    assert (brief.level, brief.language, brief.modules, brief.questions_per_module, brief.tone) == (
        "intermediate",
        "en",
        5,
        5,
        "neutral",
    )
    assert brief.artifacts == ["slides", "notes", "narration", "quiz"]
    assert brief.objectives == []


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"topic": ""},
        {"topic": "   "},
        {"topic": "x" * 301},
        {"topic": "x", "modules": 0},
        {"topic": "x", "modules": 21},
        {"topic": "x", "questions_per_module": 21},
        {"topic": "x", "level": "expert"},
        {"topic": "x", "language": "not a language"},
        {"topic": "x", "objectives": ["o"] * 13},
        {"topic": "x", "artifacts": []},
        {"topic": "x", "artifacts": ["video"]},
        {"topic": "x", "artifacts": ["notes", "notes"]},
        {"topic": "x", "colour": "red"},
    ],
)
def test_a_brief_outside_the_contract_is_refused(wrong: dict[str, object]) -> None:
    """Limits, kinds and unknown fields are checked where the brief is decoded."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode(wrong), type=Brief)
