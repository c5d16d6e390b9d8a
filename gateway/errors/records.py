"""Decision records: evidence that can't rise so, records that take no more, chains that do not hold."""

from typing import ClassVar

from gateway.errors.access import Forbidden
from gateway.errors.conflicts import Conflict
from gateway.errors.missing import NotFound
from gateway.errors.requests import InvalidRequest


class InvalidEvidenceLevel(InvalidRequest):
    """Evidence rises by documents, then by approvals, and never otherwise."""

    code = "invalid_evidence_level"
    title = "Evidence may only rise: documents first, then approvals of what was documented."
    what_to_do = "Read the record's `level`: a DRAFT takes documents, what is DOCUMENTED takes documents until the first approval."
    detail_example: ClassVar = {"level": "DRAFT"}

    def __init__(self, level: str, message: str | None = None) -> None:
        super().__init__(message, details={"level": level})


class DpuSealed(Forbidden):
    """It is ready for an audit, or is evidence itself."""

    code = "dpu_sealed"
    title = "This record takes no more evidence."
    what_to_do = "Nothing can be added to what is AUDIT_READY, or to an entry of evidence itself."


class DpuNotFound(NotFound):
    """No such record of this center and env."""

    code = "dpu_not_found"
    title = "No such decision record."
    what_to_do = "Check the id, and that the key belongs to the same center and the same env (live or test)."
    default_param = "dpu_id"


class ChainBroken(Conflict):
    """A record was changed, taken out or put in; the details name the first."""

    status = 422
    code = "chain_broken"
    title = "The chain of decision records is broken."
    what_to_do = "Export the chain, keep it with its checkpoints, and tell the operator: records before `details.first_broken_seq` hold."
    detail_example: ClassVar = {"first_broken_seq": 7, "reason": "hash_differs"}

    def __init__(self, seq: int, reason: str, message: str) -> None:
        super().__init__(f"Record {seq}: {message}.", details={"first_broken_seq": seq, "reason": reason})
