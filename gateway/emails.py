"""E-mail addresses: which are addresses, and when two are the same one."""

import re
from typing import Final

from gateway.errors import InvalidEmail

LENGTH_MAX: Final = 254
_LOCAL: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.ASCII)
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})+", re.ASCII)


def checked_email(text: str, param: str = "email") -> str:
    """The address as given. Raises InvalidEmail where it can't be one.

    Printable ASCII alone: an international domain comes in its `xn--` form, so that two that look alike are not alike.
    """
    local, at, domain = text.rpartition("@")
    fits = at and len(text) <= LENGTH_MAX and len(local) <= 64 and len(domain) <= 189
    if not fits or _LOCAL.fullmatch(local) is None or _DOMAIN.fullmatch(domain) is None:
        raise InvalidEmail(param)
    return text


def folded(email: str) -> str:
    """What two spellings of one address have in common; as the column `email_folded`."""
    return email.lower()
