"""Decision records and their verification. Rule source: centers, "Decision records"; docs/records.md."""

from typing import Final

from gateway.openapi.fields.catalogue import Texts, of, together

RECORDS: Final[Texts] = together(
    of(
        "Dpu WholeDpu",
        seq="The record's number in the center's chain, from 1 without a gap.",
        type="What was decided, such as `launch.admitted` or `submission.graded`; all are in docs/records.md.",
        subject="The id of what was decided on, such as a course's.",
        actor="Who decided: the id of a key, person or session, `cli:` and a user, or `gateway` for what it does by itself.",
        critical="Whether two people must approve it, not one.",
        level="How far it is documented; it follows from documents and approvals. Null for evidence and approvals, which are "
        "records too.",
        documents="Documents that were attached.",
        approvers="The people who approved it, by their ids.",
        approvals_needed="People who must approve it for `AUDIT_READY`; null where it has no level.",
        policy="What held when it was decided, such as plan, limits, scoring rule and version.",
        outcome="What was decided, such as units or a score.",
        commitment="SHA-256 of salt and inputs, in hex: proves what the inputs were without showing them; null where there are none.",
        prev_hash="The hash of the record before it, in hex; of the first one a value that names center and env.",
        hash="SHA-256 of the record in canonical form (RFC 8785), in hex.",
        request_id="The request that caused it, `req_…`; null where none did.",
        created_at="When it was decided and sealed.",
    ),
    of(
        "WholeDpu",
        record="The very text that was hashed.",
        inputs="What it was decided from; null where there are none, once they were erased, and in a replay.",
        salt="16 random bytes, in hex, that `commitment` was made with; null where `inputs` are.",
        redacted_by="The number of the record that dropped the inputs on a learner's request; null where none did.",
    ),
    of(
        "NewEvidence",
        name="What the document is called.",
        sha256="SHA-256 of a document that is kept elsewhere, in lower-case hex; null for a `text`.",
        url="Where the document is kept, over HTTPS; null for a `text`.",
        text="The document itself; null where it is kept elsewhere.",
    ),
    of("NewApproval", comment="What the person has to say; null for nothing."),
    of(
        "Verified",
        sound="The chain holds; one that does not is 422 `chain_broken`.",
        checks="What was checked, in words.",
        coverage="What was looked at.",
        limits="What this does not prove, in words.",
        created_at="When the chain was verified.",
    ),
    of(
        "Covered",
        records="Records in the chain.",
        first_at="When the first record was made; null for an empty chain.",
        last_at="When the last record was made; null for an empty chain.",
        adopted="Whether the chain was opened in a database that had decided things before.",
        head="The hash of the last record, in hex.",
        bodies="Inputs that were compared with their commitments.",
        bodies_redacted="Inputs that were dropped by a record that says so.",
        documents="Documents that were attached to records.",
        approvals="Approvals of records.",
        checkpoints="Signed checkpoints that were compared.",
        checkpointed_seq="The newest record under a checkpoint that a key of the gateway's own signed; 0 for none.",
        outside_checkpoints="Checkpoints in a file outside of the database that were compared.",
    ),
)
