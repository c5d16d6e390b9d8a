"""Access tokens: JWTs signed with Ed25519, one form alone. What has any other header, claim or encoding is no token.

The algorithm stands here and is never read from a token, nor is a place to fetch a key from.
Rule source: security, "People"; RFC 8725, RFC 9068.
"""

import base64
import binascii
import hashlib
import json
import secrets
from typing import Final

import jwt
import msgspec
from cryptography.exceptions import InvalidSignature
from msgspec import Struct

from gateway.errors import InvalidToken, Problem, ServiceUnavailable, TokenExpired
from gateway.ids import is_id
from gateway.tokens.ring import TokenKeys

LIFE_SECONDS: Final = 3_600
LEEWAY_SECONDS: Final = 30
BYTES_MAX: Final = 4_096
AUDIENCE: Final = "coursegate"
ALGORITHM: Final = "EdDSA"
TYPE: Final = "at+jwt"
_REMEMBERED_MAX: Final = 10_000


class _Header(Struct, frozen=True, forbid_unknown_fields=True):
    """A header that may be: `crit`, `jku`, `jwk`, `x5u` and every other field are refused."""

    alg: str
    typ: str
    kid: str


class Claims(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a token says. Times are Unix seconds; `sub` is a person, `sid` a sign-in, both looked up at every request."""

    iss: str
    aud: str
    sub: str
    center: str
    env: str
    sid: str
    iat: int
    nbf: int
    exp: int
    jti: str


class AccessTokens:
    """Makes and reads the tokens of one gateway, whose `issuer` is its public URL.

    A signature that was verified is remembered, by a digest of the token that tells nothing about it.
    """

    def __init__(self, keys: TokenKeys, issuer: str) -> None:
        self.keys = keys
        self._issuer = issuer
        self._header = msgspec.json.Decoder(_Header)
        self._claims = msgspec.json.Decoder(Claims)
        self._digest_key = secrets.token_bytes(32)
        self._verified: dict[bytes, Claims] = {}
        self._changes_seen = keys.changes()

    def make(self, *, person_id: str, center_id: str, session_id: str, now_ms: int) -> str:
        """A token of an hour. Raises ServiceUnavailable where there is no key to sign with."""
        key = self.keys.signing(now_ms)
        if key is None:
            raise ServiceUnavailable
        now = now_ms // 1000
        claims = Claims(
            iss=self._issuer,
            aud=AUDIENCE,
            sub=person_id,
            center=center_id,
            env="live",
            sid=session_id,
            iat=now,
            nbf=now,
            exp=now + LIFE_SECONDS,
            jti=secrets.token_urlsafe(16),
        )
        return jwt.encode(
            msgspec.to_builtins(claims),
            key.private,
            ALGORITHM,
            headers={"typ": TYPE, "kid": key.kid},
            sort_headers=True,
        )

    def read(self, token: bytes, now_ms: int) -> Claims | type[Problem]:
        """The claims, or why not: TokenExpired for a token that was right until it ended, InvalidToken for all else."""
        if len(token) > BYTES_MAX:
            return InvalidToken
        changes = self.keys.changes()
        if changes != self._changes_seen:
            self._verified.clear()
            self._changes_seen = changes
        digest = hashlib.blake2b(token, digest_size=16, key=self._digest_key).digest()
        claims = self._verified.get(digest)
        if claims is None:
            claims = self._verify(token)
            if claims is None:
                return InvalidToken
            self._verified[digest] = claims
            if len(self._verified) > _REMEMBERED_MAX:
                del self._verified[next(iter(self._verified))]
        now = now_ms / 1000
        if claims.nbf > now + LEEWAY_SECONDS or claims.iat > now + LEEWAY_SECONDS:
            return InvalidToken
        return TokenExpired if claims.exp <= now - LEEWAY_SECONDS else claims

    def _verify(self, token: bytes) -> Claims | None:
        parts = token.split(b".")
        if len(parts) != 3:
            return None
        try:
            head, body, signature = (_decoded(part) for part in parts)
            header = self._header.decode(head)
            claims = self._claims.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, ValueError):
            return None
        if header.alg != ALGORITHM or header.typ != TYPE or _doubled(head) or _doubled(body):
            return None
        key = self.keys.verifying(header.kid)
        if key is None:
            return None
        try:
            key.verify(signature, parts[0] + b"." + parts[1])
        except InvalidSignature:
            return None
        return claims if self._is_ours(claims) else None

    def _is_ours(self, claims: Claims) -> bool:
        return (
            claims.iss == self._issuer
            and claims.aud == AUDIENCE
            and claims.env == "live"
            and is_id("usr", claims.sub)
            and is_id("ctr", claims.center)
            and is_id("sid", claims.sid)
            and bool(claims.jti)
            and claims.iat <= claims.exp <= claims.iat + LIFE_SECONDS
        )


def _decoded(part: bytes) -> bytes:
    """The bytes behind base64url without padding, in the one spelling that they have. Raises ValueError."""
    try:
        raw = base64.b64decode(part + b"=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("no base64url") from error
    if base64.urlsafe_b64encode(raw).rstrip(b"=") != part:
        raise ValueError("another spelling of base64url")
    return raw


def _doubled(text: bytes) -> bool:
    """Whether a member of this flat object is there twice: two readers could take different ones."""
    members: list[str] = []

    def note(pairs: list[tuple[str, object]]) -> None:
        members.extend(name for name, _ in pairs)

    json.loads(text, object_pairs_hook=note)
    return len(set(members)) < len(members)
