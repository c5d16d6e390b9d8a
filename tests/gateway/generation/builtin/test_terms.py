"""What a document is found to be about."""

from gateway.generation.builtin.reading import read_document
from gateway.generation.builtin.terms import Analysis, analyse
from gateway.generation.model import Source
from tests.gateway.generation.orders import SHIPPED, source_of


def analysis_of(text: str) -> Analysis:
    """The terms of one text."""
    return analyse(read_document([Source("src_a", "a.md", "text/markdown", text)]))


def test_the_first_terms_are_what_the_document_is_about() -> None:
    """A document on tides is about tides, the Moon and the sea, not about examples and ways."""
    first = {term.key for term in analyse(read_document([source_of(SHIPPED)])).terms[:15]}
    assert {"tide", "moon", "spring tide"} <= first
    assert not first & {"way", "example", "part", "time", "place"}


def test_forms_of_a_term_count_as_one() -> None:
    """Singular, plural and capital are the same term, shown in its commonest form."""
    term = analysis_of("Valves open. A valve closes. The valves of the heart are thin. Two valves leak.").by_key[
        "valve"
    ]
    assert (term.count, term.text) == (4, "valves")


def test_a_definition_is_found() -> None:
    """The sentence that says what a term is."""
    analysis = analysis_of(
        "Sailors know much. A _neap tide_ is a tide of small range. A spring is called _source_ by some."
    )
    assert analysis.by_key["neap tide"].defined_in == 1
    assert analysis.by_key["source"].set_apart


def test_names_numbers_and_code_have_their_kinds() -> None:
    """Kinds tell what a term is, so that like is compared with like."""
    analysis = analysis_of(
        "The chemist Marie Curie worked in Paris in 1903 and weighed 5.2 kg of ore. She met the Royal Society there. Use `drop()` now."
    )
    kinds = {term.text: term.kind for term in analysis.terms}
    assert kinds["Marie Curie"] == "person"
    assert kinds["Paris"] == "place"
    assert kinds["Royal Society"] == "organisation"
    assert kinds["1903"] == "year"
    assert kinds["5.2 kg"] == "quantity"
    assert kinds["drop()"] == "code"


def test_mentions_lie_in_their_sentences_and_do_not_overlap() -> None:
    """Every mention is the term's own words, longest phrases first."""
    document = read_document([source_of(SHIPPED)])
    analysis = analyse(document)
    for sentence in document.sentences:
        end = 0
        for mention in analysis.mentions[sentence.index]:
            assert mention.start >= end
            assert mention.end <= len(sentence.text)
            assert sentence.index in analysis.by_key[mention.key].sentences
            end = mention.end


def test_pointers_are_no_terms() -> None:
    """`Listing 4-1` names nothing."""
    assert "listing" not in analysis_of("Listing 4-1 shows the code. Look at Listing 4-2 for more.").by_key
