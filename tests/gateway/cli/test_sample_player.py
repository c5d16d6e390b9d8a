"""The quiz that `coursegate dev` offers, to try the player with."""

import asyncio
from collections import Counter
from urllib.parse import urlsplit

import asyncpg
import httpx
import msgspec

from gateway.cli.sample_player import SHIPPED_QUIZ, player_url
from grading.model import Kind
from tests.running import add_customer
from tests.serving import serving, talking


def test_the_quiz_asks_one_question_of_each_kind() -> None:
    """Whoever builds a course sees every kind there is, once."""
    items = msgspec.json.decode(SHIPPED_QUIZ.read_bytes())["items"]
    assert Counter(item["type"] for item in items) == Counter(list(Kind))


async def test_every_start_prints_an_address_that_opens_and_none_publishes_the_quiz_twice(
    database_url: str, redis_url: str
) -> None:
    """Each address is good for one session; the quiz stays one, and its learner goes on where they were."""
    connection = await asyncpg.connect(database_url)
    customer = await add_customer(connection, env="test")
    await connection.close()
    async with serving(database_url, redis_url) as served, talking(served) as client:
        first, second = [await asyncio.to_thread(player_url, served.url, customer.key) for _ in range(2)]
        attempts = [await _opened(client, url) for url in (first, second)]
        listed = (await client.get("/v1/assessments", headers=customer.headers)).json()["data"]
    assert first != second
    assert attempts[0] == attempts[1]
    assert len(listed) == 1


async def _opened(client: httpx.AsyncClient, url: str) -> str:
    token = urlsplit(url).path.rpartition("/")[2]
    opened = await client.post("/v1/embed/sessions", json={"token": token})
    assert opened.status_code == 201, opened.text
    return str(opened.json()["submission_id"])
