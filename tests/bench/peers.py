"""What the gateway is measured against: the same server and framework, doing one thing each."""

import os
from typing import Any, cast

import asyncpg
from limits import RateLimitItemPerMinute
from limits.aio.storage import RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from litestar import Litestar, Request, Response, get, post
from litestar.middleware.rate_limit import RateLimitConfig
from litestar.stores.redis import RedisStore
from redis.asyncio import ConnectionPool, Redis

UNLIMITED = 1_000_000_000
_ANSWER = {"status": "ok", "limit": 100, "used": 12, "remaining": 88}


@get("/bare", sync_to_thread=False)
def bare_handler() -> dict[str, Any]:
    """Answer, and nothing else."""
    return _ANSWER


def bare() -> Litestar:
    """A bare handler."""
    return Litestar([bare_handler], openapi_config=None)


def limited_by_limits() -> Litestar:
    """The bare handler behind `limits`' sliding window counter, a key a caller."""
    pool = ConnectionPool.from_url(os.environ["BENCH_REDIS_URL"])
    storage = RedisStorage(
        "async+redis://localhost:6379",
        implementation="redispy",
        key_prefix="cg:bench",
        connection_pool=cast("Any", pool),
    )
    limiter = SlidingWindowCounterRateLimiter(storage)
    per_minute = RateLimitItemPerMinute(UNLIMITED)

    @get("/limits")
    async def handler(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
        caller = request.headers.get("authorization", "")
        if not await limiter.hit(per_minute, caller):
            return Response({"error": "too many"}, status_code=429)
        return Response(_ANSWER)

    return Litestar([handler], openapi_config=None)


def limited_by_litestar() -> Litestar:
    """The bare handler behind Litestar's own rate-limit middleware, on the same Redis."""

    @get("/litestar")
    async def handler() -> dict[str, Any]:
        return _ANSWER

    config = RateLimitConfig(rate_limit=("minute", UNLIMITED), store="limits")
    store = RedisStore(Redis.from_url(os.environ["BENCH_REDIS_URL"]), namespace="cg:bench")
    return Litestar([handler], middleware=[config.middleware], stores={"limits": store}, openapi_config=None)


def one_commit() -> Litestar:
    """A handler that commits one statement, as durably as a launch, a submission and a check do."""

    @post("/commit", status_code=202)
    async def handler(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
        await request.app.state.pool.fetchval(
            "insert into bench_commit (body) values ($1) returning id", await request.body()
        )
        return Response(_ANSWER, status_code=202)

    async def open_pool(app: Litestar) -> None:
        app.state.pool = await asyncpg.create_pool(os.environ["BENCH_DATABASE_URL"], min_size=10, max_size=10)

    async def close_pool(app: Litestar) -> None:
        await app.state.pool.close()

    return Litestar([handler], on_startup=[open_pool], on_shutdown=[close_pool], openapi_config=None)
