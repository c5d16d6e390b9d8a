"""Signed notes and checkpoints in the forms of C2SP (signed-note, tlog-checkpoint), with Ed25519.

A checkpoint's text has three lines: the origin (which chain), the size (its newest record's seq), the head (base64 of
that record's hash). Pure: keys are arguments.
"""

import base64
import binascii
import re
from hashlib import sha256
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec import Struct

KEY_NAME: Final = "coursegate"
"""By which name the gateway's keys sign."""

_ED25519: Final = b"\x01"
_SIGNATURE: Final = re.compile(r"— ([^ +\n]{1,255}) ([A-Za-z0-9+/=]{1,1000})\n")
_VERIFIER_KEY: Final = re.compile(r"([^ +\n]{1,255})\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})")
_SIZE: Final = re.compile(r"[1-9][0-9]{0,17}")
_CHARACTERS_MAX: Final = 4096


class WrongNote(ValueError):
    """What is no note, no checkpoint or no key; the text says why, and what was given is not in it."""


class VerifierKey(Struct, frozen=True):
    """A public key under its name."""

    name: str
    raw: bytes

    @property
    def id(self) -> bytes:
        """The four bytes by which a signature says which key made it."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.raw).digest()[:4]

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the key's 32 bytes, in hex: what people compare."""
        return sha256(self.raw).hexdigest()

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(_ED25519 + self.raw).decode()}"

    @classmethod
    def of(cls, private: Ed25519PrivateKey, name: str = KEY_NAME) -> Self:
        """The public half of a key."""
        return cls(name, private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    @classmethod
    def parse(cls, text: str) -> Self:
        """The key of a line `name+id+base64`. Raises WrongNote."""
        found = _VERIFIER_KEY.fullmatch(text)
        raw = base64.b64decode(found[3]) if found else b""
        if found is None or raw[:1] != _ED25519:
            raise WrongNote("it is no Ed25519 key of the form name+id+base64")
        key = cls(found[1], raw[1:])
        if str(key) != text:
            raise WrongNote("its id is not that of the key")
        return key


class Signature(Struct, frozen=True):
    """Who says to have signed, and what that one left."""

    name: str
    key_id: bytes
    raw: bytes

    def is_by(self, key: VerifierKey) -> bool:
        """Whether it names this key; it says nothing of what was signed."""
        return self.name == key.name and self.key_id == key.id


class Note(Struct, frozen=True):
    """A text that ends in a line break, and its signatures."""

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, note: str) -> Self:
        """Read a note. Raises WrongNote."""
        if len(note) > _CHARACTERS_MAX or any(letter < " " and letter != "\n" for letter in note):
            raise WrongNote("it is too long for a note, or holds control characters")
        text, gap, signed = note.rpartition("\n\n")
        if not gap or not text or not signed:
            raise WrongNote("it is not signed")
        found = list(_SIGNATURE.finditer(signed))
        if "".join(line[0] for line in found) != signed:
            raise WrongNote("its signatures are not in the form of a signed note")
        return cls(text + "\n", tuple(_signature(line[1], line[2]) for line in found))

    def is_signed_by(self, key: VerifierKey) -> bool:
        """Whether the key signed this very text."""
        return any(self._is_right(signature, key) for signature in self.signatures if signature.is_by(key))

    def _is_right(self, signature: Signature, key: VerifierKey) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(key.raw).verify(signature.raw, self.text.encode())
        except (InvalidSignature, ValueError):
            return False
        return True


class Checkpoint(Struct, frozen=True):
    """Where a chain stood: `head` is the hash of record number `size`, 32 bytes."""

    origin: str
    size: int
    head: bytes

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.head).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text of a note, lines behind the third are left alone. Raises WrongNote."""
        lines = text.split("\n")
        if len(lines) < 4 or not lines[0] or not _SIZE.fullmatch(lines[1]):
            raise WrongNote("it is no checkpoint: origin, size and head")
        try:
            head = base64.b64decode(lines[2], validate=True)
        except binascii.Error:
            raise WrongNote("its head is not base64") from None
        if len(head) != 32 or base64.b64encode(head).decode() != lines[2]:
            raise WrongNote("its head is no hash")
        return cls(lines[0], int(lines[1]), head)


def origin_of(center_id: str, env: str) -> str:
    """Which chain a checkpoint speaks of."""
    return f"{KEY_NAME}/{center_id}/{env}"


def signed(checkpoint: Checkpoint, private: Ed25519PrivateKey, name: str = KEY_NAME) -> str:
    """The checkpoint as a note under one signature."""
    key = VerifierKey.of(private, name)
    signature = base64.b64encode(key.id + private.sign(checkpoint.text.encode())).decode()
    return f"{checkpoint.text}\n— {name} {signature}\n"


def _signature(name: str, text: str) -> Signature:
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise WrongNote("a signature is not base64") from None
    if len(raw) < 5:
        raise WrongNote("a signature is too short")
    return Signature(name, raw[:4], raw[4:])
