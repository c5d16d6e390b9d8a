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
    secrets_made     integer not null default 0,       -- the number of its newest secret
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
    request_id  text,                                   -- of the request that caused it, for the log
    created_at  timestamptz not null,
    primary key (center_id, env, id)
);
-- Partial, so that nobody who looks for one event by its key takes this way: the planner can't tell the two apart while
-- a table is young, and would keep to the wrong one. The indexes of deliveries begin as they do for the same reason.
create index event_since on event (center_id, env, created_at, seq) where type <> 'webhook.ping';
create index event_oldest on event using brin (created_at);
create index event_of_submission on event (center_id, env, resource) where type like 'submission.%';  -- for erasing a learner

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
    unique (event_id, webhook_id),                      -- an event is delivered to a webhook under one id
    foreign key (center_id, env, webhook_id) references webhook on delete cascade,
    foreign key (center_id, env, event_id) references event on delete cascade
) with (fillfactor = 80);
create index delivery_newest on delivery (webhook_id, created_at desc, id desc);
create index delivery_oldest on delivery using brin (created_at);
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

-- `<prefix>_` and a UUIDv7 of that instant in lower-case base32, as gateway/ids.py makes them: milliseconds, the version, and
-- what a random UUID has behind them. Spelled out letter by letter: a loop takes several times as long.
create function new_id(p_prefix text, p_now timestamptz) returns text
language plpgsql volatile as $$
declare
    v_letters constant text := 'abcdefghijklmnopqrstuvwxyz234567';
    v_hex constant text := encode(uuid_send(gen_random_uuid()), 'hex');
    v_a constant bigint := (extract(epoch from p_now) * 1000)::bigint << 12 | 1792 | ('x' || substr(v_hex, 14, 2))::bit(8)::integer;
    v_b constant bigint := ('x' || substr(v_hex, 16, 15))::bit(60)::bigint;
    v_c constant bigint := ('x' || substr(v_hex, 31, 2))::bit(8)::integer << 2;
begin
    return p_prefix || '_'
        || substr(v_letters, (v_a >> 55 & 31)::integer + 1, 1) || substr(v_letters, (v_a >> 50 & 31)::integer + 1, 1)
        || substr(v_letters, (v_a >> 45 & 31)::integer + 1, 1) || substr(v_letters, (v_a >> 40 & 31)::integer + 1, 1)
        || substr(v_letters, (v_a >> 35 & 31)::integer + 1, 1) || substr(v_letters, (v_a >> 30 & 31)::integer + 1, 1)
        || substr(v_letters, (v_a >> 25 & 31)::integer + 1, 1) || substr(v_letters, (v_a >> 20 & 31)::integer + 1, 1)
        || substr(v_letters, (v_a >> 15 & 31)::integer + 1, 1) || substr(v_letters, (v_a >> 10 & 31)::integer + 1, 1)
        || substr(v_letters, (v_a >> 5 & 31)::integer + 1, 1) || substr(v_letters, (v_a >> 0 & 31)::integer + 1, 1)
        || substr(v_letters, (v_b >> 55 & 31)::integer + 1, 1) || substr(v_letters, (v_b >> 50 & 31)::integer + 1, 1)
        || substr(v_letters, (v_b >> 45 & 31)::integer + 1, 1) || substr(v_letters, (v_b >> 40 & 31)::integer + 1, 1)
        || substr(v_letters, (v_b >> 35 & 31)::integer + 1, 1) || substr(v_letters, (v_b >> 30 & 31)::integer + 1, 1)
        || substr(v_letters, (v_b >> 25 & 31)::integer + 1, 1) || substr(v_letters, (v_b >> 20 & 31)::integer + 1, 1)
        || substr(v_letters, (v_b >> 15 & 31)::integer + 1, 1) || substr(v_letters, (v_b >> 10 & 31)::integer + 1, 1)
        || substr(v_letters, (v_b >> 5 & 31)::integer + 1, 1) || substr(v_letters, (v_b >> 0 & 31)::integer + 1, 1)
        || substr(v_letters, (v_c >> 5 & 31)::integer + 1, 1) || substr(v_letters, (v_c >> 0 & 31)::integer + 1, 1);
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
-- p_request_id: of the request that caused it; by default the one that the transaction acts for.
create function emit(
    p_center text, p_env text, p_type text, p_resource text, p_data jsonb, p_now timestamptz, p_request_id text default null)
returns void language plpgsql as $$
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
    insert into event (center_id, env, id, seq, type, resource, body, request_id, created_at)
    values (p_center, p_env, v_id, v_seq, p_type, p_resource, v_body, coalesce(p_request_id, acting_for()), p_now);
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

-- A webhook as its owner sees it, and as events about it carry it.
create function webhook_shown(p_row webhook) returns jsonb
language sql stable as $$
    select jsonb_build_object(
        'object', 'webhook', 'id', (p_row).id, 'url', (p_row).url, 'events', (p_row).events,
        'description', (p_row).description, 'status', (p_row).status, 'disabled_reason', (p_row).disabled_reason,
        'disabled_at', rfc3339((p_row).disabled_at), 'created_at', rfc3339((p_row).created_at))
$$;

-- Takes what is due: up to p_slots deliveries, of each webhook none but its first p_window that are due, whoever works on
-- them; of one that fails only the first. So at most that many of a webhook are under way, over all workers, and one
-- that answers slowly or not at all keeps no place that others need. The first of each come before the second of any.
-- A suspended center's deliveries wait until it is reinstated: what it can't read by the API it is not sent either.
create function delivery_claim(p_slots integer, p_window integer, p_lease interval, p_now timestamptz)
returns table (center_id text, env text, id text, webhook_id text, event_id text, fence bigint, tries integer, type text,
               request_id text, url text, body text, numbers integer[], sealed bytea[], failing_since timestamptz)
language sql volatile as $$
    with recursive waiting(webhook_id) as (
        (select d.webhook_id from delivery d where d.status = 'pending' order by d.webhook_id limit 1)
        union all
        select (select d.webhook_id from delivery d
                 where d.status = 'pending' and d.webhook_id > w.webhook_id order by d.webhook_id limit 1)
          from waiting w
         where w.webhook_id is not null
    ), head as (
        select d.center_id, d.env, d.id, d.lease_until, d.due_at,
               row_number() over (partition by h.id order by d.due_at, d.seq) as place
          from waiting w
          join webhook h on h.id = w.webhook_id and h.status = 'enabled' and h.deleted_at is null
          join center c on c.id = h.center_id and c.status not in ('suspended', 'ended')
         cross join lateral (
               select e.center_id, e.env, e.id, e.lease_until, e.due_at, e.seq
                 from delivery e
                where e.webhook_id = h.id and e.status = 'pending' and e.due_at <= p_now
                order by e.due_at, e.seq
                limit case when h.failing_since is null then p_window else 1 end) d
    ), chosen as (
        select h.center_id, h.env, h.id
          from head h
         where lease_lapsed(h.lease_until)
         order by h.place, h.due_at
         limit p_slots
    ), locked as (
        select d.center_id, d.env, d.id
          from delivery d
          join chosen c on c.center_id = d.center_id and c.env = d.env and c.id = d.id
         where d.status = 'pending' and d.due_at <= p_now and lease_lapsed(d.lease_until)
           for no key update of d skip locked
    ), taken as (
        update delivery d
           set lease_until = clock_timestamp() + p_lease, fence = d.fence + 1
          from locked l
         where d.center_id = l.center_id and d.env = l.env and d.id = l.id
        returning d.center_id, d.env, d.id, d.webhook_id, d.event_id, d.fence, d.tries, d.seq
    )
    select t.center_id, t.env::text, t.id, t.webhook_id, t.event_id, t.fence, t.tries, e.type, e.request_id, h.url, e.body,
           s.numbers, s.sealed, h.failing_since
      from taken t
      join event e on e.center_id = t.center_id and e.env = t.env and e.id = t.event_id
      join webhook h on h.center_id = t.center_id and h.env = t.env and h.id = t.webhook_id
      left join lateral (
           select array_agg(k.number order by k.number desc) as numbers, array_agg(k.sealed order by k.number desc) as sealed
             from webhook_secret k
            where k.center_id = t.center_id and k.env = t.env and k.webhook_id = t.webhook_id
              and (k.expires_at is null or k.expires_at > p_now)) s on true
     order by t.seq
$$;

-- What one attempt came to. outcome: succeeded, failed (due_at: when to try again; null: never), gone (the receiver wants
-- no more of anything).
create type delivery_tried as (
    center_id text, env text, id text, fence bigint, outcome text, at timestamptz, status_code integer, milliseconds integer,
    error text, answer text, due_at timestamptz);

-- What a batch of attempts says of one webhook.
create type webhook_tried as (center_id text, env text, id text, succeeded boolean, gone boolean, at timestamptz);

-- Keeps what attempts came to, all of one worker's in one statement; what another has claimed since is left out. A webhook
-- that is gone, or without a success for p_patience, is disabled, and the center's other webhooks are told.
-- Returns the webhooks that this disabled.
create function delivery_record(p_tried delivery_tried[], p_patience interval, p_now timestamptz)
returns table (center_id text, env text, webhook_id text, reason text)
language plpgsql as $$
#variable_conflict use_column
declare
    v_tried webhook_tried[];
    v_hook webhook;
begin
    with locked as (
        select d.center_id, d.env, d.id
          from delivery d
          join unnest(p_tried) t on t.center_id = d.center_id and t.env = d.env and t.id = d.id and t.fence = d.fence
         where d.status = 'pending' and d.lease_until is not null
         order by d.id
           for no key update of d
    ), kept as (
        update delivery d
           set status = case when t.outcome = 'succeeded' then 'succeeded' when t.due_at is null then 'failed'
                             else 'pending' end,
               attempts = d.attempts + 1, tries = d.tries + 1, due_at = coalesce(t.due_at, d.due_at), lease_until = null,
               recovered = d.recovered and t.outcome <> 'succeeded' and t.due_at is not null, last_attempt_at = t.at,
               finished_at = case when t.outcome = 'succeeded' or t.due_at is null then p_now end
          from locked l
          join unnest(p_tried) t on t.center_id = l.center_id and t.env = l.env and t.id = l.id
         where d.center_id = l.center_id and d.env = l.env and d.id = l.id and d.fence = t.fence
        returning d.center_id, d.env, d.id, d.webhook_id, d.attempts, t.outcome, t.at, t.status_code, t.milliseconds,
                  t.error, t.answer
    ), logged as (
        insert into delivery_attempt (center_id, env, delivery_id, number, at, status_code, milliseconds, error, answer)
        select k.center_id, k.env, k.id, k.attempts, k.at, k.status_code, k.milliseconds, k.error, k.answer from kept k
    )
    select array_agg(row(w.center_id, w.env, w.webhook_id, w.succeeded, w.gone, w.at)::webhook_tried order by w.webhook_id)
      into v_tried
      from (select k.center_id, k.env, k.webhook_id, bool_or(k.outcome = 'succeeded') as succeeded,
                   bool_or(k.outcome = 'gone') as gone, min(k.at) as at
              from kept k
             group by k.center_id, k.env, k.webhook_id
            having bool_or(k.error is distinct from 'secret')) w;  -- which is our own failure, and nobody's who receives
    -- Once a minute is often enough to say that all is well: a busy webhook's row is not written by every delivery.
    perform from webhook h
       join unnest(v_tried) t on t.center_id = h.center_id and t.env = h.env and t.id = h.id
      where not t.succeeded or h.failing_since is not null or h.last_success_at is null
         or h.last_success_at < p_now - interval '1 minute'
      order by h.id
        for no key update of h;
    update webhook h
       set failing_since = case when t.succeeded then null else coalesce(h.failing_since, t.at) end,
           last_success_at = case when t.succeeded then p_now else h.last_success_at end
      from unnest(v_tried) t
     where t.center_id = h.center_id and t.env = h.env and t.id = h.id
       and case when t.succeeded then h.failing_since is not null or h.last_success_at is null
                                      or h.last_success_at < p_now - interval '1 minute'
                else h.failing_since is null end;
    for v_hook in
        update webhook h
           set status = 'disabled', disabled_at = p_now, updated_at = p_now,
               disabled_reason = case when t.gone then 'gone' else 'failing' end
          from unnest(v_tried) t
         where t.center_id = h.center_id and t.env = h.env and t.id = h.id and h.status = 'enabled' and h.deleted_at is null
           and (t.gone or (not t.succeeded and h.failing_since <= p_now - p_patience))
        returning h.*
    loop
        perform emit(v_hook.center_id, v_hook.env, 'webhook.disabled', v_hook.id, webhook_shown(v_hook), p_now);
        return query select v_hook.center_id, v_hook.env::text, v_hook.id, v_hook.disabled_reason;
    end loop;
end $$;

-- Hands claims back in good order: due at once, without an attempt.
create function delivery_hand_back(p_given delivery_tried[]) returns void
language sql as $$
    update delivery d
       set lease_until = null
      from unnest(p_given) t
     where t.center_id = d.center_id and t.env = d.env and t.id = d.id and t.fence = d.fence and d.status = 'pending'
$$;

-- Ends what nobody will deliver: of webhooks that are disabled or deleted, of centers that have ended; and brings near what a clock that was set back
-- has put far away: what was never tried is due, and what seems tried in the future is due at once.
create function delivery_sweep(p_limit integer, p_now timestamptz) returns integer
language plpgsql as $$
declare
    v_discarded integer;
begin
    update delivery d
       set status = 'discarded', finished_at = p_now, lease_until = null, recovered = false
     where d.ctid = any (array(
               select e.ctid
                 from delivery e
                 join webhook h on h.center_id = e.center_id and h.env = e.env and h.id = e.webhook_id
                 join center c on c.id = e.center_id
                where e.status = 'pending' and (h.status = 'disabled' or h.deleted_at is not null or c.status = 'ended')
                  and lease_lapsed(e.lease_until)
                limit p_limit
                  for no key update of e skip locked));
    get diagnostics v_discarded = row_count;
    update delivery d
       set due_at = p_now
     where d.ctid = any (array(
               select e.ctid
                 from delivery e
                where e.status = 'pending' and e.due_at > p_now + interval '1 minute'
                  and (e.tries = 0 or e.last_attempt_at > p_now + interval '1 minute')
                limit p_limit
                  for no key update skip locked));
    return v_discarded;
end $$;

-- Sends a delivery once more, as if its event were new. outcome: redelivered, busy (it is under way this very moment).
create function delivery_again(p_center text, p_env text, p_id text, p_now timestamptz) returns text
language plpgsql as $$
declare
    v_row delivery;
begin
    select * into v_row from delivery d where d.center_id = p_center and d.env = p_env and d.id = p_id for no key update;
    if v_row.status = 'pending' and not lease_lapsed(v_row.lease_until) then
        return 'busy';
    end if;
    update delivery d
       set status = 'pending', tries = 0, due_at = p_now, lease_until = null, finished_at = null
     where d.center_id = p_center and d.env = p_env and d.id = p_id;
    return 'redelivered';
end $$;

-- Delivers what a webhook missed since p_since and since it was made: events of its types whose delivery ended without
-- success, or that were never meant for it since it was disabled; the oldest p_limit. outcome: recovering, busy (an earlier recovery is under
-- way), disabled. `behind` is the time of the first event
-- left for another recovery; null where there is none.
create function webhook_recover(
    p_center text, p_env text, p_id text, p_since timestamptz, p_limit integer, p_now timestamptz,
    out outcome text, out events integer, out behind timestamptz)
language plpgsql as $$
declare
    v_hook webhook;
    v_missed text[];
    v_times timestamptz[];
begin
    select * into v_hook from webhook w where w.center_id = p_center and w.env = p_env and w.id = p_id for no key update;
    if v_hook.status <> 'enabled' then
        outcome := 'disabled';
        return;
    end if;
    perform from delivery d where d.webhook_id = p_id and d.status = 'pending' and d.recovered limit 1;
    if found then
        outcome := 'busy';
        return;
    end if;
    select array_agg(m.id order by m.created_at, m.seq), array_agg(m.created_at order by m.created_at, m.seq)
      into v_missed, v_times
      from (select e.id, e.created_at, e.seq
              from event e
              left join delivery d on d.center_id = e.center_id and d.env = e.env and d.event_id = e.id
                                  and d.webhook_id = p_id
             where e.center_id = p_center and e.env = p_env and e.created_at >= greatest(p_since, v_hook.created_at)
               and e.type = any (v_hook.types) and e.type <> 'webhook.ping'
               and (d.id is null or d.status in ('failed', 'discarded'))
             order by e.created_at, e.seq
             limit p_limit + 1) m;
    outcome := 'recovering';
    events := least(cardinality(coalesce(v_missed, '{}')), p_limit);
    behind := v_times[p_limit + 1];
    insert into delivery as d (center_id, env, id, webhook_id, event_id, seq, due_at, recovered, created_at)
    select p_center, p_env, new_id('dlv', p_now), p_id, e.id, e.seq, p_now, true, p_now
      from event e
     where e.center_id = p_center and e.env = p_env and e.id = any (v_missed[1:p_limit])
     order by e.id
        on conflict (event_id, webhook_id) do update
       set status = 'pending', tries = 0, due_at = p_now, lease_until = null, finished_at = null, recovered = true
     where d.status in ('failed', 'discarded');
end $$;

-- A ping that was sent just now, as the log of deliveries shows it. It is no event for anybody else.
create function webhook_pinged(
    p_center text, p_env text, p_webhook text, p_event text, p_delivery text, p_seq bigint, p_body text, p_at timestamptz,
    p_status_code integer, p_milliseconds integer, p_error text, p_answer text, p_now timestamptz) returns void
language sql as $$
    with hook as (
        select from webhook w
         where w.center_id = p_center and w.env = p_env and w.id = p_webhook and w.deleted_at is null
    ), noted as (
        insert into event (center_id, env, id, seq, type, resource, body, created_at)
        select p_center, p_env, p_event, p_seq, 'webhook.ping', p_webhook, p_body, p_at from hook
    ), tried as (
        insert into delivery (center_id, env, id, webhook_id, event_id, seq, status, attempts, tries, due_at, created_at,
                              last_attempt_at, finished_at)
        select p_center, p_env, p_delivery, p_webhook, p_event, p_seq,
               case when p_error is null then 'succeeded' else 'failed' end, 1, 1, p_at, p_at, p_at, p_now
          from hook
    )
    insert into delivery_attempt (center_id, env, delivery_id, number, at, status_code, milliseconds, error, answer)
    select p_center, p_env, p_delivery, 1, p_at, p_status_code, p_milliseconds, p_error, p_answer from hook
$$;

-- What is due and not yet made; what waits for a center's reinstatement is not due.
create function delivery_waiting(p_now timestamptz, out waiting bigint, out oldest_seconds double precision)
language sql stable as $$
    select count(*), coalesce(extract(epoch from p_now - min(d.due_at)), 0)::double precision
      from delivery d
      join center c on c.id = d.center_id and c.status <> 'suspended'
     where d.status = 'pending' and d.due_at <= p_now
$$;

-- A center that has ended keeps no webhooks, so that nothing is written for it any more. One that is reinstated has all
-- patience with its own: while it was suspended nothing could arrive.
create function center_told() returns trigger language plpgsql as $$
begin
    -- In the order in which whoever settles deliveries takes them.
    perform from webhook w where w.center_id = new.id and w.deleted_at is null order by w.id for no key update;
    if new.status = 'ended' then
        update webhook w set deleted_at = new.updated_at, updated_at = new.updated_at
         where w.center_id = new.id and w.deleted_at is null;
        delete from webhook_secret s where s.center_id = new.id;
    else
        update webhook w set failing_since = new.updated_at where w.center_id = new.id and w.failing_since < new.updated_at;
    end if;
    return null;
end $$;
create trigger center_told after update of status on center
    for each row when (old.status <> new.status and (new.status = 'ended' or old.status = 'suspended'))
    execute function center_told();

-- What an event says once its learner was erased: all but who it was, as its totals stay.
create function event_without_learner(p_body text) returns text
language sql immutable as $$
    select jsonb_set(p_body::jsonb, '{data,learner_ref}', 'null')::json::text
$$;
