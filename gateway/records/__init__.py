"""Decision records: canonical form, hashing, checking a chain, signed checkpoints; and the SQL that seals."""
