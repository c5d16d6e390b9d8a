"""Scenario 27: every kind of answer, in every wrong shape, on the routes that take answers.

422 or a score, never a 500; the verdict of 422 is the same whatever the key; no response and no log line ever holds what
was planted into a key, and no log line what a learner answered.
"""

import copy
import random
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from gateway import log
from tests.gateway.features.assessments.authored import EVERY_KIND, SECRET, SECRETS, make_published
from tests.gateway.features.taking import Taker
from tests.running import Customer, add_customer, running, settings_for, talking_to
from tests.scenarios.answers import ANSWERED, ANSWERS

Json = dict[str, Any]

OTHER_KEYS: dict[str, Any] = {
    "i01": {"correct": "b"},
    "i02": {"value": False},
    "i03": {"correct": ["c"]},
    "i04": {"rows": {"row1": ["no"], "row2": ["yes"]}},
    "i05": {"answers": [{"text": ANSWERED.lower()}]},
    "i06": {"answers": [{"value": "2"}]},
    "i07": {"answers": [{"value": "2"}], "scales": [{"unit": "m"}, {"unit": "km", "factor": "1000"}]},
    "i08": {"expression": "x + 1"},
    "i09": {"pairs": {"s1": "c1", "s2": "c3"}},
    "i10": {"items": {"i2": "k2", "i3": "k1"}},
    "i11": {"order": ["o1", "o2", "o3", "o4"]},
    "i12": {"blocks": [{"id": "b1"}, {"id": "b2"}, {"id": "b3"}]},
    "i13": {"gaps": {"g1": "w2", "g2": "w3"}},
    "i14": {"gaps": {"g1": [{"text": ANSWERED.lower()}]}},
    "i15": {"areas": [{"shape": "rect", "coords": [5, 5, 15, 25]}]},
    "i16": {"zones": [{"shape": "circle", "coords": [50, 50, 9], "marker": "m2"}]},
    "i17": {"criteria": [{"id": "c1", "text": "Says something else."}]},
    "i18": {
        "parts": [
            {"type": "true_false", "part": "p1", "key": {"value": False}},
            {"type": "essay", "part": "p2", "key": {}},
        ]
    },
}
"""Another key for each item: the same question, and something else is right."""

HOSTILE: tuple[Any, ...] = (
    None,
    True,
    7,
    -1,
    1.5,
    2**53,
    "",
    " ",
    "zz",
    ANSWERED,
    "x" * 501,
    "\u202e\u200b",
    "1/0",
    "e" * 64,
    "9" * 64,
    "-9e400",
    "((((",
    [],
    {},
    [[]],
    [None],
    ["a"] * 201,
    [{}] * 201,
    {"type": "essay", "text": ANSWERED},
)
NUMBERS_OF_BENDS = 40


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every member of a JSON value, as holder and key."""
    members: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in list(members):
        yield value, key
        yield from _places(member)


def _bent(answer: Json, chance: random.Random) -> Any:
    """The answer with one to three members replaced, dropped, doubled or added."""
    bent = copy.deepcopy(answer)
    for _ in range(chance.randint(1, 3)):
        places = list(_places(bent))
        if not places:
            break
        holder, key = chance.choice(places)
        match chance.randint(0, 5):
            case 0:
                del holder[key]
            case 1 if isinstance(holder, list):
                holder.append(copy.deepcopy(holder[key]))
            case 2 if isinstance(holder, dict):
                holder[chance.choice(["extra", "key", ANSWERED, "type"])] = chance.choice(HOSTILE)
            case _:
                holder[key] = copy.deepcopy(chance.choice(HOSTILE))
    return bent


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    """Everything that is logged meanwhile, from debug on."""
    file = tmp_path / "log"
    log.configure(level="debug", file=file, stdout=False)
    yield file
    log.configure()


@pytest.fixture
async def customer(database_url: str) -> Customer:
    """Nobody whom a limit a minute would keep from asking."""
    connection = await asyncpg.connect(database_url)
    found = await add_customer(connection)
    await connection.execute(
        "insert into center_limit (center_id, requests_per_minute) values ($1, 1000000)", found.center_id
    )
    await connection.close()
    return found


@pytest.fixture
async def client(database_url: str, redis_url: str, log_file: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with running(settings_for(database_url, redis_url)) as app, talking_to(app) as talking:
        yield talking


async def _twins(client: httpx.AsyncClient, customer: Customer) -> tuple[str, str]:
    """Two assessments that ask the same and hold different answers to be right."""
    settings = {"max_attempts": None, "checks_per_question": 20, "feedback": "parts", "feedback_at": "each_attempt"}
    twins = []
    for keys in ({}, OTHER_KEYS):
        items = [item | ({"key": keys[item["id"]]} if item["id"] in keys else {}) for item in EVERY_KIND]
        made = await make_published(client, customer, items=items, settings=settings)
        twins.append(made["id"])
    return twins[0], twins[1]


def _verdict(answer: httpx.Response) -> tuple[int, Any]:
    """What may not depend on a key: the status, and a refusal's words."""
    assert answer.status_code in {200, 201, 400, 422}, (answer.status_code, answer.text[:300])
    assert not any(secret in answer.text for secret in SECRETS), answer.text[:300]
    error = answer.json().get("error")
    return answer.status_code, None if error is None else error | {"request_id": ""}


async def test_an_answer_of_the_right_shape_is_graded(client: httpx.AsyncClient, customer: Customer) -> None:
    """All 18 kinds at once: graded by either key, differently, and nothing of a key comes back."""
    taker = Taker(client, customer)
    answers = [{"item_id": item_id, "answer": answer} for item_id, answer in ANSWERS.items()]
    shown = []
    for assessment_id in await _twins(client, customer):
        graded = await taker.submit_at_once(assessment_id, *answers)
        assert _verdict(graded)[0] == 201
        shown.append([(one["state"], one["score"]) for one in graded.json()["results"]])
    assert len(shown[0]) == 18
    assert shown[0] != shown[1]


@pytest.mark.parametrize("item_id", sorted(ANSWERS))
async def test_a_bent_answer_is_a_422_or_a_score(
    client: httpx.AsyncClient, customer: Customer, log_file: Path, item_id: str
) -> None:
    """Members replaced, dropped, doubled, added: the same verdict, word for word, whichever key is right."""
    taker = Taker(client, customer)
    chance = random.Random(item_id)
    one, other = await _twins(client, customer)
    refused = 0
    for _ in range(NUMBERS_OF_BENDS):
        given = {"item_id": item_id, "answer": _bent(ANSWERS[item_id], chance)}
        verdicts = [_verdict(await taker.submit_at_once(assessment_id, given)) for assessment_id in (one, other)]
        assert verdicts[0] == verdicts[1], given
        refused += verdicts[0][0] == 422
        if verdicts[0][0] == 422:
            error = verdicts[0][1]
            assert error["param"].startswith("answers[0].")
            assert error["param"] == error["details"]["errors"][0]["param"]
    assert refused >= NUMBERS_OF_BENDS // 4
    _nothing_in(log_file)


async def test_random_bytes_are_refused(client: httpx.AsyncClient, customer: Customer, log_file: Path) -> None:
    """Anything in the place of an answer, or of the whole list: 400 or 422."""
    chance = random.Random(27)
    assessment_id, _ = await _twins(client, customer)
    headers = customer.headers | {"Content-Type": "application/json"}
    for nth in range(300):
        junk = chance.randbytes(chance.randint(1, 60))
        if nth % 2:
            junk = bytes(chance.choice(b'[]{}",:0123456789.eE+-truefalsn \\u') for _ in junk)
        bodies = (
            b'{"learner_ref": "x", "answers": [{"item_id": "i01", "answer": ' + junk + b"}]}",
            b'{"learner_ref": "x", "answers": ' + junk + b"}",
            b'{"learner_ref": "x", "item_id": "i01", "answer": ' + junk + b"}",
        )
        for route, body in zip(("submit", "submit", "check"), bodies, strict=True):
            answer = await client.post(f"/v1/assessments/{assessment_id}/{route}", content=body, headers=headers)
            assert _verdict(answer)[0] in {400, 422}, body
    _nothing_in(log_file)


async def test_answers_swapped_between_items_are_type_mismatches(client: httpx.AsyncClient, customer: Customer) -> None:
    """Each answer in another item's place: 422 at each place's `type`, all at once, on every route."""
    taker = Taker(client, customer)
    one, other = await _twins(client, customer)
    ids = sorted(ANSWERS)
    swapped = [{"item_id": item_id, "answer": ANSWERS[ids[nth - 1]]} for nth, item_id in enumerate(ids)]
    verdicts = [_verdict(await taker.submit_at_once(assessment_id, *swapped)) for assessment_id in (one, other)]
    assert verdicts[0] == verdicts[1]
    assert [(error["param"], error["code"]) for error in verdicts[0][1]["details"]["errors"]] == [
        (f"answers[{nth}].answer.type", "type_mismatch") for nth in range(18)
    ]
    for given in swapped:
        refusals = [_verdict(await taker.check(assessment_id, given)) for assessment_id in (one, other)]
        assert refusals[0] == refusals[1]
        assert (refusals[0][0], refusals[0][1]["param"]) == (422, "answer.type")
    saved = await taker.save(await taker.started(one), 1, *swapped)
    assert _verdict(saved)[0] == 422


async def test_no_route_tells_or_logs_a_key_or_an_answer(
    client: httpx.AsyncClient, customer: Customer, log_file: Path
) -> None:
    """A whole attempt: start, save, check, submit, read, again and too late. Answers come back to their reader alone."""
    taker = Taker(client, customer)
    assessment_id, _ = await _twins(client, customer)
    answers = [{"item_id": item_id, "answer": answer} for item_id, answer in ANSWERS.items()]
    started = await taker.start(assessment_id)
    submission_id = started.json()["id"]
    told = [
        started,
        await taker.save(submission_id, 2, *answers),
        await taker.save(submission_id, 1, *answers),
        *[await taker.check(assessment_id, given) for given in answers],
        await taker.note(
            submission_id,
            {"id": "e", "type": "flagged", "at": "2026-03-15T12:00:00Z", "payload": {"text": ANSWERED}},
        ),
        await taker.submit(submission_id, *answers, key="k"),
        await taker.submit(submission_id, *answers, key="k"),
        await taker.submit(submission_id, *answers),
        await taker.submit_at_once(assessment_id, *answers[:17]),
    ]
    read = await taker.get(submission_id)
    assert read.json()["answers"] == answers
    for answer in (*told, read):
        assert answer.status_code < 500, answer.text
        assert SECRET not in answer.text
    assert not [answer.text for answer in told if ANSWERED in answer.text]
    _nothing_in(log_file)


def _nothing_in(log_file: Path) -> None:
    log.sink().flush()
    logged = log_file.read_text()
    assert "request.finished" in logged
    assert "request.failed" not in logged
    assert ANSWERED not in logged
    assert not any(secret in logged for secret in SECRETS)
