"""Who was erased is named in no event any more: neither in what was told nor in what is on its way. Rule sources: assessments,
"Results"; webhooks.
"""

import json
from typing import Any

from aiohttp import web

from gateway.app import Gateway
from gateway.outbound.client import Outbound
from gateway.work.couriers import Courier
from tests.clock import FrozenClock
from tests.gateway.features.learners.erasing import erase, found_in
from tests.gateway.features.taking import Taker, essay, picked, publish, question, written
from tests.gateway.webhooks.couriers import LOOPBACK, FakeNames, delivered
from tests.gateway.webhooks.receivers import Receiver, receiving
from tests.gateway.webhooks.world import World

ANNA, BEN = "anna-the-learner", "ben-the-learner"


async def test_an_erased_learner_is_named_in_no_event(
    world: World, app: Gateway, clock: FrozenClock, database: Any
) -> None:
    """What was delivered and what is pending lose the name and keep the totals; so does what the receiver said. Another's
    events stay as they are.
    """

    async def repeating(_: web.Request, body: bytes) -> web.StreamResponse:
        return web.Response(status=500 if b"grading_completed" in body else 200, text=body.decode())

    assessment_id = await publish(world.client, world.customer, question(), essay(), max_attempts=3)
    services = app.services
    async with (
        receiving(Receiver(answer=repeating)) as receiver,
        Outbound(FakeNames(), LOOPBACK, clock) as outbound,
    ):
        courier = Courier(services.sql, services.keyring, outbound, clock, lambda: 0.5)
        await world.listen("submission.graded", "submission.grading_completed")
        await database.execute("update webhook set url = $1", receiver.url)
        for learner in (ANNA, BEN):
            taker = Taker(world.client, world.customer, learner)
            await taker.submit_at_once(await publish(world.client, world.customer), picked())
            essayed = (await taker.submit_at_once(assessment_id, picked(), written())).json()["id"]
            await world.post(f"/v1/submissions/{essayed}/reviews", {"item_id": "q4", "score": "1"})
        while await delivered(courier):
            pass
        before = await world.told()
        assert {event["data"]["learner_ref"] for event in before} == {ANNA, BEN}
        assert await found_in(database, ANNA) >= {"event", "delivery_attempt"}
        assert (await erase(world.client, world.customer, ANNA)).status_code == 204
        after = await world.told()
        assert await found_in(database, ANNA) & {"event", "delivery_attempt", "delivery"} == set()
        assert after == [_without(event, ANNA) for event in before]
        receiver.received.clear()
        receiver.answer = None
        clock.advance(5000)
        while await delivered(courier):
            pass
    sent = [json.loads(body) for _, body in receiver.received]
    assert sorted(str(event["data"]["learner_ref"]) for event in sent) == ["None", BEN]
    assert {event["data"]["score"] for event in sent} == {"2.00"}


def _without(event: dict[str, Any], learner: str) -> dict[str, Any]:
    if event["data"]["learner_ref"] != learner:
        return event
    return event | {"data": event["data"] | {"learner_ref": None}}
