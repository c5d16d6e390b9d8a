# ruff: file-ignore[split-static-string] - a list of words reads as words
"""What sort of thing a term is: a being, a time, a measure, a substance, a part of the body, a doing. A wrong option of
another sort than the right one is none, since nobody would pick it.

Small lists of everyday nouns and the noun that a definition starts from (`a worm that …`, `the process of …`); what
neither decides is of no known sort.
"""

import re
from collections.abc import Iterable
from typing import Literal, TypeAlias

from gateway.generation.builtin.quiz.definitions import Definition
from gateway.generation.builtin.quiz.words import root, words_of

Sort: TypeAlias = Literal["being", "time", "measure", "substance", "organ", "doing", ""]

_WORDS: dict[Sort, str] = {
    "being": "people person man woman child king queen worker drone forager scout nurse guard bee wasp ant insect animal fish bird"
    " mammal reptile mouse rat dog cat horse cow sheep wolf larva pupa parasite mite bacterium virus fungus author writer poet"
    " painter engineer surveyor builder judge lawyer doctor patient pupil student teacher farmer merchant trader soldier sailor"
    " captain general emperor pope priest monk bishop scientist biologist chemist physicist zoologist mathematician astronomer"
    " inventor printer scribe baker cook brewer beekeeper gardener driver passenger owner buyer seller customer user programmer"
    " developer administrator citizen voter minister president governor mayor donor offeror offeree minor party court creditor"
    " debtor employee employer manager warden visitor male female adult parent mother father twin family hunter settler slave"
    " colonist peasant noble knight craftsman goldsmith compositor pressman navigator astronaut predator prey species herbivore",
    "time": "second minute hour day night week month year decade century millennium morning noon afternoon evening midnight today"
    " spring summer autumn fall winter season january february march april may june july august september october november"
    " december monday tuesday wednesday thursday friday saturday sunday dawn dusk sunrise sunset moment period era age epoch",
    "measure": "length width depth height distance duration angle speed velocity temperature pressure weight mass density hardness"
    " colour color size quality quantity direction volume rate range cost price strength frequency level voltage current"
    " power energy heat force radius diameter area capacity amplitude brightness resistance viscosity salinity acidity"
    " concentration thickness value shape lustre streak cleavage population number share ratio proportion wage tax toll",
    "substance": "water milk honey nectar pollen wax resin sugar salt oil fat blood urine glucose sucrose fructose starch protein enzyme"
    " iron steel bronze copper gold silver lead tin zinc aluminium stone wood clay sand soil ink paper flour dough yeast air gas"
    " oxygen nitrogen hydrogen carbon dioxide acid alcohol vinegar ethanol glass concrete cement brick rubber plastic cotton"
    " wool silk leather coal ash steam vapour vapor ice snow rain sap juice butter cream cheese yolk egg vanilla jelly food"
    " bread meat fruit grain wheat rice maize medicine drug poison caffeine melatonin adenosine hormone insulin renin"
    " aldosterone erythropoietin sodium potassium calcium phosphorus quartz talc gypsum calcite apatite feldspar topaz"
    " diamond pyrite magnetite gluten salmonella lecithin",
    "organ": "heart lung kidney liver brain stomach gut skin bone muscle eye ear nose mouth tongue tooth head neck arm hand leg"
    " foot wing tail abdomen thorax belly back chest spine gland ovary artery vein capillary vessel valve atrium ventricle"
    " aorta septum nerve neuron cell bladder ureter urethra tubule glomerulus nephron antenna sting feather leaf root stem"
    " flower seed petal stamen pistil",
    "doing": "process method technique procedure act action practice",
}
_SORTS: dict[str, Sort] = {root(word): sort for sort, words in _WORDS.items() for word in words.split()}
_OPENERS: dict[Sort, str] = {
    "being": "creature organism member someone",
    "measure": "amount degree tendency ability extent difference measure property",
    "substance": "liquid fluid solution mixture substance material metal mineral rock alloy compound powder secretion sweetener"
    " flavouring chemical molecule element fuel",
    "organ": "organ tissue limb",
    "doing": "change breakdown conversion replay movement loss use way rise rest addition removal transfer",
}
_STARTS: dict[str, Sort] = {root(word): sort for sort, words in _OPENERS.items() for word in words.split()}
_DOING = re.compile(r"(?:ation|ition|ction|sion|ysis)s?$")
_NOT_DOING = frozenset("station nation population section fraction solution position secretion function".split())
_OPENING = re.compile(r"^(?:an?|the|any) ")
_LIMIT = frozenset("that which who whose where for of in on at used to with between by from into through".split())


def sorts_of(definitions: Iterable[Definition]) -> dict[str, Sort]:
    """The sorts of the terms that the source defines, by the root of their last word, from what their meanings start with."""
    found: dict[str, Sort] = {}
    for definition in definitions:
        head = words_of(definition.term)[-1:]
        start = _start_of(definition.meaning)
        sort: Sort = "doing" if definition.form == "doing" else _SORTS.get(start, _STARTS.get(start, ""))
        if head and sort:
            found.setdefault(root(head[0]), sort)
    return found


def _start_of(meaning: str) -> str:
    """The root of the noun that a meaning starts from: `liquid` in `a thin liquid that …`."""
    if not _OPENING.match(meaning):
        return ""
    before = ""
    for word in words_of(_OPENING.sub("", meaning)):
        if word in _LIMIT:
            break
        before = word
    return root(before) if before else ""


def sort_of(term: str, defined: dict[str, Sort]) -> Sort:
    """The sort of a term by its last word: as the source defines it, else as everyday English has it."""
    words = words_of(term)
    if not words:
        return ""
    head = root(words[-1])
    if sort := defined.get(head, _SORTS.get(head, "")):
        return sort
    return "doing" if _DOING.search(words[-1]) and words[-1] not in _NOT_DOING else ""
