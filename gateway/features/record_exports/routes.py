"""`/v1/dpus/export`: a whole chain of decision records, to be verified by whoever has it."""

from typing import Final

from litestar import Response, get
from litestar.di import NamedDependency

from gateway.caller import Caller
from gateway.features.record_exports import service
from gateway.guards import requires
from gateway.http.streams import NDJSON
from gateway.services import Services


@get("/v1/dpus/export", tags=("Decision records",), guards=[requires("read:dpus")], media_type=NDJSON)
async def export_chain(caller: NamedDependency[Caller], services: NamedDependency[Services]) -> Response[bytes]:
    """Export the chain of the key's env: every record with its body and salt where they were not dropped, the signed
    checkpoints, the public keys and a manifest, one JSON document a line. `coursegate dpus verify` checks the file.
    """
    return await service.export(services, caller)


RECORD_EXPORTS: Final = (export_chain,)
