"""`/v1/dpus/verify`: whether the chain of decision records holds."""

from typing import Final

from litestar import get
from litestar.di import NamedDependency

from gateway.caller import Caller
from gateway.errors import ChainBroken, Overloaded
from gateway.features.record_verification import service
from gateway.features.record_verification.schemas import Verified
from gateway.guards import may_raise, requires
from gateway.services import Services


@get(
    "/v1/dpus/verify",
    tags=("Decision records",),
    guards=[requires("read:dpus")],
    opt=may_raise(ChainBroken, Overloaded),
)
async def verify_chain(caller: NamedDependency[Caller], services: NamedDependency[Services]) -> Verified:
    """Check the whole chain of the key's env: numbers, hashes, bodies, evidence, checkpoints. A long one takes its time."""
    return await service.verify(services, caller)


RECORD_VERIFICATION: Final = (verify_chain,)
