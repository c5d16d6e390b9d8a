-- Quotas: periods, counters, holds, the ledger, and the functions that alone may change them. A function is
-- one decision; it returns refusals and leaves it to its caller to abort. Everything here is right under READ
-- COMMITTED and any number of callers: counters change by conditional updates, a hold moves only from the state
-- it is in, and nobody but the caller whose update hit that one row touches a counter.
--
-- Lock order, after claim and course: center (only when a period is first used), hold, generation counter,
-- regenerations counter, lineage, center_counter; several of one kind by id.
-- Hot tables carry no foreign keys: the functions are their only writers, and reconcile proves the sums.

create domain meter as text check (value in ('generation', 'regenerations'));
create domain hold_state as text check (value in ('HELD', 'SETTLED', 'RELEASED', 'EXPIRED', 'REFUNDED'));
create domain ledger_kind as text check (value in ('hold', 'settle', 'release', 'expire', 'refund', 'grant'));
create domain tally as bigint check (value >= 0);   -- nothing is clamped: what would go below zero fails

create table quota_period (
    center_id  text not null references center,
    start_at   timestamptz not null,
    end_at     timestamptz not null check (end_at > start_at),
    primary key (center_id, start_at)
);

create table quota_counter (
    center_id       text not null references center,
    env             environment not null,
    meter           meter not null,
    period_start    timestamptz not null,
    period_end      timestamptz not null,           -- the stored period's; it never changes
    settled         tally not null default 0,
    held            tally not null default 0,
    granted         tally not null default 0,
    version         bigint not null default 0,      -- rises with every change
    limits_version  bigint not null default 0,      -- the limits_revision that locked it last
    peak_percent    bigint not null default 0,      -- the most of the allowance that was ever used
    peak_before     bigint not null default 0,      -- ... and before the last hold: alerts lie between the two
    primary key (center_id, env, meter, period_start),
    foreign key (center_id, period_start) references quota_period
) with (fillfactor = 50);                           -- one hot row: its versions stay on one page

create table center_counter (
    center_id       text not null references center,
    env             environment not null,
    running         tally not null default 0,
    version         bigint not null default 0,
    limits_version  bigint not null default 0,
    primary key (center_id, env)
) with (fillfactor = 50);

-- Counts `regenerations_per_artifact` over all copies of an artifact and for ever.
create table quota_lineage (
    center_id   text not null references center,
    env         environment not null,
    lineage_id  text not null,
    settled     tally not null default 0,
    held        tally not null default 0,
    primary key (center_id, env, lineage_id)
);

create table quota_hold (
    id              text primary key,
    center_id       text not null,
    env             text not null,
    meter           text not null,
    period_start    timestamptz not null,
    owner_id        text not null,                  -- the generation or regeneration
    subject_id      text not null,                  -- the course
    lineage_id      text,
    state           hold_state not null,
    units           tally not null,
    settled_units   tally not null default 0,
    refunded_units  tally not null default 0,
    deadline_at     timestamptz,                    -- set by a lease alone; queued and paused holds have none
    created_at      timestamptz not null,
    ended_at        timestamptz,
    check (units > 0 and settled_units <= units and refunded_units <= settled_units)
);
create index quota_hold_due on quota_hold (deadline_at) where state = 'HELD' and deadline_at is not null;
create index quota_hold_charged on quota_hold (owner_id) where settled_units > 0;

create table quota_ledger (
    id            bigint generated always as identity primary key,
    at            timestamptz not null,
    center_id     text not null,
    env           text not null,
    meter         text not null,
    period_start  timestamptz not null,
    kind          ledger_kind not null,
    units         bigint not null,
    settled       bigint not null default 0,        -- what the line adds to each counter
    held          bigint not null default 0,
    granted       bigint not null default 0,
    hold_id       text,
    reason        text,
    actor         text,
    request_id    text
);

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger append_only before update or delete or truncate on quota_ledger
    for each statement execute function refuse_change();
alter table quota_ledger enable always trigger append_only;

-- One row. The epoch orders what is published before anything a version says: it rises when the database turns
-- out to be another than the one that wrote it (restored, recovered to a point in time, failed over).
create table database_epoch (
    one    boolean primary key default true check (one),
    epoch  bigint not null,                         -- microseconds since 1970 when this life was first seen
    life   text not null
);
insert into database_epoch (epoch, life) values ((extract(epoch from clock_timestamp()) * 1000000)::bigint, '');

create function database_epoch_refresh() returns bigint language plpgsql as $$
declare
    now_life text;
    seen bigint;
begin
    if current_setting('transaction_read_only')::boolean then   -- a standby too
        select epoch into seen from database_epoch;
        return seen;
    end if;
    select concat_ws(':', s.system_identifier, d.oid, 'database_epoch'::regclass::oid, left(pg_walfile_name(pg_current_wal_lsn()), 8))
      into now_life from pg_control_system() s, pg_database d where d.datname = current_database();
    select epoch into seen from database_epoch where life = now_life;
    if not found then
        update database_epoch
           set epoch = greatest(epoch + 1, (extract(epoch from clock_timestamp()) * 1000000)::bigint), life = now_life
         where life <> now_life;
        select epoch into seen from database_epoch;
    end if;
    return seen;
end $$;
select database_epoch_refresh();

-- Rises whenever a limit of the center changes, counters or not. Added to a counter's version it orders what is
-- published: two states with one sum are the same state.
create table limits_revision (
    center_id  text primary key references center,
    revision   bigint not null
);

-- What a center may use now, with the revision that says how new this is; NULL = unlimited.
create view center_allowance as
select l.center_id, l.generation_units_per_month, l.regenerations_per_month, l.regenerations_per_artifact,
       l.concurrent_generations, l.alert_percents, coalesce(r.revision, 0) as revision, l.plan_id
  from effective_limit l
  left join limits_revision r on r.center_id = l.center_id;

-- The test env runs at most 2.
create function running_allowed(p_env text, p_limit bigint) returns bigint language sql immutable as $$
    select case p_env when 'test' then least(p_limit, 2) else p_limit end
$$;

-- A counter as it stands, with what its center may use of it; NULL = unlimited.
create view quota_state as
select q.center_id, q.env, q.meter, q.period_start, q.period_end, q.settled, q.held, q.granted, q.version + a.revision as version,
       case q.meter when 'generation' then a.generation_units_per_month else a.regenerations_per_month end + q.granted as allowed
  from quota_counter q
  join center_allowance a on a.center_id = q.center_id;

-- How many generations run and may run.
create view running_state as
select k.center_id, k.env, k.running, k.version + a.revision as version, running_allowed(k.env, a.concurrent_generations) as allowed
  from center_counter k
  join center_allowance a on a.center_id = k.center_id;

-- A changed limit locks the counters that admit by it: what was admitted on the old one is committed before, and
-- a hold that was waiting decides again.
create function limits_changed() returns trigger language plpgsql as $$
declare
    changed text;
    newest timestamptz;
    now_revision bigint;
begin
    if tg_table_name = 'center' then changed := new.id;
    elsif tg_op = 'DELETE' then changed := old.center_id;
    else changed := new.center_id;
    end if;
    insert into limits_revision as r (center_id, revision) values (changed, 1)
        on conflict (center_id) do update set revision = r.revision + 1 returning revision into now_revision;
    select max(start_at) into newest from quota_period where center_id = changed;
    perform 1 from quota_counter where center_id = changed and period_start >= newest order by env, meter for update;
    update quota_counter set limits_version = now_revision where center_id = changed and period_start >= newest;
    update center_counter set limits_version = now_revision where center_id = changed;
    return null;
end $$;
create trigger limits_changed after insert or update or delete on center_limit
    for each row execute function limits_changed();
create trigger limits_changed after update of plan_id on center
    for each row when (old.plan_id is distinct from new.plan_id) execute function limits_changed();

-- A changed plan locks no counter, for it may be everybody's: a hold in that very moment may still go by the old one.
create function plan_changed() returns trigger language plpgsql as $$
begin
    insert into limits_revision as r (center_id, revision)
    select id, 1 from center where plan_id = new.id order by id
        on conflict (center_id) do update set revision = r.revision + 1;
    return null;
end $$;
create trigger plan_changed after update on plan
    for each row when (old.* is distinct from new.*) execute function plan_changed();

-- All of a center and env at one moment, used yet or not, a row a meter. The period is the stored one that covers
-- p_now, or else the caller's. What a reader finds missing or stale in the mirror is read here: so this is where a
-- restored database is noticed, a few seconds after the first reader and without any hand.
create function quota_counts(p_center text, p_env text, p_start timestamptz, p_end timestamptz, p_now timestamptz)
returns table (meter text, period_start timestamptz, period_end timestamptz, allowed bigint, settled bigint, held bigint, granted bigint,
               version bigint, running bigint, running_allowed bigint, running_version bigint, epoch bigint)
language sql volatile as $$
    select m.meter, p.start_at, p.end_at,
           case m.meter when 'generation' then l.generation_units_per_month else l.regenerations_per_month end + coalesce(q.granted, 0),
           coalesce(q.settled, 0), coalesce(q.held, 0), coalesce(q.granted, 0), coalesce(q.version, 0) + coalesce(r.revision, 0),
           coalesce(k.running, 0), case p_env when 'test' then least(l.concurrent_generations, 2) else l.concurrent_generations end,
           coalesce(k.version, 0) + coalesce(r.revision, 0), e.epoch
      from effective_limit l
     cross join (select database_epoch_refresh() as epoch) e
     cross join (values ('generation'), ('regenerations')) m (meter)
     cross join lateral (
            (select start_at, end_at from quota_period
              where center_id = p_center and start_at <= p_now and end_at > p_now order by start_at desc limit 1)
            union all select p_start, p_end limit 1) p
      left join limits_revision r on r.center_id = l.center_id
      left join center_counter k on k.center_id = l.center_id and k.env = p_env
      left join quota_counter q on q.center_id = l.center_id and q.env = p_env and q.meter = m.meter and q.period_start = p.start_at
     where l.center_id = p_center
     order by m.meter
$$;

-- The stored period that covers p_now, or else the caller's, cut where its neighbours begin and end; stored under
-- the center's row lock, so that two first callers agree.
create function quota_period_open(p_center text, p_start timestamptz, p_end timestamptz, p_now timestamptz)
returns quota_period language plpgsql as $$
declare
    found_period quota_period;
begin
    select * into found_period from quota_period
     where center_id = p_center and start_at <= p_now order by start_at desc limit 1;
    if found_period.end_at > p_now then return found_period; end if;
    perform 1 from center where id = p_center for no key update;
    select * into found_period from quota_period
     where center_id = p_center and start_at <= p_now order by start_at desc limit 1;
    if found_period.end_at > p_now then return found_period; end if;
    if p_start > p_now or p_end <= p_now then
        raise exception 'the period % to % does not hold %', p_start, p_end, p_now using errcode = 'invalid_parameter_value';
    end if;
    insert into quota_period (center_id, start_at, end_at)
    select p_center, greatest(p_start, found_period.end_at),
           least(p_end, (select min(start_at) from quota_period where center_id = p_center and start_at > p_now))
    returning * into found_period;
    return found_period;
end $$;

-- Makes the period and the counter where this is their first use, and locks the counter.
create function quota_counter_lock(p_center text, p_env text, p_meter text, p_start timestamptz, p_end timestamptz, p_now timestamptz)
returns timestamptz language plpgsql as $$
declare
    period quota_period := quota_period_open(p_center, p_start, p_end, p_now);
begin
    insert into quota_counter (center_id, env, meter, period_start, period_end)
    values (p_center, p_env, p_meter, period.start_at, period.end_at) on conflict do nothing;
    perform 1 from quota_counter
      where center_id = p_center and env = p_env and meter = p_meter and period_start = period.start_at for update;
    return period.start_at;
end $$;

-- What came of a wish for units. NULL outcome: nothing was written, and whoever asked decides again under the lock.
create type hold_outcome as (
    outcome text /* held, quota_exceeded, lineage_cap */, allowed bigint /* limit + granted; null = unlimited */,
    settled bigint, held bigint, version bigint, period_start timestamptz, period_end timestamptz, alerts bigint[],
    lineage_used bigint, lineage_cap bigint, granted bigint);

create function alerts_between(p_percents bigint[], p_before bigint, p_peak bigint) returns bigint[] language sql immutable as $$
    select array(select t from unnest(p_percents) t where t > p_before and t <= p_peak order by t)
$$;

-- Holds p_units where they fit into p_limit, which was read together with p_revision by an earlier statement. Whoever
-- changes a limit leaves his revision on the counter, under its lock: an update that waited for him finds a newer one
-- there than its own, and does nothing.
create function quota_take(
    p_center text, p_env text, p_meter text, p_period_start timestamptz, p_hold text, p_owner text, p_subject text, p_units bigint,
    p_lineage text, p_request_id text, p_actor text, p_now timestamptz, p_limit bigint, p_revision bigint, p_percents bigint[])
returns hold_outcome language plpgsql as $$
declare
    h hold_outcome;
begin
    update quota_counter q
       set held = q.held + p_units, version = q.version + 1, peak_before = q.peak_percent,
           peak_percent = greatest(q.peak_percent, (q.settled + q.held + p_units) * 100 / nullif(p_limit + q.granted, 0))
     where q.center_id = p_center and q.env = p_env and q.meter = p_meter and q.period_start = p_period_start
       and q.period_start <= p_now and q.period_end > p_now and q.limits_version <= p_revision
       and (p_limit is null or q.settled + q.held + p_units <= p_limit + q.granted)
    returning 'held', p_limit + q.granted, q.settled, q.held, q.version + p_revision, q.period_start, q.period_end,
              case when q.peak_percent > q.peak_before then alerts_between(p_percents, q.peak_before, q.peak_percent) else '{}' end,
              null, null, q.granted
         into h;
    if found then
        insert into quota_hold (id, center_id, env, meter, period_start, owner_id, subject_id, lineage_id, state, units, created_at)
        values (p_hold, p_center, p_env, p_meter, p_period_start, p_owner, p_subject, p_lineage, 'HELD', p_units, p_now);
        insert into quota_ledger (at, center_id, env, meter, period_start, kind, units, held, hold_id, actor, request_id)
        values (p_now, p_center, p_env, p_meter, p_period_start, 'hold', p_units, p_units, p_hold, p_actor, p_request_id);
        if cardinality(h.alerts) > 0 then
            perform tell_quota(p_center, p_env, p_meter, h, p_now, p_request_id);
        end if;
    end if;
    return h;
end $$;

-- Holds p_units, of the meter and (with p_lineage) of the artifact's own cap: both or neither. Decided without a
-- lock where it fits; what does not fit, or meets a changed limit, is decided again under the counter's lock.
create function quota_hold(
    p_center text, p_env text, p_meter text, p_period_start timestamptz, p_period_end timestamptz, p_hold text, p_owner text,
    p_subject text, p_units bigint, p_lineage text, p_request_id text, p_actor text, p_now timestamptz)
returns hold_outcome language plpgsql as $$
declare
    h hold_outcome;
    v_start timestamptz := p_period_start;
    v_locked boolean := p_lineage is not null;
    v_taken boolean;
    v_used bigint;
    v_cap bigint;
    v_limit bigint;
    v_revision bigint;
    v_percents bigint[];
begin
    if p_units <= 0 then raise exception 'a hold of % units', p_units using errcode = 'invalid_parameter_value'; end if;
    if v_locked then v_start := quota_counter_lock(p_center, p_env, p_meter, p_period_start, p_period_end, p_now); end if;
    loop
        if p_lineage is not null then
            select u.taken, u.used, u.cap into v_taken, v_used, v_cap from lineage_hold(p_center, p_env, p_lineage, p_units) u;
        end if;
        if v_taken is not false then
            select case p_meter when 'generation' then a.generation_units_per_month else a.regenerations_per_month end, a.revision,
                   a.alert_percents
              into v_limit, v_revision, v_percents
              from center_allowance a where a.center_id = p_center;
            h := quota_take(p_center, p_env, p_meter, v_start, p_hold, p_owner, p_subject, p_units, p_lineage, p_request_id, p_actor,
                            p_now, v_limit, v_revision, v_percents);
        end if;
        exit when h.outcome is not null or v_locked;
        v_start := quota_counter_lock(p_center, p_env, p_meter, p_period_start, p_period_end, p_now);
        v_locked := true;
    end loop;
    if h.outcome is null then
        if v_taken then
            update quota_lineage l set held = l.held - p_units
             where l.center_id = p_center and l.env = p_env and l.lineage_id = p_lineage returning l.settled + l.held into v_used;
        end if;
        select case when v_taken is false then 'lineage_cap' else 'quota_exceeded' end,
               s.allowed, s.settled, s.held, s.version, s.period_start, s.period_end, '{}', null, null, s.granted
          into h
          from quota_state s
         where s.center_id = p_center and s.env = p_env and s.meter = p_meter and s.period_start = v_start;
    end if;
    h.lineage_used := v_used;
    h.lineage_cap := v_cap;
    return h;
end $$;

-- The artifact's own cap; called under the counter's lock.
create function lineage_hold(p_center text, p_env text, p_lineage text, p_units bigint, out taken boolean, out used bigint, out cap bigint)
language plpgsql as $$
begin
    insert into quota_lineage (center_id, env, lineage_id) values (p_center, p_env, p_lineage) on conflict do nothing;
    update quota_lineage n set held = n.held + p_units
      from effective_limit l
     where n.center_id = p_center and n.env = p_env and n.lineage_id = p_lineage and l.center_id = p_center
       and (l.regenerations_per_artifact is null or n.settled + n.held + p_units <= l.regenerations_per_artifact)
    returning n.settled + n.held, l.regenerations_per_artifact into used, cap;
    taken := found;
    if not taken then
        select n.settled + n.held, l.regenerations_per_artifact into used, cap
          from quota_lineage n join effective_limit l on l.center_id = n.center_id
         where n.center_id = p_center and n.env = p_env and n.lineage_id = p_lineage;
    end if;
end $$;

-- What became of a hold or a counter. changed = false: it was not in a state to be changed; nothing was written.
create type quota_change as (
    changed boolean, state text, units bigint, settled_units bigint, refunded_units bigint,
    center_id text, env text, meter text, period_start timestamptz, period_end timestamptz,
    allowed bigint, settled bigint, held bigint, granted bigint, version bigint);

create function quota_change_of(p_changed boolean, h quota_hold) returns quota_change language sql stable as $$
    select (p_changed, h.state, h.units, h.settled_units, h.refunded_units, s.center_id, s.env, s.meter, s.period_start, s.period_end,
            s.allowed, s.settled, s.held, s.granted, s.version)::quota_change
      from (select 1) one
      left join quota_state s on s.center_id = h.center_id and s.env = h.env and s.meter = h.meter and s.period_start = h.period_start
$$;

create function quota_unchanged(p_hold text) returns quota_change language plpgsql as $$
declare
    h quota_hold;
begin
    select * into h from quota_hold where id = p_hold;
    return quota_change_of(false, h);
end $$;

-- The step of a hold that its caller has just won: counter, lineage and one line of the ledger.
create function quota_move(h quota_hold, p_kind text, p_units bigint, p_settled bigint, p_held bigint,
                           p_reason text, p_actor text, p_request_id text, p_now timestamptz)
returns quota_change language plpgsql as $$
begin
    update quota_counter set settled = settled + p_settled, held = held + p_held, version = version + 1
     where center_id = h.center_id and env = h.env and meter = h.meter and period_start = h.period_start;
    if h.lineage_id is not null then
        update quota_lineage set settled = settled + p_settled, held = held + p_held
         where center_id = h.center_id and env = h.env and lineage_id = h.lineage_id;
    end if;
    insert into quota_ledger (at, center_id, env, meter, period_start, kind, units, settled, held, hold_id, reason, actor, request_id)
    values (p_now, h.center_id, h.env, h.meter, h.period_start, p_kind, p_units, p_settled, p_held, h.id, p_reason, p_actor, p_request_id);
    return quota_change_of(true, h);
end $$;

create function quota_release(p_hold text, p_request_id text, p_now timestamptz) returns quota_change language plpgsql as $$
declare
    h quota_hold;
begin
    update quota_hold set state = 'RELEASED', deadline_at = null, ended_at = p_now
     where id = p_hold and state = 'HELD' returning * into h;
    if not found then return quota_unchanged(p_hold); end if;
    return quota_move(h, 'release', h.units, 0, -h.units, null, null, p_request_id, p_now);
end $$;

-- Settles exactly p_units of the hold and frees the rest; 0 releases it. After an expiry once: p_units is still
-- the total, and only what the expiry had not charged is added, within the limit or not, for the work was done.
create function quota_settle(p_hold text, p_units bigint, p_request_id text, p_now timestamptz) returns quota_change language plpgsql as $$
declare
    h quota_hold;
    charged bigint;
begin
    if p_units = 0 then return quota_release(p_hold, p_request_id, p_now); end if;
    update quota_hold set state = 'SETTLED', settled_units = p_units, deadline_at = null, ended_at = p_now
     where id = p_hold and state = 'HELD' returning * into h;
    if found then
        return quota_move(h, 'settle', p_units, p_units, -h.units, null, null, p_request_id, p_now);
    end if;
    select settled_units into charged from quota_hold where id = p_hold and state = 'EXPIRED' for update;
    if not found then return quota_unchanged(p_hold); end if;
    update quota_hold set state = 'SETTLED', settled_units = greatest(p_units, charged), ended_at = p_now
     where id = p_hold and state = 'EXPIRED' returning * into h;
    return quota_move(h, 'settle', h.settled_units, h.settled_units - charged, 0, null, null, p_request_id, p_now);
end $$;

-- Ends a hold whose deadline has passed by the database's own clock; p_units = what was committed until then.
create function quota_expire(p_hold text, p_request_id text, p_now timestamptz, p_units bigint default 0)
returns quota_change language plpgsql as $$
declare
    h quota_hold;
begin
    update quota_hold set state = 'EXPIRED', settled_units = p_units, deadline_at = null, ended_at = p_now
     where id = p_hold and state = 'HELD' and deadline_at <= clock_timestamp() returning * into h;
    if not found then return quota_unchanged(p_hold); end if;
    return quota_move(h, 'expire', h.units, p_units, -h.units, null, null, p_request_id, p_now);
end $$;

-- Gives back what was charged, once, and never more than that: else nothing changes.
create function quota_refund(p_hold text, p_units bigint, p_reason text, p_actor text, p_request_id text, p_now timestamptz)
returns quota_change language plpgsql as $$
declare
    h quota_hold;
    v_change quota_change;
begin
    update quota_hold set state = 'REFUNDED', refunded_units = p_units
     where id = p_hold and state in ('SETTLED', 'EXPIRED') and p_units between 1 and settled_units returning * into h;
    if not found then return quota_unchanged(p_hold); end if;
    v_change := quota_move(h, 'refund', p_units, -p_units, 0, p_reason, p_actor, p_request_id, p_now);
    perform seal(h.center_id, h.env, 'quota.refunded', coalesce(p_actor, 'gateway'), h.subject_id,
                 jcs(jsonb_build_object('meter', h.meter, 'period_start', rfc3339(h.period_start))),
                 jcs(jsonb_build_object('hold', h.id, 'owner', h.owner_id, 'settled_units', h.settled_units::bigint, 'units', p_units)),
                 jcs(jsonb_build_object('reason', p_reason)), p_request_id, p_now);
    return v_change;
end $$;

create function quota_grant(p_center text, p_env text, p_meter text, p_period_start timestamptz, p_period_end timestamptz,
                            p_units bigint, p_reason text, p_actor text, p_request_id text, p_now timestamptz)
returns quota_change language plpgsql as $$
declare
    h quota_hold;
    v_change quota_change;
begin
    if p_units <= 0 then raise exception 'a grant of % units', p_units using errcode = 'invalid_parameter_value'; end if;
    h.center_id := p_center; h.env := p_env; h.meter := p_meter;
    h.period_start := quota_counter_lock(p_center, p_env, p_meter, p_period_start, p_period_end, p_now);
    update quota_counter set granted = granted + p_units, version = version + 1
     where center_id = p_center and env = p_env and meter = p_meter and period_start = h.period_start;
    insert into quota_ledger (at, center_id, env, meter, period_start, kind, units, granted, reason, actor, request_id)
    values (p_now, p_center, p_env, p_meter, h.period_start, 'grant', p_units, p_units, p_reason, p_actor, p_request_id);
    v_change := quota_change_of(true, h);
    perform seal(p_center, p_env, 'quota.granted', coalesce(p_actor, 'gateway'), p_center,
                 jcs(jsonb_build_object('meter', p_meter, 'period_start', rfc3339(h.period_start))),
                 jcs(jsonb_build_object('granted', v_change.granted, 'units', p_units)),
                 jcs(jsonb_build_object('reason', p_reason)), p_request_id, p_now);
    return v_change;
end $$;

-- A lease is what sets a deadline (its end and 5 minutes); null takes it back.
create function quota_set_deadline(p_hold text, p_deadline timestamptz) returns quota_change language plpgsql as $$
declare
    h quota_hold;
begin
    update quota_hold set deadline_at = p_deadline where id = p_hold and state = 'HELD' returning * into h;
    return case when found then quota_change_of(true, h) else quota_unchanged(p_hold) end;
end $$;

create type running_outcome as (admitted boolean, running bigint, allowed bigint, version bigint);

-- Counts one more where p_allowed has room; like quota_take. All NULL: nothing was written.
create function running_take(p_center text, p_env text, p_allowed bigint, p_revision bigint) returns running_outcome language plpgsql as $$
declare
    r running_outcome;
begin
    update center_counter k set running = k.running + 1, version = k.version + 1
     where k.center_id = p_center and k.env = p_env and k.limits_version <= p_revision
       and (p_allowed is null or k.running < p_allowed)
    returning true, k.running, p_allowed, k.version + p_revision into r;
    return r;
end $$;

create function running_raise(p_center text, p_env text) returns running_outcome language plpgsql as $$
declare
    r running_outcome;
    v_allowed bigint;
    v_revision bigint;
begin
    for attempt in 1..2 loop
        select running_allowed(p_env, a.concurrent_generations), a.revision into v_allowed, v_revision
          from center_allowance a where a.center_id = p_center;
        r := running_take(p_center, p_env, v_allowed, v_revision);
        exit when r.admitted or attempt = 2;
        -- The first of its center, a limit that has just changed, or no room: once more, on the row under its lock.
        insert into center_counter (center_id, env) values (p_center, p_env) on conflict do nothing;
        perform 1 from center_counter where center_id = p_center and env = p_env for update;
    end loop;
    if r.admitted is null then
        select false, s.running, s.allowed, s.version into r from running_state s where s.center_id = p_center and s.env = p_env;
    end if;
    return r;
end $$;

create function running_lower(p_center text, p_env text) returns running_outcome language plpgsql as $$
declare
    r running_outcome;
    v_admitted boolean;
begin
    update center_counter k set running = k.running - 1, version = k.version + 1
     where k.center_id = p_center and k.env = p_env;
    v_admitted := found;
    select v_admitted, s.running, s.allowed, s.version into r from running_state s where s.center_id = p_center and s.env = p_env;
    return r;
end $$;

-- Work that has not ended: what reconcile holds the running counts and the open holds against.
create view open_work as
select center_id, env, id as owner_id, hold_id, status <> 'paused' as running
  from generation where status in ('queued', 'running', 'paused')
union all
select center_id, env, id, hold_id, false
  from regeneration where status in ('queued', 'running');
