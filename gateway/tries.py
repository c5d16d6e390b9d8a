"""Where a try costs points: how often an answer was tried before, counted by digests that tell nothing about it.

A try is a checked or a submitted answer; the same answer again is the same try. Rule source: grading, section 12.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from gateway.keyring import TRIES, Keyring
from gateway.published import Published
from gateway.stores import Connection
from grading.answers import Answers, Given


class Tries(Struct, frozen=True):
    """The items that were answered, their answers' digests, and how many tries came before each answer last changed."""

    items: tuple[str, ...]
    digests: tuple[bytes, ...]
    before: Mapping[str, int]


async def tries_of(
    connection: Connection,
    keyring: Keyring,
    published: Published,
    place: tuple[str, str, str],
    answers: Answers,
) -> Tries | None:
    """Look up what these answers have cost so far; None, and no statement, where a try costs nothing.

    `place`: center, env and learner. A try is a checked or a submitted answer; the same answer again is the same try.
    """
    if not published.settings.penalty_per_try:
        return None
    digests = {
        given.item_id: digest_of(keyring, given.answer)
        for given in sorted((one for one in answers if isinstance(one, Given)), key=lambda one: one.item_id)
    }
    center_id, env, learner_ref = place
    rows = await connection.fetch(
        """select item_id, tries, tries_before, answer_digest from check_count
            where center_id = $1 and env = $2 and assessment_id = $3 and learner_ref = $4 and item_id = any ($5)""",
        center_id,
        env,
        published.assessment_id,
        learner_ref,
        list(digests),
    )
    before = {
        row["item_id"]: row["tries_before"] if row["answer_digest"] == digests[row["item_id"]] else row["tries"]
        for row in rows
    }
    return Tries(tuple(digests), tuple(digests.values()), before)


def digest_of(keyring: Keyring, answer: Any) -> bytes:
    """Tells whether an answer is the one of the try before, and nothing else about it."""
    return keyring.sign(TRIES, msgspec.json.encode(answer))
