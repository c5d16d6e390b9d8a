"""How often a password may be tried. Rule source: security, "People"; conventions, "Rate limits".

5 times in 15 minutes from one address for one e-mail, 30 times from one address. An e-mail that is tried 50 times from
wherever is never locked, since that would lock its owner out: every further try waits.
"""

from typing import Final

from gateway.keyring import LOGINS, Keyring
from gateway.services import Services
from gateway.visit import Visit
from quotas import keys
from quotas.windows import Policy

WINDOW_SECONDS: Final = 900
PAIR_LIMIT: Final = 5
ADDRESS_LIMIT: Final = 30
EMAIL_LIMIT: Final = 50


async def count_try(services: Services, visit: Visit, email_folded: str) -> None:
    """Count one try to know this person's password, before it is compared. Raises RateLimited, and Overloaded where there is
    no room to compare, both with nothing counted; and Overloaded where too many are held back.
    """
    services.passwords.require_room()
    decision = await visit.decide(policies(services.keyring, visit.address, email_folded))
    if any(state.wait_seconds < 0 for state in decision.policies):
        await services.passwords.hold_back()


def policies(keyring: Keyring, address: str, email_folded: str) -> tuple[Policy, ...]:
    """The three limits of a try, in one slot of Redis; address and e-mail are there as digests alone."""

    def key(name: str, subject: str) -> str:
        return keys.login(name, keyring.sign(LOGINS, f"{name}\x1f{subject}".encode()).hex()[:32])

    return (
        Policy("login_pair", key("login_pair", f"{address}\x1f{email_folded}"), PAIR_LIMIT, WINDOW_SECONDS),
        Policy("login_address", key("login_address", address), ADDRESS_LIMIT, WINDOW_SECONDS),
        Policy("login_email", key("login_email", email_folded), EMAIL_LIMIT, WINDOW_SECONDS, enforce=False),
    )
