"""Sequences that the source itself puts in order: numbered steps, sentences marked first, then, finally, and dated events."""

import re
from collections.abc import Iterator, Sequence

from gateway.generation.builtin.quiz.candidate import LONGEST_SPAN, Candidate
from gateway.generation.builtin.quiz.material import Listing, Sentence
from gateway.generation.builtin.quiz.reading import Reading
from gateway.generation.builtin.quiz.standing import holds_pronoun
from gateway.generation.builtin.quiz.words import BASE_VERBS, capitalised, roots_of, words_of
from gateway.generation.builtin.quiz.worth import taught
from grading.model import Kind

_LEAST, _MOST, _LONGEST_STEP = 3, 6, 160
_SEQUENCE = re.compile(
    r"\b(?:steps?|stages?|phases?|order|sequence|process|procedure|cycle|how to|how .{3,40} works?|follow|recipe|workflow|pipeline|"
    r"instructions?|timeline|lifecycle|method)\b",
    re.IGNORECASE,
)
_MARKER = re.compile(
    r"^(?:First(?:ly)?|Second(?:ly)?|Third(?:ly)?|Fourth(?:ly)?|Fifth(?:ly)?|Next|Then|After that|Afterwards?|Finally|Lastly|Last|"
    r"To begin(?: with)?|In the (?:first|second|third|fourth|final|last) (?:step|stage|phase)|"
    r"Step \d+)(?:,|:| is to|\.)? (?=\S)",
    re.IGNORECASE,
)
_OPENS = re.compile(r"^(?:First(?:ly)?|To begin(?: with)?|In the first|Step 1)\b")
_TIMED = re.compile(
    r"^(?:(?:For|From|In|On|At|By|During|Between|Until|After) (?:the |its |his |her |their )?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth"
    r"|tenth|eleventh|twelfth|\w+teenth|\w+tieth|next|last|final)\b[^,]{2,60}?,? (?:he|she|it|they)|(?:He|She|It|They)) (?:then |next |finally )?"
    r"(?P<done>[a-z].{7,150})$"
)
_DATED = re.compile(r"^(?:In|By) (?P<year>1\d{3}|20\d\d),? (?P<event>.{24,170})$")
_UNORDERED = re.compile(
    r"(?i)\b(?:helps?|tips?|advice|rules?|reasons?|mistakes?|ways|kinds?|types?|examples?|causes?|benefits?|features?|requirements?"
    r"|principles?|facts?|signs?|symptoms?|any order)\b"
)
_UNSAID = re.compile(
    r"(?i)\b(?:we|you|your|our|this|that|those|here|above|below|following|next)\b|^(?:the )?steps?\b|[?!`]"
)
_BACKWARD = re.compile(
    r"\b(?:this|these|those|previous|above|again|the same|the result|step \d|following)\b|\b(?:of|in|on|to|for|by|with|from) that\b|^that\b",
    re.IGNORECASE,
)


def propose(reading: Reading) -> Iterator[Candidate]:
    """Every sequence of three to six parts that fits into a citable span."""
    for listing in reading.material.listings:
        if candidate := _steps(reading, listing):
            yield candidate
    yield from _marked(reading)
    yield from _events(reading)
    yield from _stories(reading)


def _steps(reading: Reading, listing: Listing) -> Candidate | None:
    entries = [entry for entry in listing.entries if _stands(_bare(entry.text))][:_MOST]
    said = f"{listing.lead} {listing.section}"
    if not listing.ordered or len(entries) < _LEAST or listing.end - listing.start > LONGEST_SPAN * 2:
        return None
    if _UNORDERED.search(said):
        return None
    imperative = sum(bool(set(words_of(entry.text)[:1]) & BASE_VERBS) for entry in entries)
    marked = sum(_MARKER.match(entry.text) is not None for entry in entries)
    if not (_SEQUENCE.search(said) or imperative * 3 >= 2 * len(entries) or marked >= 2):
        return None
    return _candidate(
        reading,
        entries,
        [entry.text for entry in entries],
        _question(listing, whole=len(entries) == len(listing.entries)),
        5.8,
    )


def _question(listing: Listing, *, whole: bool) -> str:
    """What the steps lead to, as the sentence before them has it, or as their heading has."""
    lead = listing.lead
    if whole and lead.endswith(":") and _SEQUENCE.search(lead) and not _UNSAID.search(lead) and not holds_pronoun(lead):
        return f"{lead.rstrip(' :')}. Put them in order, from the first to the last."
    return f"{_title(listing.section)}: put these steps in order, from the first to the last."


def _title(section: str) -> str:
    bare = section.rstrip(" .:?!")
    return bare.capitalize() if bare.isupper() else bare


def _marked(reading: Reading) -> Iterator[Candidate]:
    """`First, … Then, … Finally, …` in one section, one sentence after the other."""
    sentences = reading.material.sentences
    at = 0
    while at < len(sentences):
        run = [sentences[at]]
        if _OPENS.match(sentences[at].text) and sentences[at].role == "prose":
            while len(run) < _MOST and at + len(run) < len(sentences):
                following = sentences[at + len(run)]
                if following.section != run[0].section or not _MARKER.match(following.text):
                    break
                run.append(following)
        if len(run) >= _LEAST and (
            candidate := _candidate(
                reading,
                run,
                [sentence.text for sentence in run],
                f"{_title(run[0].section)}: put these steps in order, from the first to the last.",
                5.4,
            )
        ):
            yield candidate
        at += len(run)


def _stories(reading: Reading) -> Iterator[Candidate]:
    """`For the first two days she … From the third day she … She then …`: what is done, without its time and its doer."""
    run: list[tuple[Sentence, str]] = []
    for sentence in reading.material.sentences:
        match = _TIMED.match(sentence.text)
        follows = bool(run) and run[-1][0].place + 1 == sentence.place and run[-1][0].section == sentence.section
        if match and sentence.role == "prose" and (not run or (follows and len(run) < _MOST)):
            run.append((sentence, re.split(r",? and (?:he|she|it|they) |[;:,] ", match["done"])[0]))
            continue
        if story := _story(reading, run):
            yield story
        run = []
    if story := _story(reading, run):
        yield story


def _story(reading: Reading, run: Sequence[tuple[Sentence, str]]) -> Candidate | None:
    if len(run) < _LEAST:
        return None
    stem = f"{_title(run[0][0].section)}: put these in the order in which they happen, the earliest first."
    return _candidate(reading, [sentence for sentence, _ in run], [done for _, done in run], stem, 5.2)


def _events(reading: Reading) -> Iterator[Candidate]:
    """Sentences that open with their year, within one module and one span."""
    dated = [
        (sentence, match)
        for sentence in reading.material.sentences
        if (match := _DATED.match(sentence.text.rstrip(".")))
    ]
    at = 0
    while at < len(dated):
        run = [dated[at]]
        for sentence, match in dated[at + 1 :]:
            first = run[0][0]
            if (
                sentence.module != first.module
                or sentence.source_id != first.source_id
                or sentence.end - first.start > LONGEST_SPAN
            ):
                break
            if len(run) < _MOST - 1 and match["year"] not in {held["year"] for _, held in run}:
                run.append((sentence, match))
        if len(run) >= _LEAST:
            run.sort(key=lambda pair: int(pair[1]["year"]))
            texts = [match["event"] for _, match in run]
            stem = f"{_title(run[0][0].section)}: put these events in order of time, the earliest first."
            if candidate := _candidate(reading, [sentence for sentence, _ in run], texts, stem, 5.2):
                yield candidate
        at += len(run)


def _candidate(
    reading: Reading, sentences: Sequence[Sentence], texts: Sequence[str], stem: str, rank: float
) -> Candidate | None:
    steps = [_bare(text) for text in texts]
    start, end = min(sentence.start for sentence in sentences), max(sentence.end for sentence in sentences)
    if not all(_stands(step) for step in steps):
        return None
    if (
        len({step.lower() for step in steps}) < len(steps)
        or end - start > LONGEST_SPAN
        or re.search(r"\d{4}", " ".join(steps))
    ):
        return None
    first = sentences[0]
    known = [taught(reading, sentence, "") for sentence in sentences]
    return Candidate(
        kind=Kind.ORDERING,
        module=first.module,
        stem=stem,
        right=tuple(steps),
        source_id=first.source_id,
        start=start,
        end=end,
        places=tuple(sentence.place for sentence in sentences),
        keys=tuple(" ".join(sorted(roots_of(step))) for step in steps),
        rank=rank,
        taught=min(sum(known) / len(known), min(known) + 0.2),
    )


def _stands(step: str) -> bool:
    """Whether a step can be read before the one it follows; one that cannot is left out of the sequence."""
    if not 8 <= len(step) <= _LONGEST_STEP or _BACKWARD.search(step) or len(roots_of(step)) < 2:
        return False
    return not holds_pronoun(" ".join(step.split(" ")[:2]))


def _bare(text: str) -> str:
    """A step without the word that tells its place, with a capital and without a full stop."""
    bare = re.split(r"(?<=[.!]) (?=[A-Z])", text)[0].rstrip(" .;")
    while match := _MARKER.match(bare):
        bare = bare[match.end() :]
    return capitalised(bare)
