"""Access tokens: one form is read, and every change to it is seen."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.errors import InvalidToken, TokenExpired
from gateway.ids import new_id
from gateway.tokens.access import AccessTokens, Claims
from gateway.tokens.key_file import TokenKey, new_key
from gateway.tokens.ring import TokenKeys

NOW_MS = 1_773_576_000_000
NOW = NOW_MS // 1000
ISSUER = "https://gateway.test"
KEY = new_key(1, 0)
PERSON, CENTER, SESSION = new_id("usr", NOW_MS), new_id("ctr", NOW_MS), new_id("sid", NOW_MS)
HEADER = {"alg": "EdDSA", "kid": KEY.kid, "typ": "at+jwt"}


def ring(*keys: TokenKey) -> TokenKeys:
    return TokenKeys(keys, None, lambda: 0.0)


@pytest.fixture
def tokens() -> AccessTokens:
    return AccessTokens(ring(KEY), ISSUER)


def made(tokens: AccessTokens, now_ms: int = NOW_MS) -> bytes:
    return tokens.make(person_id=PERSON, center_id=CENTER, session_id=SESSION, now_ms=now_ms).encode()


def claims(**other: Any) -> dict[str, Any]:
    right = {
        "iss": ISSUER, "aud": "coursegate", "sub": PERSON, "center": CENTER, "env": "live", "sid": SESSION,
        "iat": NOW, "nbf": NOW, "exp": NOW + 3600, "jti": "one",
    }  # fmt: skip
    return {name: value for name, value in (right | other).items() if value is not None}


def b64(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def signed(
    header: dict[str, Any] | bytes, body: dict[str, Any] | bytes, sign: Callable[[bytes], bytes] = KEY.private.sign
) -> bytes:
    """A token whose signature is right, whatever it says."""
    parts = [b64(part if isinstance(part, bytes) else json.dumps(part).encode()) for part in (header, body)]
    return b".".join((*parts, b64(sign(b".".join(parts)))))


def test_a_token_is_read_as_it_was_made(tokens: AccessTokens) -> None:
    """All claims come back, the hour counts from now, and no two tokens are alike."""
    first, second = made(tokens), made(tokens)
    read = tokens.read(first, NOW_MS)
    assert isinstance(read, Claims)
    assert (read.sub, read.center, read.sid, read.env) == (PERSON, CENTER, SESSION, "live")
    assert (read.iat, read.nbf, read.exp) == (NOW, NOW, NOW + 3600)
    assert first != second
    assert tokens.read(first, NOW_MS) is read  # the signature is not verified twice


def test_another_library_verifies_it_by_our_jwks(tokens: AccessTokens) -> None:
    """PyJWT, told nothing but the JWK set, issuer and audience, accepts what we sign, and finds the `kid`."""
    token = made(tokens, 32_503_680_000_000).decode()  # far ahead: PyJWT asks the machine's own clock
    header = jwt.get_unverified_header(token)
    assert header == HEADER
    key = jwt.PyJWKSet.from_json(tokens.keys.jwks().decode())[header["kid"]]
    read = jwt.decode(
        token, key, algorithms=["EdDSA"], issuer=ISSUER, audience="coursegate",
        options={"require": ["iss", "aud", "sub", "iat", "nbf", "exp", "jti"], "verify_nbf": False, "verify_iat": False},
    )  # fmt: skip
    assert read["sub"] == PERSON


def test_our_own_maker_of_tests_is_right(tokens: AccessTokens) -> None:
    """What the tamperings below start from is accepted."""
    assert isinstance(tokens.read(signed(HEADER, claims()), NOW_MS), Claims)


_PUBLIC = KEY.private.public_key()
_PUBLIC_PEM = _PUBLIC.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
_STRANGER = Ed25519PrivateKey.generate()
_JWK = {"kty": "OKP", "crv": "Ed25519", "x": b64(_STRANGER.public_key().public_bytes_raw()).decode()}
_GOOD = signed(HEADER, claims())
_PARTS = _GOOD.split(b".")
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def _respelt(part: bytes) -> bytes:
    """The same bytes, with other bits in the padding of the last character."""
    return part[:-1] + _ALPHABET[_ALPHABET.index(part[-1]) + 1 :][:1]


def _hs256(secret: bytes) -> bytes:
    header = HEADER | {"alg": "HS256"}
    return signed(header, claims(), lambda message: hmac.digest(secret, message, hashlib.sha256))


TAMPERED = {
    "no signature at all": b".".join(_PARTS[:2]) + b".",
    "alg none": signed(HEADER | {"alg": "none"}, claims(), lambda _: b""),
    "alg None in other letters": signed(HEADER | {"alg": "nOnE"}, claims()),
    "alg of another curve": signed(HEADER | {"alg": "Ed448"}, claims()),
    "HMAC under the public key's bytes": _hs256(_PUBLIC.public_bytes_raw()),
    "HMAC under the public key's PEM": _hs256(_PUBLIC_PEM),
    "a stranger's signature under our kid": signed(HEADER, claims(), _STRANGER.sign),
    "a stranger's key brought along as jwk": signed(HEADER | {"jwk": _JWK}, claims(), _STRANGER.sign),
    "jwk beside a right signature": signed(HEADER | {"jwk": _JWK}, claims()),
    "jku": signed(HEADER | {"jku": "https://evil.example/jwks.json"}, claims()),
    "x5u": signed(HEADER | {"x5u": "https://evil.example/cert"}, claims()),
    "x5c": signed(HEADER | {"x5c": ["MII"]}, claims()),
    "crit": signed(HEADER | {"crit": ["exp"]}, claims()),
    "b64 false": signed(HEADER | {"b64": False}, claims()),
    "an unknown kid": signed(HEADER | {"kid": "another"}, claims()),
    "no kid": signed({"alg": "EdDSA", "typ": "at+jwt"}, claims()),
    "kid as a path": signed(HEADER | {"kid": "../../dev/null"}, claims()),
    "typ JWT": signed(HEADER | {"typ": "JWT"}, claims()),
    "no typ": signed({"alg": "EdDSA", "kid": KEY.kid}, claims()),
    "alg twice": signed(b'{"alg":"none","kid":"%b","typ":"at+jwt","alg":"EdDSA"}' % KEY.kid.encode(), claims()),
    "another person": b".".join((_PARTS[0], b64(json.dumps(claims(sub=new_id("usr", 1))).encode()), _PARTS[2])),
    "another center": b".".join((_PARTS[0], b64(json.dumps(claims(center=new_id("ctr", 1))).encode()), _PARTS[2])),
    "a later end": b".".join((_PARTS[0], b64(json.dumps(claims(exp=NOW + 9999)).encode()), _PARTS[2])),
    "sub twice": signed(HEADER, json.dumps(claims())[:-1].encode() + b', "sub": "' + PERSON.encode() + b'"}'),
    "a cut signature": _GOOD[:-2],
    "a longer signature": b".".join((*_PARTS[:2], b64(KEY.private.sign(b".".join(_PARTS[:2])) + b"\0"))),
    "a flipped bit": b".".join((*_PARTS[:2], _PARTS[2][:10] + bytes([_PARTS[2][10] ^ 1]) + _PARTS[2][11:])),
    "the signature in another spelling": b".".join((*_PARTS[:2], _respelt(_PARTS[2]))),
    "padding": _GOOD + b"==",
    "standard base64": _GOOD.replace(b"-", b"+").replace(b"_", b"/") + b"=",
    "white space": _GOOD + b"\n",
    "a fourth part": _GOOD + b".e30",
    "an unsigned header first": b64(b"{}") + b"." + _GOOD,
    "no JSON": signed(b"header", b"claims"),
    "a list of claims": signed(HEADER, b"[]"),
    "over 4 KiB": signed(HEADER, claims(jti="j" * 4096)),
    "no letters": b"..",
}
WRONG_CLAIMS: dict[str, dict[str, Any]] = {
    **{f"no {name}": {name: None} for name in claims()},
    "another issuer": {"iss": "https://other.test"},
    "another audience": {"aud": "elsewhere"},
    "a list of audiences": {"aud": ["coursegate"]},
    "env test": {"env": "test"},
    "a key as subject": {"sub": new_id("key", 1)},
    "a learner's session as sid": {"sid": new_id("ses", 1)},
    "no center's id": {"center": "north"},
    "an empty jti": {"jti": ""},
    "an end in text": {"exp": str(NOW + 3600)},
    "an end in fractions": {"exp": NOW + 0.5},
    "two hours": {"exp": NOW + 7200},
    "an end before its beginning": {"exp": NOW - 1},
    "from the future": {"iat": NOW + 31, "nbf": NOW + 31, "exp": NOW + 600},
    "not yet": {"nbf": NOW + 31},
    "a claim that we never make": {"role": "ADMIN"},
}


@pytest.mark.parametrize("token", [pytest.param(token, id=name) for name, token in TAMPERED.items()])
def test_a_tampered_token_is_none(tokens: AccessTokens, token: bytes) -> None:
    """Whatever was done to it, it is invalid, and asks for no key that we don't hold."""
    assert token != _GOOD
    assert tokens.read(token, NOW_MS) is InvalidToken


@pytest.mark.parametrize("other", [pytest.param(other, id=name) for name, other in WRONG_CLAIMS.items()])
def test_a_signature_does_not_make_up_for_a_claim(tokens: AccessTokens, other: dict[str, Any]) -> None:
    """Signed by our own key: every claim must be there, be of its kind, and be ours."""
    assert tokens.read(signed(HEADER, claims(**other)), NOW_MS) is InvalidToken


def test_every_single_character_matters(tokens: AccessTokens) -> None:
    """No character of a token can be exchanged for another."""
    for place in range(len(_GOOD)):
        other = b"A" if _GOOD[place : place + 1] != b"A" else b"B"
        assert tokens.read(_GOOD[:place] + other + _GOOD[place + 1 :], NOW_MS) is InvalidToken, place


def test_time_is_judged_with_half_a_minute_of_leeway(tokens: AccessTokens) -> None:
    """A clock that is 30 s off still agrees; a second more, and the token is not yet or no more."""
    token = made(tokens)
    end = (NOW + 3600) * 1000
    assert isinstance(tokens.read(token, NOW_MS - 30_000), Claims)
    assert tokens.read(token, NOW_MS - 31_000) is InvalidToken
    assert isinstance(tokens.read(token, end + 29_999), Claims)
    assert tokens.read(token, end + 30_000) is TokenExpired
    assert isinstance(tokens.read(token, NOW_MS), Claims)


def test_expired_is_said_of_our_own_alone(tokens: AccessTokens) -> None:
    """Whose signature is wrong learns nothing of times."""
    late = NOW_MS + 4_000_000
    assert tokens.read(_GOOD, late) is TokenExpired
    assert tokens.read(signed(HEADER, claims(), _STRANGER.sign), late) is InvalidToken
