"""What a question is worth before it is compared with others: is it taught, is it about something, is it clean."""

from gateway.generation.builtin.quiz.material import Sentence
from gateway.generation.builtin.quiz.reading import WEAK, Reading
from gateway.generation.builtin.quiz.standing import Statement
from gateway.generation.builtin.quiz.words import FINITE, roots_of


def taught(reading: Reading, sentence: Sentence, key: str) -> float:
    """0 to 1: whether the notes of the sentence's module hold it, or at least its words and the key."""
    if sentence.taught:
        return 1.0
    words, said = roots_of(sentence.text), reading.material.taught_roots[sentence.module]
    if not words or not roots_of(key) <= said:
        return 0.0
    return 0.8 * len(words & said) / len(words)


def weight(reading: Reading, statement: Statement) -> float:
    """0 to 3: how much a statement is about the source's own terms, less what makes it awkward to ask."""
    terms = sorted((reading.salience(spot.text) for spot in reading.spots(statement.sentence)), reverse=True)
    value = sum(terms[:2]) / 3
    value -= 0.8 * statement.vague + 0.5 * statement.addresses + 0.4 * (len(statement.text) > 160)
    opening = statement.text.split(" ")
    if opening[0] in {"The", "A", "An"} and opening[1] in WEAK and (len(opening) < 3 or opening[2].lower() in FINITE):
        value -= 2.0
    return min(value, 3.0)
