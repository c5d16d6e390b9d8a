-- Webhooks: endpoints, their secrets, events, and what became of delivering them. The delivery is the queue: a worker
-- claims it (lease_until, fence), and every write it makes is conditional on its fence.
-- Lock order: deliveries by id, then webhooks by id. Leases go by this server's clock, as in 0005_generation_work.sql.

create table webhook (
    center_id        text not null references center,
    env              environment not null,
    id               text not null unique,
    url              text not null,
    events           text[] not null,                   -- as asked for, sorted; `*` alone: all that its maker may read
    types            text[] not null,                   -- what it is sent: never more than its maker may read
    fingerprint      bytea not null,                    -- SHA-256 of url and events: what a duplicate is told by
    description      text,
    status           text not null check (status in ('enabled', 'disabled')),
    disabled_reason  text check (disabled_reason in ('owner', 'gone', 'failing')),
    disabled_at      timestamptz,
    failing_since    timestamptz,                       -- of the first failure since the last success
    last_success_at  timestamptz,
    created_by       text,
    created_at       timestamptz not null,
    updated_at       timestamptz not null,
    deleted_at       timestamptz,                       -- gone for everybody; the row goes when its deliveries have gone
    primary key (center_id, env, id)
);
create index webhook_newest on webhook (center_id, env, created_at desc, id desc) where deleted_at is null;
create unique index webhook_same on webhook (center_id, env, fingerprint) where deleted_at is null;
create index webhook_deleted on webhook (deleted_at) where deleted_at is not null;

create table webhook_secret (
    center_id   text not null,
    env         environment not null,
    webhook_id  text not null,
    number      integer not null,
    sealed      bytea not null,                         -- AES-GCM, bound to this table, row and center
    created_at  timestamptz not null,
    expires_at  timestamptz,                            -- null: the newest; else it signs beside the newest until then
    primary key (center_id, env, webhook_id, number),
    foreign key (center_id, env, webhook_id) references webhook on delete cascade
);

-- One for all centers, drawn while the resource's own lock is held: so it rises per resource.
create sequence event_seq;

create table event (
    center_id   text not null,
    env         environment not null,
    id          text not null,
    seq         bigint not null,
    type        text not null,
    resource    text not null,
    body        text not null,                          -- the very text that is signed and sent
    created_at  timestamptz not null,
    primary key (center_id, env, id)
);
create index event_since on event (center_id, env, created_at, seq);
create index event_oldest on event using brin (created_at);

create table delivery (
    center_id        text not null,
    env              environment not null,
    id               text not null,
    webhook_id       text not null,
    event_id         text not null,
    seq              bigint not null,                   -- the event's
    status           text not null default 'pending' check (status in ('pending', 'succeeded', 'failed', 'discarded')),
    attempts         integer not null default 0,        -- all that were made
    tries            integer not null default 0,        -- those of the schedule under way; asked for again it begins anew
    due_at           timestamptz not null,
    lease_until      timestamptz,
    fence            bigint not null default 0,
    recovered        boolean not null default false,    -- under way since a recovery
    created_at       timestamptz not null,
    last_attempt_at  timestamptz,
    finished_at      timestamptz,
    primary key (center_id, env, id),
    unique (center_id, env, event_id, webhook_id),      -- an event is delivered to a webhook under one id
    foreign key (center_id, env, webhook_id) references webhook on delete cascade,
    foreign key (center_id, env, event_id) references event on delete cascade
) with (fillfactor = 80);
create index delivery_newest on delivery (center_id, env, webhook_id, created_at desc, id desc);
create index delivery_pending on delivery (webhook_id, due_at, seq) where status = 'pending';

create table delivery_attempt (
    center_id     text not null,
    env           environment not null,
    delivery_id   text not null,
    number        integer not null,
    at            timestamptz not null,                 -- when it began: the webhook-timestamp it was signed with
    status_code   integer,                              -- null: no answer came
    milliseconds  integer not null,
    error         text,                                 -- null: a 2xx
    answer        text,                                 -- its first kilobyte, as text
    primary key (center_id, env, delivery_id, number),
    foreign key (center_id, env, delivery_id) references delivery on delete cascade
);

-- `<prefix>_` and a UUIDv7 of that instant in lower-case base32, as gateway/ids.py makes them.
create function new_id(p_prefix text, p_now timestamptz) returns text
language plpgsql volatile as $$
declare
    -- 6 bytes of time before 10 of a random UUID, whose variant stands where it is wanted; a zero byte as padding
    v_bytes bytea := substring(int8send((extract(epoch from p_now) * 1000)::bigint) from 3)
                     || substring(uuid_send(gen_random_uuid()) from 7) || '\x00'::bytea;
    v_id text := p_prefix || '_';
    v_bit integer := 0;
begin
    v_bytes := set_byte(v_bytes, 6, 112 | (get_byte(v_bytes, 6) & 15));
    while v_bit < 130 loop
        v_id := v_id || substr('abcdefghijklmnopqrstuvwxyz234567',
            (((get_byte(v_bytes, v_bit / 8) << 8 | get_byte(v_bytes, v_bit / 8 + 1)) >> (11 - v_bit % 8)) & 31) + 1, 1);
        v_bit := v_bit + 5;
    end loop;
    return v_id;
end $$;

-- An instant as events and objects in them show it.
create function rfc3339(p_at timestamptz) returns text
language sql immutable as $$
    select to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;

-- Tells a center's webhooks what has become true, in the transaction that makes it true: one event, and one delivery for
-- each enabled webhook that wants its type. Disabled ones find it by a recovery. A center without webhooks costs a look.
-- p_resource: the id of what it is about, whose lock the caller holds. p_data: that object as the API shows it, with its
-- external_ref, without keys of answers and without secrets; what makes the body larger than 20 kB is left out.
create function emit(p_center text, p_env text, p_type text, p_resource text, p_data jsonb, p_now timestamptz) returns void
language plpgsql as $$
declare
    v_id text;
    v_seq bigint;
    v_body text;
begin
    perform from webhook w
      where w.center_id = p_center and w.env = p_env and w.deleted_at is null and w.types @> array[p_type];
    if not found then
        return;
    end if;
    v_id := new_id('evt', p_now);
    v_seq := nextval('event_seq');
    v_body := event_body(p_center, p_env, p_type, v_seq, p_data, p_now);
    if octet_length(v_body) > 20000 then
        p_data := jsonb_strip_nulls(jsonb_build_object(
            'object', p_data -> 'object', 'id', coalesce(p_data -> 'id', to_jsonb(p_resource)), 'status', p_data -> 'status',
            'version', p_data -> 'version', 'external_ref', p_data -> 'external_ref', 'truncated', true));
        v_body := event_body(p_center, p_env, p_type, v_seq, p_data, p_now);
    end if;
    insert into event (center_id, env, id, seq, type, resource, body, created_at)
    values (p_center, p_env, v_id, v_seq, p_type, p_resource, v_body, p_now);
    insert into delivery (center_id, env, id, webhook_id, event_id, seq, due_at, created_at)
    select p_center, p_env, new_id('dlv', p_now), w.id, v_id, v_seq, p_now, p_now
      from webhook w
     where w.center_id = p_center and w.env = p_env and w.deleted_at is null and w.status = 'enabled'
       and w.types @> array[p_type];
end $$;

-- The text of an event, as it is signed and sent.
create function event_body(p_center text, p_env text, p_type text, p_seq bigint, p_data jsonb, p_now timestamptz) returns text
language sql immutable as $$
    select json_build_object('type', p_type, 'timestamp', rfc3339(p_now), 'center_id', p_center, 'env', p_env,
                             'seq', p_seq, 'data', p_data)::text
$$;
