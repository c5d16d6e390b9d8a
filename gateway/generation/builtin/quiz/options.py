"""Whether a set of options is fair: nobody who has not read should see which one is right."""

from collections.abc import Iterable, Sequence

from gateway.generation.builtin.quiz.words import ABSOLUTE, is_plural, roots_of

_NEAR = 6
_TELLING = 1.25
"""How much longer than every other option a right one may be before its length tells."""


def of_a_length(right: str, wrong: Iterable[str]) -> list[str]:
    """The wrong options that are of about the length of the right one, in their order."""
    return [text for text in wrong if 0.55 <= len(text) / len(right) <= 1.8 or abs(len(text) - len(right)) <= _NEAR]


def fair(stem: str, right: str, wrong: Sequence[str]) -> bool:
    """No giveaway by length, by words of the stem, by number, by case, by code marks or by absolutes."""
    options = [right, *wrong]
    if len({option.lower() for option in options}) < len(options) or any(ABSOLUTE.search(option) for option in options):
        return False
    longest = max(len(option) for option in wrong)
    if len(right) > max(_TELLING * longest, longest + 3) or len(right) * 2.2 < min(len(option) for option in wrong):
        return False
    echoed = roots_of(stem) & roots_of(right)
    if any(not echoed <= roots_of(option) for option in wrong):
        return False
    if len(right.split(" ")) <= 4 and len({(is_plural(option), option.endswith("s")) for option in options}) > 1:
        return False
    return len({"`" in option for option in options}) == 1 and len({option[:1].isupper() for option in options}) == 1
