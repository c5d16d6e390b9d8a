# ruff: file-ignore[split-static-string] - a list of words reads as words
"""What the quiz knows of English: closed word classes, common verbs, opposites, number words, articles, plurals.

Small lists on purpose. Where a list cannot decide, the caller drops the item; nothing here guesses a meaning.
"""

import re
from functools import lru_cache

from gateway.generation.builtin.lexicon import VERBS

WORD = re.compile(r"[A-Za-z0-9À-ɏ&_$#+:.<>()\[\]]*[A-Za-z0-9À-ɏ_](?:['’\-][A-Za-zÀ-ɏ]+)*(?:\(\)|\+\+|#)?")

DETERMINERS = frozenset(
    "a an the this that these those each every any some no another other its their his her our your my both either "
    "neither such all many most few several much enough".split()
)
PREPOSITIONS = frozenset(
    "of in on at by for with from to into onto about as between among through during within without over under above "
    "below across against along around before after behind beside beyond despite except inside near off outside past "
    "per since than toward towards until till up down out upon via like unlike versus throughout beneath amid "
    "underneath regarding including".split()
)
CONJUNCTIONS = frozenset(
    "and or but nor so yet because if when while whereas although though unless that which who whom whose where why "
    "how whether once as then".split()
)
AUXILIARIES = frozenset(
    "is are was were be been being am has have had having do does did can could may might must shall should will "
    "would cannot".split()
)
PRONOUNS = frozenset(
    "it its itself they them their theirs themselves he him his himself she her hers herself this that these those "
    "one ones".split()
)
PEOPLE = frozenset(
    "we us our ours ourselves i me my mine myself let's let’s i'm i’m we're we’re we've we’ve we'll we’ll".split()
)
YOU = frozenset("you your yours yourself you're you’re you'll you’ll you've you’ve you'd you’d".split())
ADVERBS = frozenset(
    "also just only even still already now here there very quite rather too almost nearly about roughly again ever "
    "more most less least later earlier sooner often usually sometimes rarely always never perhaps maybe instead "
    "together apart away back well much far further soon today yesterday tomorrow twice hence thus therefore however "
    "moreover furthermore meanwhile otherwise else not once first second third next finally afterwards thereby "
    "altogether alone ago yet indeed directly".split()
)
STRUCTURE = (
    DETERMINERS | PREPOSITIONS | CONJUNCTIONS | AUXILIARIES | PRONOUNS | PEOPLE | YOU | ADVERBS | {"what", "not"}
)
BLAND = frozenset(
    "same own thing things way ways example examples lot lots kind kinds sort sorts part parts case cases fact facts point "
    "points different various certain able likely important good new old big small large great little long short high low "
    "used use uses using called known made make makes based due given want need needs time times number numbers amount "
    "amounts type types form forms set sets piece pieces result results reason reasons people person someone something "
    "anything everything nothing place places side sides end ends level levels area areas rest bit bits member members "
    "group groups group name names problem problems question questions idea ideas concept concepts step steps item items "
    "process processes method methods system systems effect effects feature features version versions main similar common "
    "simple single whole full real true false possible necessary special particular following previous current original "
    "etc e.g i.e don't can't most day days year years word words term terms chance role change changes work listing figure table chapter section appendix equation page exercise diagram picture look "
    "default addition general practice contrast comparison detail hand turn fact try help thanks order top bottom middle left right call calls".split()
)
UNITS = frozenset(
    "metre metres meter meters kilometre kilometres kilometer kilometers centimetre centimetres millimetre millimetres millimeter"
    " millimeters gram grams kilogram kilograms litre litres liter liters second seconds minute minutes hour hours day days week"
    " weeks month months year years degree degrees celsius fahrenheit percent cent mile miles foot feet inch inches tonne tonnes ton"
    " tons watt watts volt volts byte bytes times million billion hundred thousand century centuries decade decades way ways thing"
    " things example examples lot lots kind kinds case cases time reason reasons".split()
)
BLAND |= UNITS
FUNCTION = STRUCTURE | BLAND

NEGATIVE = re.compile(
    r"\b(?:not|no|never|none|neither|nor|cannot|nobody|nothing|nowhere|hardly|barely|scarcely|except|unless|"
    r"without|fails? to|failed to|\w+n['’]t)\b",
    re.IGNORECASE,
)
ABSOLUTE = re.compile(
    r"\b(?:always|never|all|none|every|everything|everyone|everywhere|nobody|nothing|only|completely|entirely|"
    r"totally|absolutely|exactly|guaranteed?|must|impossible|any|invariably|solely)\b",
    re.IGNORECASE,
)
VAGUE = re.compile(
    r"\b(?:often|usually|sometimes|frequently|occasionally|rarely|seldom|generally|typically|normally|probably|"
    r"perhaps|maybe|likely|somewhat|fairly|relatively|may|might|could|mostly|largely|commonly|tends? to)\b",
    re.IGNORECASE,
)

_VERBS = """accept access accompany accumulate achieve acquire act adapt add adjust adopt affect aim align allocate allow
analyse analyze announce appear apply appoint argue arise arrange arrive ask assemble assert assign assume attach attack
attempt attract avoid balance base bear become begin behave believe belong bind block boil borrow break breathe bring
build burn buy calculate call capture carry catch cause change check choose circulate clean clear climb clone close
collapse collect combine come communicate compare compete compile complete compose comprise compute concern condense
conduct confirm connect conquer consider consist constitute construct consume contain continue contract contribute control
convert cool copy correspond cost count cover create cross cut cycle damage deal decay decide declare declare decline
decrease deduce defeat defend define delete deliver demand demonstrate deny depend deploy derive describe design destroy
detect determine develop die differ diffuse digest direct disappear discover display dissolve distinguish distribute
divide dominate double draw drive drop dry eat elect eliminate emerge emit employ enable encode encounter encourage end
enforce enhance ensure enter equal establish estimate evaluate evaporate evolve examine exceed exchange execute exert
exhale exist expand expect explain explode export expose express extend extract fall feed fetch fight fill filter find
finish fit fix float flow fly focus fold follow force form found free freeze function gain gather generate get give go
govern grant grow guarantee guide happen harden harvest hatch heat help hide hit hold identify ignite illustrate
implement import improve include increase indicate influence inform inhale inherit inhibit initiate inject insert inspect
install interact introduce invalidate invade invent invest involve iterate join judge jump keep kill know lack last launch
lay lead learn leave lend let lie lift limit link listen live load locate look lose lower maintain make manage mark
match mature mean measure melt merge mix modify monitor move multiply mutate name need nest obey observe obtain occupy
occur offer open operate oppose optimize orbit order organize originate overlap own oxidize pass pay perform permit place
plan plant play point pollute pop pour predict prefer prepare preserve press prevent print proceed process produce
prohibit promote protect prove provide publish pull pump push put raise range reach react read receive recognize record
recover recycle reduce refer reflect refuse regulate reject relate release rely remain remove render repair repeat replace
replicate report represent reproduce request require resemble resist resolve respond restore restrict result retain return
reveal reverse rise rotate rule run save say scan seal search secrete see seek select send separate serve set settle shape
share shift shine show shrink signal sink solve sort spawn specify speed spend spin split spread stand start state stay
stimulate stop store strengthen stretch strike study succeed suffer suggest supply support surround survive swim switch
take talk target teach tell tend terminate test think throw tie touch trace track trade train transfer transform transmit
transport trap travel treat trigger trust try turn undergo understand unite use validate vary verify vibrate view violate
visit wait walk want warm wash watch wear weigh win work wrap write yield"""
_IRREGULAR = """arose became began begun bent bore born bound bought bred broke broken brought built burnt came caught chose
chosen cost cut dealt drawn drew driven drove eaten ate fallen fed fell felt flew flowed flown forbade fought found froze
frozen gave given gone got grew grown heard held hid hidden hit kept knew known laid lain lay led left lent let lost made
meant met overcame paid put ran read risen rose said sank saw seen sent shone shook shown shrank sought sold spent split
spoke spoken spread sprung spun stood stuck struck sunk swam taken taught thought threw thrown told took torn understood
underwent went won wore worn wove woven written wrote"""


def _third(verb: str) -> str:
    if verb.endswith(("s", "x", "z", "ch", "sh", "o")):
        return verb + "es"
    return verb[:-1] + "ies" if re.search(r"[^aeiou]y$", verb) else verb + "s"


def _past(verb: str) -> set[str]:
    if verb.endswith("e"):
        return {verb + "d"}
    if re.search(r"[^aeiou]y$", verb):
        return {verb[:-1] + "ied"}
    doubled = {verb + verb[-1] + "ed"} if re.search(r"[^aeiou][aeiou][bdglmnprt]$", verb) else set()
    return {verb + "ed"} | doubled


_NOUNS_RATHER = frozenset(
    "approach charge circle claim contrast cook correct crowd date delay deposit experience exploit face fire fish flood fuel "
    "guard harm issue land like line lock march mate mine mount note object pack paint pick pile present project promise "
    "purchase race rain research review ring rust schedule score secure sign sleep slow smell smoke span spell strip suit "
    "surge tear taste tune update urge vote waste wind wonder worry".split()
)
"""Verbs that are nouns at least as often."""
BASE_VERBS = frozenset(_VERBS.split()) | (VERBS - _NOUNS_RATHER)
THIRD_PERSON = frozenset(_third(verb) for verb in BASE_VERBS)
PAST = frozenset(form for verb in BASE_VERBS for form in _past(verb)) | frozenset(_IRREGULAR.split())
FINITE = AUXILIARIES | THIRD_PERSON | PAST

NUMBERS = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen".split()
    )
} | {"sixteen": 16, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50}

_OPPOSITES = """faster/slower larger/smaller higher/lower bigger/smaller longer/shorter warmer/cooler
hotter/colder heavier/lighter stronger/weaker earlier/later older/younger wider/narrower thicker/thinner
increases/decreases increase/decrease increased/decreased increasing/decreasing raises/lowers rises/falls rose/fell
top/bottom upper/lower inner/outer left/right north/south northern/southern east/west eastern/western
first/last beginning/end highest/lowest largest/smallest longest/shortest fastest/slowest oldest/youngest
maximum/minimum positive/negative hot/cold cold/warm high/low wet/dry fast/slow
mutable/immutable internal/external absorbs/releases absorb/release expands/contracts expand/contract
gains/loses opens/closes inside/outside above/below public/private static/dynamic
visible/invisible odd/even ascending/descending horizontal/vertical
primary/secondary known/unknown safe/unsafe before/after
input/output reads/writes creates/destroys attracts/repels simple/complex"""
OPPOSITES: dict[str, str] = {}
for _pair in _OPPOSITES.split():
    _one, _other = _pair.split("/")
    OPPOSITES.setdefault(_one, _other)
    OPPOSITES.setdefault(_other, _one)


OPPOSITES |= {"more": "less", "less": "more", "fewer": "more", "same": "different", "opposite": "same"}


@lru_cache(maxsize=65_536)
def words_of(text: str) -> tuple[str, ...]:
    """The words of `text` in order, lower case, markup and punctuation left out."""
    return tuple(word.lower().replace("’", "'").strip(".:()[]<>'") for word in WORD.findall(text.replace("_____", " ")))


@lru_cache(maxsize=65_536)
def root(word: str) -> str:
    """A word without its inflection, good enough to see that two words are forms of one."""
    word = word.lower().removesuffix("'s").removesuffix("’s")
    for suffix, least, put in (
        ("ies", 5, "y"),
        ("ied", 5, "y"),
        ("sses", 5, "ss"),
        ("ing", 6, ""),
        ("edly", 7, ""),
        ("ed", 5, ""),
        ("ly", 6, ""),
    ):
        if word.endswith(suffix) and len(word) >= least:
            word = word[: -len(suffix)] + put
            break
    else:
        if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
            word = word[:-1]
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsze":
        word = word[:-1]
    return word.removesuffix("e") if len(word) > 3 else word


@lru_cache(maxsize=65_536)
def roots_of(text: str) -> frozenset[str]:
    """The roots of the words in `text` that carry meaning."""
    return frozenset(root(word) for word in words_of(text) if word and word not in FUNCTION and len(word) > 1)


def is_plural(phrase: str) -> bool:
    """Whether a noun phrase reads as plural, by its last word."""
    last = words_of(phrase)[-1] if words_of(phrase) else ""
    if last in {
        "people",
        "children",
        "men",
        "women",
        "data",
        "bacteria",
        "criteria",
        "feet",
        "teeth",
        "mice",
        "indices",
    }:
        return last != "data"
    if last in {
        "physics",
        "mathematics",
        "gas",
        "lens",
        "news",
        "series",
        "species",
        "bus",
        "virus",
        "class",
        "process",
    }:
        return False
    return last.endswith("s") and not last.endswith(("ss", "us", "is", "'s")) and len(last) > 3


def article(phrase: str) -> str:
    """`a` or `an`, by the sound that `phrase` starts with."""
    first = phrase.lstrip("`\"“'(").split(" ")[0]
    if re.match(r"(?:[Uu](?:ni|se|su|ti|kr)|[Ee]u|[Oo]ne\b|[Uu]-)", first):
        return "a"
    if re.match(r"(?:hour|honest|honou?r|heir)", first, re.IGNORECASE):
        return "an"
    if first.isupper() and len(first) <= 4:
        return "an" if first[0] in "AEFHILMNORSX" else "a"
    return "an" if first[:1].lower() in "aeiou" else "a"


def capitalised(text: str) -> str:
    """`text` with a capital at its start, unless it starts with code."""
    return text[:1].upper() + text[1:]


def has_word(text: str, phrase: str) -> bool:
    """Whether `phrase` stands in `text` as whole words, whatever the case."""
    return re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", text, re.IGNORECASE) is not None
