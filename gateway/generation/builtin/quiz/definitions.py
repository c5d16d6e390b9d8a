# ruff: file-ignore[split-static-string] - a list of words reads as words
"""What the source defines: a term and what it means, in the author's own words."""

import re
from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from gateway.generation.builtin.quiz.material import Material, Sentence
from gateway.generation.builtin.quiz.phrases import Lexicon, Spot, canonical
from gateway.generation.builtin.quiz.standing import holds_pronoun, stands, trimmed
from gateway.generation.builtin.quiz.words import (
    ABSOLUTE,
    BASE_VERBS,
    BLAND,
    DETERMINERS,
    FINITE,
    PEOPLE,
    PREPOSITIONS,
    PRONOUNS,
    STRUCTURE,
    VAGUE,
    YOU,
    is_plural,
    root,
    roots_of,
    words_of,
)

Form = Literal["noun", "doing", "listed"]
"""A meaning that is a noun phrase (`the range within …`), a doing (`adding data`), or an entry of a list of terms."""

_WORD = r"(?:`[^`]{1,40}`|[A-Za-zÀ-ɏ][\w'’\-]*)"
_TERM = rf"(?P<term>{_WORD}(?: (?:of |the )?{_WORD}){{0,3}})"
_IS = re.compile(
    rf"^(?:(?P<article>A|An|The) )?{_TERM} (?P<verb>is|are|was|were|means|refers to|denotes|describes|stands for) (?P<meaning>.+)$"
)
_CALLED = re.compile(
    r"^(?P<meaning>.+?) (?:is|are|was|were) (?:also |often |commonly |usually |sometimes )?"
    r"(?:called|known as|referred to as|termed|named) (?:an? |the )?(?P<term>[^,;:()]{2,50})$"
)
_WE_CALL = re.compile(r"^We (?:call|name) (?P<meaning>.+)$")
_ENTRY = re.compile(r"^(?:The |An? )?(?P<term>[^:–—.]{2,48}?)(?::| [–—-]) (?P<meaning>\S.{14,})$")
_EMPTY = re.compile(
    r"^(?:(?:one|some|many|most|part|example|kind|type|form|sort)s? of|(?:an? )?(?:example|kind|type|form|sort|part|number|lot|bit|"
    r"variety|good|great|common|popular|useful|important|key|crucial|major|new|different|similar|same|simple|special|single)\b|"
    r"the (?:same|most|best|first|last|only|reason|main|key|largest|smallest|oldest|case|way|result|part|one)\b|"
    r"(?:like|similar|how|what|that|where|when|why|because|to|in|on|at|from|by|for|not|more|less|very|made|used|called|known)\b)",
    re.IGNORECASE,
)
_LIMITS = frozenset(
    "that which who whose where for of in on at used to with within between by from into through containing".split()
)


class Definition(Struct, frozen=True, kw_only=True):
    """`term` as the source writes it and `meaning`, both stretches of the same sentence. `start` and `end` bound
    them in the source, `clause` is the stretch that says both, `article` what stands before the term; `certainty` orders good before fair.
    """

    term: str
    meaning: str
    clause: str
    form: Form
    sentence: Sentence
    plural: bool
    certainty: int
    article: str = ""
    verb: str = "is"

    @property
    def key(self) -> str:
        """The term as it is compared."""
        return " ".join(root(word) for word in words_of(self.term))

    @property
    def bare_term(self) -> str:
        """The term as a learner types it."""
        return self.term.replace("`", "")


def definitions_of(material: Material, lexicon: Lexicon, headings: frozenset[str]) -> list[Definition]:
    """Every definition, in the order of the source; of two for one term in one module the surer one. `headings` are
    the terms that head a section.
    """
    found: dict[tuple[int, str], Definition] = {}
    for sentence in material.sentences:
        for definition in _of_sentence(sentence, lexicon.spots[sentence.place], lexicon, headings):
            _keep(found, definition)
    for listing in material.listings:
        entries = [entry for sentence in listing.entries if (entry := _of_entry(sentence)) is not None]
        said = sum(_ENTRY.match(sentence.text) is not None for sentence in listing.entries)
        if len(entries) > 2 and said == len(listing.entries) and len({entry.key for entry in entries}) == len(entries):
            for entry in entries:
                _keep(found, entry)
    return sorted(found.values(), key=lambda each: (each.sentence.place, each.sentence.text.find(each.clause)))


def _keep(found: dict[tuple[int, str], Definition], definition: Definition) -> None:
    held = found.get((definition.sentence.module, definition.key))
    if held is None or definition.certainty > held.certainty:
        found[definition.sentence.module, definition.key] = definition


def _of_sentence(
    sentence: Sentence, spots: list[Spot], lexicon: Lexicon, headings: frozenset[str]
) -> Iterator[Definition]:
    text, _ = trimmed(sentence)
    if any(mark in sentence.text for mark in "?!["):
        return
    if (is_match := _IS.match(text)) and (definition := _is(sentence, is_match, spots, lexicon, headings)):
        yield definition
        return
    for clause in re.split(r", (?:and|while|whereas|but) |; ", text):
        if (called := _CALLED.match(clause)) and (
            definition := _called(sentence, clause, called["meaning"], called["term"])
        ):
            yield definition
    if (we := _WE_CALL.match(text)) and sentence.named:
        term = sentence.named[-1]
        meaning = text[we.start("meaning") :].removesuffix(term).rstrip()
        if text.endswith(term) and (definition := _called(sentence, text, re.sub(r" (?:an?|the)$", "", meaning), term)):
            yield definition


def _is(
    sentence: Sentence, match: re.Match[str], spots: list[Spot], lexicon: Lexicon, headings: frozenset[str]
) -> Definition | None:
    term, meaning, article = match["term"], match["meaning"], match["article"]
    words = words_of(term)
    if not words or any(word in STRUCTURE and word != "of" for word in words):
        return None
    if words[-1] in BLAND and (len(words) < 2 or term not in sentence.named):  # `a sort` of anything, yet _merge sort_
        return None
    if not article and words[0] in DETERMINERS | PRONOUNS | {"there", "what"}:
        return None
    clause = text_until_aside(match[0])
    meaning = clause[match.start("meaning") :]
    phrase = lexicon.phrases.get(canonical(term))
    stressed = term in sentence.named or canonical(term) in headings or (phrase is not None and phrase.named)
    classed = article in {"A", "An"} and re.match(
        r"(?:an?|the) .+ (?:that|which|who|where|whose|for|in|of|with) ", meaning
    )
    if not stressed and (phrase is None or not any(spot.text == term for spot in spots)):
        return None
    if not stressed and not classed and (phrase is None or phrase.count < 2):
        return None
    if match["verb"] in {"refers to", "describes", "denotes", "stands for"} and not stressed:
        return None
    if not _says_what(meaning, term):
        return None
    small = term[1:2].islower() and term.split(" ", 1)[0] not in lexicon.inner_capitals
    lower_case = term[:1].lower() + term[1:] if not article and small else term
    certainty = 2 + (2 if stressed else 0) + (1 if meaning.split(" ")[0] in {"a", "an", "the", "any"} else 0)
    plural = match["verb"] in {"are", "were"} or (match["verb"] not in {"is", "was"} and is_plural(term))
    return Definition(
        term=lower_case,
        meaning=meaning,
        clause=clause,
        form="noun",
        sentence=sentence,
        plural=plural,
        certainty=certainty,
        article=(article or "").lower(),
        verb=match["verb"] if match["verb"] in {"is", "are", "was", "were"} else "is",
    )


def text_until_aside(text: str) -> str:
    """A clause up to a second thought behind a comma or a dash."""
    cut = re.search(
        r", (?:so|but|which|and|because|as|while|where|although|though|unlike|making|allowing|with|such as)\b|; | — |—|: | \(",
        text,
    )
    return text[: cut.start()] if cut and len(text[: cut.start()].split(" ")) >= 6 else text


def _says_what(meaning: str, term: str) -> bool:
    """Whether `meaning` is a noun phrase that tells the thing from others, without naming it."""
    words = words_of(meaning)
    if not 5 <= len(words) <= 26 or not 24 <= len(meaning) <= 170 or _EMPTY.match(meaning):
        return False
    if named_by(meaning, term) or not stands(meaning + " .") or len(roots_of(meaning)) < 3:
        return False
    if words[0] in YOU | PEOPLE | PRONOUNS or any(word in YOU for word in words):
        return False
    opener = words[0] in {"a", "an", "the", "any"}
    head = next((at for at, word in enumerate(words) if at > 0 and word in _LIMITS), 0)
    if not opener and not (0 < head <= 4 and words[head - 1] not in STRUCTURE and is_plural(words[head - 1])):
        return False
    if words[1 if opener else 0] in FINITE - BASE_VERBS and not opener:
        return False
    return head > 0 and not _pronoun_first(meaning)


def named_by(meaning: str, term: str) -> bool:
    """Whether a meaning gives its term away; the head of a compound may stand in it: a spring tide is a tide that …"""
    shared = roots_of(meaning) & roots_of(term)
    if len(words_of(term)) == 1 and len(term) > 3 and any(word.startswith(head_of(term)) for word in words_of(meaning)):
        return True
    return bool(shared) and (len(words_of(term)) < 2 or shared != {head_of(term)})


def head_of(term: str) -> str:
    """The root of a term's last word."""
    return root(words_of(term)[-1])


def _pronoun_first(text: str) -> bool:
    """Whether a pronoun stands in `text` before three words that could be what it means."""
    words = words_of(text)
    return holds_pronoun(" ".join(words[:3]))


def _called(sentence: Sentence, clause: str, meaning: str, term: str) -> Definition | None:
    words, term_words = words_of(meaning), words_of(term)
    if not words or not 2 <= len(words) <= 22 or not 1 <= len(term_words) <= 5 or len(meaning) < 8:
        return None
    doing = words[0].endswith("ing") and len(words[0]) > 5
    opener = words[0] in {"a", "an", "the"} or is_plural(words[0]) or is_plural(words[-1])
    if words[0] in PRONOUNS | YOU | PEOPLE | {"there"} or not (doing or (opener and len(words) >= 4)):
        return None
    if not stands(meaning + " .") or not stands(term) or named_by(meaning, term) or _pronoun_first(meaning):
        return None
    named = any(term in name or name in term for name in sentence.named)
    if len(term_words) > 3 and not named:
        return None
    if term_words[-1] in STRUCTURE or (term_words[0] in PREPOSITIONS) or not roots_of(term):
        return None
    if any(word in FINITE for word in words[1:]) and not any(word in {"that", "which", "who"} for word in words):
        return None
    lowered = meaning[:1].lower() + meaning[1:] if words[0] in DETERMINERS or doing else meaning
    return Definition(
        term=term,
        meaning=lowered,
        clause=clause,
        form="doing" if doing else "noun",
        sentence=sentence,
        plural=is_plural(meaning) and not doing,
        certainty=3 + (2 if named else 0),
    )


def _of_entry(sentence: Sentence) -> Definition | None:
    match = _ENTRY.match(sentence.text.rstrip(" ."))
    if sentence.role == "prose" or match is None:
        return None
    term, meaning = match["term"].strip(), text_until_aside(match["meaning"])
    if len(words_of(term)) > 5 or not stands(meaning + " .") or not roots_of(term) or _pronoun_first(meaning):
        return None
    if named_by(meaning, term) or len(meaning) > 170 or ABSOLUTE.search(term) or VAGUE.search(term):
        return None
    return Definition(
        term=term,
        meaning=meaning[:1].lower() + meaning[1:] if words_of(meaning)[0] in DETERMINERS else meaning,
        clause=match[0],
        form="noun" if re.match(r"(?:an?|the) (?:\S+ ){3}", meaning, re.IGNORECASE) else "listed",
        sentence=sentence,
        plural=is_plural(term),
        certainty=4 if any(term.strip("`") in name for name in sentence.named) or "`" in term else 3,
    )
