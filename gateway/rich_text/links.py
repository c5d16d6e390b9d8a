"""Which addresses an authored text may name. Rule source: security, "Output"."""

import re
from typing import Final
from urllib.parse import urlsplit

ADDRESS_MAX: Final = 2_000
IMAGE_BYTES_MAX: Final = 200_000

_PLAIN: Final = re.compile(r"[!#-;=?-\[\]_a-z~]+")
_IMAGE: Final = re.compile(r"data:image/(?:png|jpeg|webp);base64,[A-Za-z0-9+/]+={0,2}")


def is_link(address: str) -> bool:
    """Whether it is a web address in plain ASCII that names a host and nobody's name or password."""
    if len(address) > ADDRESS_MAX or not _PLAIN.fullmatch(address):
        return False
    try:
        parts = urlsplit(address)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False


def is_image(address: str) -> bool:
    """Whether it is a picture that is its own address: PNG, JPEG or WebP, up to 200 kB."""
    if len(address) > IMAGE_BYTES_MAX * 4 // 3 + 40 or not _IMAGE.fullmatch(address):
        return False
    encoded = address.partition(",")[2]
    return len(encoded) % 4 == 0 and len(encoded) // 4 * 3 - encoded.count("=") <= IMAGE_BYTES_MAX
