"""How tests invite people, let them join, and act as them."""

from typing import Any

import httpx
from msgspec import Struct

from tests.running import Customer

PASSWORD = "seven quiet herons at noon"


class Joined(Struct, frozen=True):
    """A person signed in to one center."""

    email: str
    member_id: str
    person_id: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


async def invite(
    client: httpx.AsyncClient, by: Customer | Joined, email: str, role: str = "INSTRUCTOR", **more: Any
) -> dict[str, Any]:
    """The invited member, as answered."""
    answer = await client.post("/v1/members", json={"email": email, "role": role, **more}, headers=by.headers)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def accept(
    client: httpx.AsyncClient, token: str, password: str | None = PASSWORD, by: Joined | None = None
) -> httpx.Response:
    """Accept, with a password or signed in."""
    body = {"token": token} if password is None else {"token": token, "password": password}
    return await client.post("/v1/auth/invitations/accept", json=body, headers=by.headers if by else None)


async def sign_in(client: httpx.AsyncClient, email: str, center_id: str | None = None) -> httpx.Response:
    """Sign in with the password that everybody here has."""
    return await client.post("/v1/auth/login", json={"email": email, "password": PASSWORD, "center": center_id})


async def join(
    client: httpx.AsyncClient, by: Customer | Joined, email: str, role: str = "INSTRUCTOR", center_id: str | None = None
) -> Joined:
    """Somebody new, invited, joined and signed in."""
    made = await invite(client, by, email, role)
    accepted = await accept(client, made["invitation"]["token"])
    assert accepted.status_code == 200, accepted.text
    signed_in = await sign_in(client, email, center_id)
    assert signed_in.status_code == 200, signed_in.text
    return Joined(email, made["id"], accepted.json()["person_id"], signed_in.json()["access_token"])


def problem(answer: httpx.Response) -> tuple[int, str, str | None]:
    """Status, code and param of a refusal."""
    error = answer.json()["error"]
    return answer.status_code, error["code"], error.get("param")
