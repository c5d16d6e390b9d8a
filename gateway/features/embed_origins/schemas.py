"""The pages that may hold a center's players."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from gateway.http import Request
from gateway.key_format import Env
from gateway.origins import LENGTH_MAX

Origin = Annotated[str, Meta(min_length=1, max_length=LENGTH_MAX, examples=["https://learn.example.com"])]
"""Scheme, host and port as a browser writes them; judged by gateway/origins.py."""

ORIGINS_MAX = 50


class OriginList(Request, frozen=True):
    """Body of `PUT /v1/embed/origins`: all of them, in place of those before. `env` is the key's own if left out."""

    origins: Annotated[list[Origin], Meta(max_length=ORIGINS_MAX)]
    env: Env | None = None


class Origins(Struct, frozen=True, kw_only=True):
    """The origins whose pages may hold the env's players, in the order of the alphabet."""

    object: Literal["embed_origins"] = "embed_origins"
    env: Env
    origins: list[Origin]
