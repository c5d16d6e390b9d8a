"""Written sentences as they are spoken: symbols and units said, no code and no markup."""

import re

from gateway.generation.builtin.inline import Mark

_UNITS = {
    "km/h": "kilometres per hour", "m/s": "metres per second", "km": "kilometres", "cm": "centimetres", "mm": "millimetres",
    "kg": "kilograms", "mg": "milligrams", "kW": "kilowatts", "MW": "megawatts", "GW": "gigawatts", "kWh": "kilowatt-hours",
    "MWh": "megawatt-hours", "GWh": "gigawatt-hours", "TWh": "terawatt-hours", "Hz": "hertz", "kHz": "kilohertz", "MHz": "megahertz",
    "GHz": "gigahertz", "°C": "degrees Celsius", "°F": "degrees Fahrenheit", "°": "degrees", "%": "percent", "‰": "per thousand",
    "m²": "square metres", "km²": "square kilometres", "m³": "cubic metres", "km³": "cubic kilometres", "µm": "micrometres",
    "ms": "milliseconds", "KB": "kilobytes", "MB": "megabytes", "GB": "gigabytes", "TB": "terabytes", "m": "metres", "g": "grams",
    "s": "seconds", "h": "hours", "W": "watts", "V": "volts", "A": "amperes", "K": "kelvin", "L": "litres", "ml": "millilitres",
}  # fmt: skip
_UNIT = re.compile(
    rf"(?<=\d)(?!(?<=\b\d\d\d0)s\b)\s?({'|'.join(re.escape(unit) for unit in sorted(_UNITS, key=len, reverse=True))})(?![\w²³/])"
)
_CURRENCY = re.compile(r"([$€£])\s?(\d[\d,.]*\d|\d)(\s(?:thousand|million|billion|trillion))?")
_CURRENCIES = {"$": "dollars", "€": "euros", "£": "pounds"}
_SAID = (
    (re.compile(r"\be\.g\.,?"), "for example"),
    (re.compile(r"\bi\.e\.,?"), "that is"),
    (re.compile(r"\bvs\.?(?=\s)"), "versus"),
    (re.compile(r"\betc\."), "and so on"),
    (re.compile(r"\bapprox\.(?=\s)"), "approximately"),
    (re.compile(r"(?<=\d)\s?[–‒-]\s?(?=\d)"), " to "),
    (re.compile(r"(?<![\w.])[−-](?=\d)"), "minus "),
    (re.compile(r"\s×\s|(?<=\d)×(?=\d)|\s\*\s"), " times "),
    (re.compile(r"\s÷\s"), " divided by "),
    (re.compile(r"\s\+\s"), " plus "),
    (re.compile(r"\s[−]\s"), " minus "),
    (re.compile(r"\s=\s"), " equals "),
    (re.compile(r"\s≈\s?|(?<!\S)[~≈](?=\d)"), " about "),
    (re.compile(r"\s?≤\s?"), " at most "),
    (re.compile(r"\s?≥\s?"), " at least "),
    (re.compile(r"\s<\s"), " less than "),
    (re.compile(r"\s>\s"), " greater than "),
    (re.compile(r"\s?±\s?"), " plus or minus "),
    (re.compile(r"\s?(?:→|⇒|=>|->)\s?"), " to "),
    (re.compile(r"\s?&\s?"), " and "),
    (re.compile(r"(?<=[A-Za-z])/(?=[A-Za-z])"), " or "),
    (re.compile(r"(?<=\d)/(?=\d)"), " over "),
    (re.compile(r"#(?=\d)"), "number "),
    (re.compile(r"½"), " a half"),
    (re.compile(r"¼"), " a quarter"),
    (re.compile(r"¾"), " three quarters"),
    (re.compile(r"²"), " squared"),
    (re.compile(r"³"), " cubed"),
    (re.compile(r"\s?(?:—|–|--+)\s?"), ", "),
    (re.compile(r"…"), ""),
    (re.compile(r"[™®©†‡•]"), ""),
    (re.compile(r"(?<=\bC)\+\+"), " plus plus"),
    (re.compile(r"(?<=\b[CF])#"), " sharp"),
)
_UNSPEAKABLE = re.compile(
    r"[`*_<>{}\[\]|\\^~=@#$€£§¶&+/]|::|https?|www\.|\w\(\)|[a-z][A-Z][a-z]|\b\w+\.\w+\(|[^\W\d]\d[^\W\d]"
)
_WORD = re.compile(r"[A-Za-z]{2,}(?:[-’'][A-Za-z]+)?")


def spoken(text: str, marks: tuple[Mark, ...]) -> str | None:
    """The sentence in words alone, or None where it holds code or symbols that no one would read aloud."""
    for mark in marks:
        if mark.kind == "address" or (mark.kind == "code" and not _WORD.fullmatch(text[mark.start : mark.end])):
            return None
    said = _CURRENCY.sub(lambda money: f"{money[2]}{money[3] or ''} {_CURRENCIES[money[1]]}", text)
    said = _UNIT.sub(_unit, said)
    for pattern, words in _SAID:
        said = pattern.sub(words, said)
    said = " ".join(said.split())
    said = re.sub(r"\s+([,.;:!?)])", r"\1", said).replace(",,", ",")
    return None if _UNSPEAKABLE.search(said) or not said else said


def _unit(match: re.Match[str]) -> str:
    number = re.search(r"(\d[\d,.]*)$", match.string[: match.start()])
    name = _UNITS[match[1]]
    single = number is not None and number[1] == "1"
    if single and name.startswith("degrees"):
        name = "degree" + name[7:]
    elif single and name.split()[0].endswith("s"):
        first, *rest = name.split()
        name = " ".join([first[:-1], *rest])
    return f" {name}"
