"""What the examination of an export found, and the words for it. Pure."""

from typing import Literal

from msgspec import Struct

from gateway.records.chain import Coverage, Fault


class Findings(Struct, frozen=True, kw_only=True):
    """The whole of it. `fault` is the first thing that is wrong; None: the chain is sound as far as `limits` let it be.

    `trust`: `none`, or the fingerprints that were believed; `signed_to`: the newest record under a checkpoint of theirs,
    of any key of the export where trust is `none`; `keys`: fingerprints of the keys in the export. `clock_steps_back`: records
    whose time is earlier than that of the record before them by more than a wait for their turn explains.
    """

    center: str
    env: str
    fault: Fault | None
    coverage: Coverage
    documents: int
    documents_by_name_alone: int
    approvals: int
    signed_to: int
    trust: tuple[str, ...] | Literal["none"]
    keys: tuple[str, ...]
    clock_steps_back: int

    @property
    def limits(self) -> tuple[str, ...]:
        """What these findings do not prove."""
        said = []
        first, last = self.signed_to + 1, self.coverage.records
        if self.coverage.adopted:
            said.append(f"what was decided before {self.coverage.first_at} stands in the first record, as sums alone")
        if self.trust == "none":
            said.append("trust: none: whoever wrote the file may have made its keys and signatures too")
        if first <= last:
            behind = f"record {first} is" if first == last else f"records {first} to {last} are"
            said.append(f"{behind} behind the newest checkpoint that is believed: rewritten ones would not show")
        said.append(
            f"records behind {last}, cut off with their checkpoints, show only against checkpoints kept elsewhere"
        )
        if self.coverage.bodies_redacted:
            said.append(
                f"{self.coverage.bodies_redacted} bodies were dropped by records that say so: what they said is gone"
            )
        if self.clock_steps_back:
            said.append(
                f"a clock stood wrong: {self.clock_steps_back} times a record says to be more than a minute older than the one"
                " before it: numbers give the order, times do not"
            )
        if self.documents_by_name_alone:
            said.append(
                f"{self.documents_by_name_alone} documents are a name alone, neither text nor SHA-256: they prove nothing"
            )
        return tuple(said)
