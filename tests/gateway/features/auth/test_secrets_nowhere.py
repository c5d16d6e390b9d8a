"""Passwords, tokens and e-mail addresses are in no log, no error and no row in clear."""

from typing import Any

import httpx
import pytest

from gateway.app import Gateway
from tests.people import PASSWORD, add_person

NEW = "another passphrase altogether"


async def everything_stored(connection: Any) -> str:
    """Every row of every table, as text."""
    tables = await connection.fetch(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
    )
    rows = [await connection.fetch(f'select t::text from "{table["relname"]}" t') for table in tables]
    return "\n".join(row[0] for found in rows for row in found)


async def test_what_people_send_is_kept_by_nobody(
    app: Gateway, client: httpx.AsyncClient, connection: Any, center_id: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """A whole visit: signing in, wrong tries, refreshing, another password, signing out; then every log line, every
    refusal and every row is searched.
    """
    person = await add_person(connection, center_id, email="ada.lovelace@school.example")
    said: list[str] = []

    async def post(path: str, body: dict[str, Any], token: str | None = None) -> Any:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        answer = await client.post(f"/v1/auth/{path}", json=body, headers=headers)
        if answer.status_code >= 400:
            said.append(answer.text)
        return answer.json() if answer.content else None

    first = await post("login", {"email": person.email, "password": PASSWORD})
    await post("login", {"email": person.email, "password": "my wrong passphrase"})
    await post("login", {"email": "nobody.at.all@school.example", "password": "my wrong passphrase"})
    await post("login", {"email": "no address my wrong passphrase", "password": PASSWORD})
    await post("login", {"email": person.email, "password": [PASSWORD]})
    second = await post("refresh", {"refresh_token": first["refresh_token"]})
    await post("refresh", {"refresh_token": "cgr_junk", "refresh_tokens": second["refresh_token"]})
    await post("password", {"current": "my wrong passphrase", "new": NEW}, second["access_token"])
    await post("password", {"current": PASSWORD, "new": "password1234"}, second["access_token"])
    await post("password", {"current": PASSWORD, "new": NEW}, second["access_token"])
    await post("refresh", {"refresh_token": first["refresh_token"]})
    await post("refresh", {"refresh_token": second["refresh_token"]})
    await client.get("/v1/courses", headers={"Authorization": f"Bearer {second['access_token']}x"})
    await client.get("/v1/courses", headers={"X-Request-Id": second["access_token"][:60]})
    app.services.passwords.close()

    logged = "".join(capfd.readouterr())
    assert '"route":"/v1/auth/login"' in logged
    assert person.id in logged
    secrets = [
        PASSWORD, NEW, "password1234", "wrong passphrase",
        *(session[kind] for session in (first, second) for kind in ("access_token", "refresh_token")),
    ]  # fmt: skip
    for where, text in (("log", logged), ("errors", "\n".join(said)), ("rows", await everything_stored(connection))):
        for secret in secrets:
            assert secret not in text, f"{secret[:24]} is in the {where}"
            assert secret[-24:] not in text, f"the end of {secret[:24]} is in the {where}"
    for text in (logged, "\n".join(said)):
        assert "lovelace" not in text
        assert "nobody.at.all" not in text


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("login", "`center`, `email`, `password`"),
        ("refresh", "`refresh_token`"),
        ("invitations/accept", "`name`, `password`, `token`"),
    ],
)
@pytest.mark.parametrize("misplaced", [PASSWORD, "Sehr1Geheim2Wort", "a good long\0passphrase"])
async def test_a_secret_in_the_place_of_a_name_is_not_repeated(
    client: httpx.AsyncClient, path: str, fields: str, misplaced: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """The refusal says which fields there are; nothing of what was given is in it, or in the log."""
    answer = await client.post(f"/v1/auth/{path}", json={misplaced: "", "email": "ada@school.example"})
    error = answer.json()["error"]
    assert (answer.status_code, error["param"]) == (400, "body")
    assert error["code"] == ("invalid_field" if "\0" in misplaced else "unknown_field")
    assert error["details"]["requirement"] == f"no other fields than {fields}"
    for text in (answer.text, "".join(capfd.readouterr())):
        assert misplaced[:11] not in text
        assert misplaced[-11:] not in text
