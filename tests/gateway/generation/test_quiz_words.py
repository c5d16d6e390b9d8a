"""Words are taken for what they are in their place: parts of a name, nouns or verbs."""

from tests.gateway.generation.test_quiz_kinds import reading_of, twisted


def test_a_plain_word_may_open_a_name() -> None:
    """`New York City` is one name, whatever `new` is elsewhere; no gap tears it apart."""
    reading = reading_of(
        "# Canals\n\nThe canal made trade grow in New York City. Grain came to New York City by boat.\n"
    )
    spots = {spot.text for sentence in reading.material.sentences for spot in reading.spots(sentence)}
    assert "New York City" in spots
    assert "York City" not in spots


def test_a_noun_that_looks_like_a_verb_has_no_opposite() -> None:
    """A contract is not the opposite of `expand`; what contracts is."""
    changed = twisted("# Terms\n\nA condition goes to the root of the contract. Hot iron expands in the forge.\n")
    assert "A condition goes to the root of the contract." not in changed
    assert changed["Hot iron expands in the forge."] == "Hot iron contracts in the forge."


def test_who_dances_longer_does_not_dance_shorter() -> None:
    """Of a time that is spent, `shorter` is no English."""
    shown = "A forager dances longer for a richer source of food."
    assert shown not in twisted(f"# Facts\n\n{shown}\n")
