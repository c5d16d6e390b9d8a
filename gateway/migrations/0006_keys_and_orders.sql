-- What telling a retried order from another one needs, and rotation's own rule.

-- The order as given, defaults left out: compared with a retry's. It holds nothing that the center's row does not, and
-- no pepper stands behind it that could then never be removed.
alter table center drop column order_fingerprint;
alter table center add column order_request jsonb;

-- A key is rotated once; its successor is the one to rotate next.
create unique index api_key_successor on api_key (rotated_from) where rotated_from is not null;

-- Whether a key opens anything at p_now.
create function key_lives(k api_key, p_now timestamptz) returns boolean language sql immutable as $$
    select k.revoked_at is null and (k.expires_at is null or k.expires_at > p_now)
$$;
