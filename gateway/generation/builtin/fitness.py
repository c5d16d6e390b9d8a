"""Whether a sentence can stand in a course by itself: complete, about its subject, and pointing at nothing left behind."""

import re
from enum import Enum
from functools import lru_cache

from gateway.generation.builtin.document import Sentence
from gateway.generation.builtin.lexicon import AUXILIARIES, DETERMINERS, IRREGULAR_VERBS, PREPOSITIONS, VERBS
from gateway.generation.builtin.words import verb_base

SHORTEST_WORDS = 4
LONGEST_WORDS = 60


class Fit(Enum):
    """How a sentence may be used."""

    ALONE = "alone"
    """Anywhere."""
    LEANS = "leans"
    """Right behind the sentence before it alone: it takes up what that one said."""
    LEADS = "leads"
    """Only over the list, table or code that it announces."""
    UNFIT = "unfit"
    """Nowhere: a pointer, a question, a remark about the text or to the reader, a fragment."""


_POINTER = re.compile(
    r"""(?ix)
    \b(?:listing|figure|fig\.|table|example|equation|eq\.|exercise|appendix|step|section|chapter|part|page|box|plate|diagram)s?
        \s*(?:\d+(?:[.\-–]\d+)*|\s(?-i:[A-Z])\b(?!\s+(?-i:[a-z]))|\s(?-i:[IVX]+)\b)
    | \b(?:chapter|section|appendix|lesson|unit|part)\s+(?:one|two|three|four|five|six|seven|eight|nine|ten)\b
    | \b(?:shown|seen|see|listed|given|described|discussed|mentioned|noted|covered|explained|introduced|defined|outlined|stated
        |illustrated|presented|depicted|used|saw|learned|learnt|talked\ about|looked\ at|said|met|created|wrote|declared|worked)
        \s+(?:it\s+|this\s+|that\s+)?(?:above|below|earlier|later|previously|before|next|here|so\ far|already|in\ the\ (?:previous|last|next|following|preceding))\b
    | \b(?:above|below|earlier|previously)[\s-]+(?:mentioned|described|shown|discussed|listed|defined|noted|stated|given|saw|said|learned)\b
    | \b(?:as|like)\s+(?:we|you|I)(?:['’]ve|\ have|['’]ll|\ will|\ can)?\s+(?:just\s+|already\s+|now\s+|also\s+)?
        (?:see|saw|seen|mention|mentioned|discuss|discussed|describe|described|show|shown|showed|learn|learned|note|noted|said|explain|explained)\b
    | \b(?:as|was|were|is|are)\s+(?:shown|seen|described|illustrated|mentioned|discussed|noted|depicted|explained|pictured|outlined|listed|follows)\b(?!\s+(?:by|that|to|that))
    | \b(?:the|this|these|that|our|following|previous|preceding|last|next|above|below|first|second|third|same)\s+
        (?:following\s+|above\s+|preceding\s+|previous\s+|next\s+|last\s+|earlier\s+|code\s+|first\s+|second\s+)?
        (?:listings?|figures?|tables?|diagrams?|snippets?|chapters?|sections?|paragraphs?|articles?|tutorials?|guides?|books?|lessons?|exercises?
          |handouts?|documents?|posts?|worksheets?|screenshots?|pages?|footnotes?|appendix|appendices|illustrations?|photographs?|photos?|captions?
          |essays?|primers?|readme|walkthroughs?)\b(?!\s+of\s+(?:contents|the\s+(?:river|canal|road|route)))
    | \b(?:the|these|this|those|our)\s+(?:following|above|preceding|previous|below|next)\b(?!\s+(?:day|year|week|month|morning|evening|night|century|decade|spring|summer|autumn|winter|season|generation|tide|time|one\b|moment|hour))
    | \b(?:code|program|function|example|version|output|command|script|method|file|query|config(?:uration)?|snippet|picture|image|chart|graph|map|drawing|list)s?
        \s+(?:above|below|here|shown|that\s+follows)\b
    | \b(?:above|below)\s*[,.:;)]\s*$ | \b(?-i:[Ss]ee|cf\.)\s+(?:also\b|[“"‘']|(?-i:[A-Z])) | \(see\b
    | \bon\s+the\s+(?:left|right)\b.{0,30}\bis\b | \bshown\s+on\s+the\b
    | \blike\s+(?:this|so)(?=\s*[.,;:]|\s+(?:because|when|if|and|but)\b)
    | \b(?:following|like\s+(?:this|so|these)|as\s+follows|looks?\s+like\s+this|the\s+same\s+way\s+(?:we|you)\s+did)\s*[:.]?$
    | \bin\s+(?:this|our|the\s+(?:last|first|second|third|current|present))\s+(?:case|example|instance|context|situation|code|program|version|sample)\b
    | \b(?:this|that|these|those|our)\s+(?:examples?|code|error|program|snippet|output|message|error\s+message|function\s+call|analogy|exercise|problem|bug|situation)\b
      (?=\s+(?:\w+\s+){0,2}?(?:is|are|was|were|has|have|does|will|would|says?|shows?|works?|looks?|seems?|compiles?|results?|uses?|contains?|prints?|fails?|means?|creates?|takes?|refers?|tells?|illustrates?|demonstrates?|can|could|should|produces?|gives?|explicitly|just|still|also|won|doesn|didn|isn))
    | \bthe\s+(?:error|output|result|message)\s+(?:we|you)\s+(?:get|got|saw|see)\b
    | ^[^;,:]*\b(?:makes?|made|fix(?:es|ed)?|solve[sd]?|avoid(?:s|ed)?)\s+this\s+(?:bug|error|problem|issue|mistake)\b
    """
)
_META = re.compile(
    r"""(?ix)
    ^let\ us\b | \b(?:we|I)(?:['’](?:ll|ve|d|re)(?!\ done)|\ (?:will|shall|would|are\ going|(?:have|had)\ (?:just\ |already\ |now\ )?(?:\w+ed|seen|shown|been|met|learnt|got)))\b
    | \b(?:we|I)\s+(?:now\s+|just\s+|also\s+|then\s+|already\s+|first\s+|next\s+|finally\s+|initially\s+|immediately\s+)?
        (?:discuss|look|cover|covered|talk|talked|saw|learn|learned|learnt|turn|begin|began|start|started|mention|mentioned|describe|described
          |introduce|introduced|consider|explore|explored|examine|focus|move\ on|summari[sz]e|conclude|assume|note|show|showed|present|said|want|wanted|hope|left|tried|try)\b
    | \b(?:we|I)\s+(?:initially|immediately|then)\b | \b(?:we|I)\s+(?:now\s+)?return(?:ed)?\s+to\b
    | \byou(?:['’]ll|['’]ve|\ will|\ have)\s+(?:probably\s+|now\s+|also\s+|just\s+|already\s+|likely\s+)?(?:see|seen|learn|learned|learnt|read|explore|find|notice|noticed|discover|heard|met|understand|use\ this|be\ able)\b
    | \b(?:let['’]s|spoiler|stay\ tuned|don['’]t\ worry|keep\ (?:at\ it|reading|in\ mind)|congratulations|good\ luck|if\ you(?:['’]re|\ are)\ following\ along)\b
    | \b(?:later|earlier)\s+(?:in|on\ in)\s+(?:this|the)\b | \bthroughout\s+(?:the\ rest\ of\ )?(?:this|the)\s+(?:book|course|chapter|article|guide)\b
    | \b(?:so\ far|the\ rest\ of\ (?:this|the)\ (?:book|chapter|article|section|course))\b
    | \bthe\s+(?:reader|author)s?\b\s+(?:is|are|will|should|may|can)\b | \b(?:click|tap)\s+(?:here|on)\b | \b(?:TODO|FIXME|lorem\ ipsum)\b
    | \bhere\s+(?:we|you)\b | \bhere['’]s\b | \bnow\s+that\s+(?:we|you|I)\b | \bwith\s+all\s+this\b | ^\(
    | ^(?:so\s+)?(?:we|I)\s+(?:now\s+have|have\s+(?:a|an|one|two|three|four|several)\b|(?:don['’]t|do\ not)\s+(?:really\s+)?(?:have|need|want|care))\b | \bso\ this\ is\ (?:fine|ok(?:ay)?|good)\b
    | \b(?:for|right)\ now\b | \bin\s+(?:this|the)\s+next\b | \bprob(?:ably)?\s+guess\b | \bas\s+you\s+(?:might|may|can|will|have)\s+(?:imagine|expect|guess|see|noticed)\b
    | \bcloser\s+look\b | \btwo\s+important\s+points\b | \b(?:we|you)\s+(?:just|already)\s+\w+ed\b
    """
)
_ADDRESSES_READER = re.compile(
    r"(?i)^(?:try|take|check|recall|remember|consider|imagine|think|picture|suppose|notice|look|read|see|visit|refer|click|open|download|have"
    r"|go|ask yourself|compare your|write down|make sure|feel free|keep|please|say|note how|observe|continuing|returning to|turning to|moving on|looking (?:at|back|ahead)"
    r"|knowing (?:that|how|this)|having (?:seen|learned|said)|thank|welcome|hello|good|great|yes|no|sure|well|ok|okay|whew|wow|spoiler)\b[ ,!:.]"
)
_LEANS = re.compile(
    r"""(?ix)^[“"'‘(]?(?:
    it|its|it['’]s|itself|this|that|that['’]s|these|those|they|they['’](?:re|ve|ll)|them|their|theirs|he|she|his|her|hers|him|such|(?:both|neither|either)(?=\s(?:are|were|is|was|have|has|can|will|would|may|of\ (?:these|those|them|which)|ways?|cases?|sides?|types?|kinds?|methods?|approaches|work|use|cause)\b|,)
    |however|but|and|so|or|nor|yet|still|therefore|thus|hence|then|also|moreover|furthermore|nevertheless|nonetheless|instead|otherwise
    |consequently|accordingly|similarly|likewise|conversely|meanwhile|additionally|besides|indeed|again|afterwards?|alternatively|finally|lastly|next
    |first(?:ly)?\s*,|second(?:ly)?\s*,|third(?:ly)?\s*,|above\ all|specifically|namely|overall|ultimately|rather\s*,|too|plus|even\ (?:so|then|worse|better)|here|there\s*,
    |comparatively|fortunately|unfortunately|luckily|sadly|surprisingly|interestingly|importantly|crucially|now\s*,|now\s+(?:we|you|the|when)
    |in\ (?:addition|contrast|other\ words|turn|short|fact|particular|that|this|these|those|each\ case|both|such|response|practice\s*,|theory\s*,|summary|conclusion|sum|the\ same|the\ meantime|the\ end|any\ case|general\s*,)
    |by\ (?:contrast|comparison|this|that|then|now|doing|the\ same)|on\ the\ (?:other|one|contrary|left|right)|on\ (?:this|that|these|those|top\ of)|as\ (?:a\ result|such|a\ consequence|always|it)
    |for\ (?:example|instance|this|that|these|those|it|such)|at\ (?:this|that|these|those|the\ same\ time|first|last|least\ (?:one|three))|after\ (?:this|that|all|these|which)|before\ (?:this|that|these)
    |because\ of\ (?:this|that|these)|due\ to\ (?:this|that|these)|of\ (?:these|those|this|course|the\ two|them)|with\ (?:this|that|these|those|it|only)|from\ (?:this|that|these|here|there)|to\ (?:this|that|do\ (?:this|so|that|it)|avoid\ this|these)
    |(?:all|each|some|most|many|several|two|three|four|one|none|either|neither|both|part|half|any|few|a\ few|much)\ of\ (?:these|those|them|this|that|it|which)
    |the\ (?:former|latter|other|others|second|same|opposite|reverse|inverse|result|reason|answer|difference|effect|consequence|two|three|four|first|third|last|next|remaining|solution|problem|trick|idea|point|following|above|resulting|original|new|good\ news)\b(?!\s+(?:of|between|for|to)\s+(?!this|that|these|those|it\b|them))
    |another|others?|one|ones|some\ (?:do|are|have|were|also|say)|others|most\ (?:are|do|have|were)|many\ (?:are|do|have|were)|all\ (?:are|three|four|this|that|is|were)|each\ (?:one|has|is|was|contains|can)|more\ (?:on|about|precisely|specifically|importantly|generally)
    |not\ (?:only|so|all|every|surprisingly)\b|only\ then|once\ (?:this|that|it|they|done)|when\ (?:this|that|it|they|he|she|these|those|done)|if\ (?:so|not|this|that|it|they|he|she|these|those)|while\ (?:this|that|it|they|these)
    |since\ (?:then|this|that|it|they)|until\ (?:then|this)|though\ (?:it|they|this)|although\ (?:it|they|this|these|he|she)|because\ (?:it|they|this|these|that|he|she)|even\ (?:if|though)\ (?:it|they|this)|as\ (?:they|this|these|he|she)|like\ (?:this|that|these|those)|unlike\ (?:this|that|these|those)|just\ (?:as|like)\ (?:this|that|before)
    |by\ this\ point|what\ (?:is\ more|this)|why\?|i\.e\.|e\.g\.|that\ is\b|in\ (?:it|them)\b|doing\ (?:so|this|that)|having\ (?:done|said)|there['’]s\ (?:also|another)|there\ (?:is|are|was|were)\ (?:also|another|other|more|three\ others)
    |years\ later|later\b|soon\b|earlier\b|today\s*,\ (?:it|they)|further\b|enter\b|result\b|same\b
    )(?=[\s,;:—–\-.…’'”"]|$)"""
)
_ENDS_OPEN = re.compile(r"[:;,—–-]\s*[”\"')]*$")
_SEE = re.compile(
    r"(?i)\b(?:see|see also|read|refer to|check out|visit|links?|resources?)\s*:$|\bmore (?:details?|information)\b"
)
_VERBISH = re.compile(
    r"(?i)\b(?:is|are|was|were|be|been|being|has|have|had|do|does|did|can|could|may|might|must|shall|should|will|would|[a-z]+n['’]t|['’](?:s|re|ve|ll))\b|\b\w{2,}(?:s|ed|es|en|ew|ught|ept|ade|ook|ent|old|ell|an|ose|ote|ound|ut|ave|et|et)\b"
)
_ENDS_ON_PRONOUN = re.compile(
    r"(?i)\b(?:do|does|did|of|for|by|like|at|with|to|from|than|about|as|after|before) (?:this|that|these|those)[.!]$"
)
_CONTINUES = re.compile(
    r"(?i)\b(?:these|those|the latter|the former|such an? \w+|this (?:way|reason|kind|sort|case|process|pattern|group|point|effect|change|time|level|stage))\b"
    r"|\bthe (?:change|effect|process|event|discovery|experiment|phenomenon)\b(?! of| in| between| that| to| on| by| from| which)|\bat that time\b|\ba similar \w+\b(?! (?:to|as)\b)|\binstead[.,;]|\b(?:by|in) contrast\b|\bcomparatively\b|\bon the other hand\b|\b(?:too|either|as well)[.!]$|\b(?:did|do|does|doing|done) (?:this|that|so)\b"
)


_FRONTED = re.compile(
    r"(?i)^[“\"']?(?:in|on|at|for|from|between|after|before|during|by|with|without|within|under|through|throughout|among|near|until|since|despite|over"
    r"|across|once)\s(?P<front>[^;:]{2,120}?),?\s(?P<subject>(?:he|she|it|they)(?=['’\s]).*)"
)
_EXPLETIVE = re.compile(
    r"(?i)it(?:['’]s| is| was| becomes?| became| (?:can|may|will|might|would) be| makes sense| costs?)\s(?:[\w-]+\s){0,4}?(?:to|that|for|how|when|whether|why|if|who)\b"
    r"|it (?:takes|took|seems|appears|follows|turns out|rains|snows|happens)\b"
)

_OF_ONE_EVENT = re.compile(
    r"The (?![a-z]+est )[a-z]+ (?:was|were|had|[a-z]{2,}ed|took|won|fell|went|came|gave|made|left|built|began|became|grew|rose|led|held|cost"
    r"|struck|broke|sank)\b"
)


def words_in(text: str) -> int:
    """How many words a text has."""
    return len(text.split())


@lru_cache(maxsize=20_000)  # asked some five times of each sentence, in about that many searches each
def fitness(sentence: Sentence) -> Fit:
    """How the sentence may be used; list items need no verb and no full stop."""
    text = sentence.text
    count = words_in(text)
    item = sentence.kind == "item"
    if any(mark.kind == "address" for mark in sentence.marks) or count > LONGEST_WORDS or len(text) > 600:
        return Fit.UNFIT
    if _ENDS_OPEN.search(text):
        if _SEE.search(text):
            return Fit.UNFIT
        return Fit.UNFIT if _META.search(text) or text.endswith((",", "-", ";")) else Fit.LEADS
    if not item and (count < SHORTEST_WORDS or not sentence.whole or not _VERBISH.search(text)):
        return Fit.UNFIT
    exclaims = text.endswith("!") and count < 12
    if exclaims or text.endswith(("?", "?”", '?"', "?)", "…", "...")) or "?" in text[:-1]:
        return Fit.UNFIT
    if not _balanced(text) or (text[0].islower() and not item and not _opens_with_code(sentence)):
        return Fit.UNFIT
    if _POINTER.search(text) or _META.search(text) or _ADDRESSES_READER.match(text):
        return Fit.UNFIT
    return Fit.LEANS if leans(text) else Fit.ALONE


_TAIL = re.compile(
    r"(?i)(?:,\s+(?:and|which|it|this|that|so)?\s*(?:it|they|this|that|which)?\s*(?:looks?|goes|works?|reads?)\s+(?:like\s+(?:this|so)|as\s+follows)"
    r"|,?\s+(?:like\s+(?:so|this)|as\s+follows|for\s+(?:example|instance)))\s*:$|\s*:$"
)
_UNSETTLED = re.compile(
    r"(?i)\b(?:this|these|those|that (?:is|are|means)|following|like|two|three|four|five|six|several|some of the|here|are equal|examples?|steps|rules|ways|kinds|types|reasons|include|includes|are|is|was|were)\s*(?:\w+\s*)?$|\b(?:following|below|these|this code)\b"
)


def settled(sentence: Sentence) -> int:
    """How much of a sentence that leads on to code stands without it, in characters; 0 where nothing does."""
    text = sentence.text
    tail = _TAIL.search(text)
    if fitness(sentence) is not Fit.LEADS or not tail:
        return 0
    head = text[: tail.start()]
    if (
        words_in(head) < 7
        or _UNSETTLED.search(head)
        or leans(head)
        or points_away(head)
        or _ADDRESSES_READER.match(head)
    ):
        return 0
    return len(head)


def takes_up(text: str) -> bool:
    """Whether a sentence that may stand alone still takes up, further in, what came before."""
    return bool(_CONTINUES.search(text))


def points_away(text: str) -> bool:
    """Whether the text points at a figure, a listing, another part of the text or the reader's screen."""
    return bool(_POINTER.search(text) or _META.search(text))


def addresses_reader(text: str) -> bool:
    """Whether the text bids the reader do something."""
    return bool(_ADDRESSES_READER.match(text))


def leans(text: str) -> bool:
    """Whether the text starts by taking up what stands before it."""
    return bool(_LEANS.match(text) or _ENDS_ON_PRONOUN.search(text)) or _has_late_pronoun(text)


def _has_late_pronoun(text: str) -> bool:
    """Whether the subject is a pronoun behind a phrase that has no verb, and so no subject of its own: `For two days she …`."""
    fronted = _FRONTED.match(text)
    if fronted is None or _EXPLETIVE.match(fronted["subject"]):
        return False
    words = re.split(r"\b(?:that|which|who|whose|where)\b", fronted["front"].lower())[0].split()
    return not any(_is_finite(word.strip(",()"), before) for before, word in zip(["", *words], words, strict=False))


def _is_finite(word: str, before: str) -> bool:
    if word in AUXILIARIES:
        return True
    if before in DETERMINERS or before in PREPOSITIONS:
        return False
    return word in IRREGULAR_VERBS or (word.endswith(("s", "ed")) and verb_base(word) in VERBS)


def _opens_with_code(sentence: Sentence) -> bool:
    return any(mark.kind == "code" and mark.start <= 1 for mark in sentence.marks)


def _balanced(text: str) -> bool:
    if text.count("(") != text.count(")") or text.count("“") != text.count("”") or text.count("[") != text.count("]"):
        return False
    return text.count('"') % 2 == 0


def tells_of_one_event(text: str) -> bool:
    """Whether the text tells of one thing that only what stands before it has named: `The flood killed …`."""
    return bool(_OF_ONE_EVENT.match(text))
