-- Quotas: periods, counters, holds, the ledger, and the functions that alone may change them. A function is
-- one decision; it returns refusals and leaves it to its caller to abort. Everything here is right under READ
-- COMMITTED and any number of callers: counters change by conditional updates, a hold moves only from the state
-- it is in, and nobody but the caller whose update hit that one row touches a counter.
--
-- Lock order, after claim and course: center (only when a period is first used), hold, generation counter,
-- regenerations counter, lineage, center_counter; several of one kind by id.
-- Hot tables carry no foreign keys: the functions are their only writers, and reconcile proves the sums.

create table quota_period (
    center_id  text not null references center,
    start_at   timestamptz not null,
    end_at     timestamptz not null check (end_at > start_at),
    primary key (center_id, start_at)
);

create table quota_counter (
    center_id       text not null references center,
    env             text not null check (env in ('live', 'test')),
    meter           text not null check (meter in ('generation', 'regenerations')),
    period_start    timestamptz not null,
    settled         bigint not null default 0 check (settled >= 0),
    held            bigint not null default 0 check (held >= 0),
    granted         bigint not null default 0 check (granted >= 0),
    version         bigint not null default 0,      -- rises with every change
    limits_version  bigint not null default 0,      -- rises, under its lock, when the center's limits change
    peak_percent    bigint not null default 0,      -- the most of the allowance that was ever used
    peak_before     bigint not null default 0,      -- ... and before the last hold: alerts lie between the two
    primary key (center_id, env, meter, period_start),
    foreign key (center_id, period_start) references quota_period
) with (fillfactor = 50);                           -- one hot row: its versions stay on one page

create table center_counter (
    center_id       text not null references center,
    env             text not null check (env in ('live', 'test')),
    running         bigint not null default 0 check (running >= 0),
    version         bigint not null default 0,
    limits_version  bigint not null default 0,
    primary key (center_id, env)
) with (fillfactor = 50);

-- Counts `regenerations_per_artifact` over all copies of an artifact and for ever.
create table quota_lineage (
    center_id   text not null references center,
    env         text not null check (env in ('live', 'test')),
    lineage_id  text not null,
    settled     bigint not null default 0 check (settled >= 0),
    held        bigint not null default 0 check (held >= 0),
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
    state           text not null check (state in ('HELD', 'SETTLED', 'RELEASED', 'EXPIRED', 'REFUNDED')),
    units           bigint not null check (units > 0),
    settled_units   bigint not null default 0 check (settled_units between 0 and units),
    refunded_units  bigint not null default 0 check (refunded_units between 0 and settled_units),
    deadline_at     timestamptz,                    -- set by a lease alone; queued and paused holds have none
    created_at      timestamptz not null,
    ended_at        timestamptz
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
    kind          text not null check (kind in ('hold', 'settle', 'release', 'expire', 'refund', 'grant')),
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

-- A counter as it stands, with what its center may use of it; NULL = unlimited.
create view quota_state as
select q.center_id, q.env, q.meter, q.period_start, p.end_at as period_end, q.settled, q.held, q.granted,
       q.version + coalesce(r.revision, 0) as version, coalesce(r.revision, 0) as revision, q.limits_version,
       l.units_limit, l.units_limit + q.granted as allowed, l.alert_percents
  from quota_counter q
  join quota_period p on p.center_id = q.center_id and p.start_at = q.period_start
  join (select center_id, 'generation' as meter, generation_units_per_month as units_limit, alert_percents from effective_limit
        union all
        select center_id, 'regenerations', regenerations_per_month, alert_percents from effective_limit) l
    on l.center_id = q.center_id and l.meter = q.meter
  left join limits_revision r on r.center_id = q.center_id;

-- How many generations run and may run; the test env runs at most 2.
create view running_state as
select k.center_id, k.env, k.running, k.version + coalesce(r.revision, 0) as version, coalesce(r.revision, 0) as revision, k.limits_version,
       case k.env when 'test' then least(l.concurrent_generations, 2) else l.concurrent_generations end as allowed
  from center_counter k
  join effective_limit l on l.center_id = k.center_id
  left join limits_revision r on r.center_id = k.center_id;

-- A changed limit locks the counters that admit by it: what was admitted on the old one is committed before, and
-- a hold that was waiting decides again.
create function limits_changed() returns trigger language plpgsql as $$
declare
    changed text;
    newest timestamptz;
begin
    if tg_table_name = 'center' then changed := new.id;
    elsif tg_op = 'DELETE' then changed := old.center_id;
    else changed := new.center_id;
    end if;
    insert into limits_revision as r (center_id, revision) values (changed, 1)
        on conflict (center_id) do update set revision = r.revision + 1;
    select max(start_at) into newest from quota_period where center_id = changed;
    perform 1 from quota_counter where center_id = changed and period_start >= newest order by env, meter for update;
    update quota_counter set limits_version = limits_version + 1 where center_id = changed and period_start >= newest;
    update center_counter set limits_version = limits_version + 1 where center_id = changed;
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
    insert into quota_counter (center_id, env, meter, period_start)
    values (p_center, p_env, p_meter, period.start_at) on conflict do nothing;
    perform 1 from quota_counter
      where center_id = p_center and env = p_env and meter = p_meter and period_start = period.start_at for update;
    return period.start_at;
end $$;

-- Holds p_units, of the meter and (with p_lineage) of the artifact's own cap: both or neither. Decided without a
-- lock where it fits; what does not fit, or meets a changed limit, is decided again under the counter's lock.
create function quota_hold(
    p_center text, p_env text, p_meter text, p_period_start timestamptz, p_period_end timestamptz, p_hold text, p_owner text,
    p_subject text, p_units bigint, p_lineage text, p_request_id text, p_actor text, p_now timestamptz,
    out outcome text, out allowed bigint, out settled bigint, out held bigint, out version bigint,
    out period_start timestamptz, out period_end timestamptz, out alerts bigint[], out lineage_used bigint, out lineage_cap bigint,
    out granted bigint)
language plpgsql as $$
#variable_conflict use_column
declare
    c quota_state;
    n quota_counter;
    taken boolean;
    locked boolean := p_lineage is not null;
begin
    alerts := '{}';
    if p_units <= 0 then raise exception 'a hold of % units', p_units using errcode = 'invalid_parameter_value'; end if;
    if locked then perform quota_counter_lock(p_center, p_env, p_meter, p_period_start, p_period_end, p_now); end if;
    loop
        select * into c from quota_state s
         where s.center_id = p_center and s.env = p_env and s.meter = p_meter and s.period_end > p_now
           and s.period_start = (select p.start_at from quota_period p
                                  where p.center_id = p_center and p.start_at <= p_now order by p.start_at desc limit 1);
        if c.center_id is not null then
            if p_lineage is not null then
                select u.taken, u.used, u.cap into taken, lineage_used, lineage_cap
                  from lineage_hold(p_center, p_env, p_lineage, p_units) u;
                if not taken then outcome := 'lineage_cap'; exit; end if;
            end if;
            with counted as (
                update quota_counter q
                   set held = q.held + p_units, version = q.version + 1, peak_before = q.peak_percent,
                       peak_percent = greatest(q.peak_percent, (q.settled + q.held + p_units) * 100 / nullif(c.units_limit + q.granted, 0))
                 where q.center_id = p_center and q.env = p_env and q.meter = p_meter and q.period_start = c.period_start
                   and q.limits_version = c.limits_version
                   and (c.units_limit is null or q.settled + q.held + p_units <= c.units_limit + q.granted)
             returning q.*),
            kept as (
                insert into quota_hold (id, center_id, env, meter, period_start, owner_id, subject_id, lineage_id, state, units, created_at)
                select p_hold, p_center, p_env, p_meter, c.period_start, p_owner, p_subject, p_lineage, 'HELD', p_units, p_now from counted),
            line as (
                insert into quota_ledger (at, center_id, env, meter, period_start, kind, units, held, hold_id, actor, request_id)
                select p_now, p_center, p_env, p_meter, c.period_start, 'hold', p_units, p_units, p_hold, p_actor, p_request_id from counted)
            select * into n from counted;
            if n.center_id is not null then
                outcome := 'held';
                if n.peak_percent > n.peak_before then
                    alerts := array(select t from unnest(c.alert_percents) t
                                     where t > n.peak_before and t <= n.peak_percent order by t);
                end if;
                c.settled := n.settled; c.held := n.held; c.granted := n.granted; c.version := n.version + c.revision; c.allowed := c.units_limit + n.granted;
                exit;
            end if;
            if locked then
                outcome := 'quota_exceeded';
                if p_lineage is not null then
                    update quota_lineage l set held = l.held - p_units
                     where l.center_id = p_center and l.env = p_env and l.lineage_id = p_lineage returning l.settled + l.held into lineage_used;
                end if;
                exit;
            end if;
        elsif locked then
            raise exception 'center % has no limits', p_center using errcode = 'foreign_key_violation';
        end if;
        perform quota_counter_lock(p_center, p_env, p_meter, p_period_start, p_period_end, p_now);
        locked := true;
    end loop;
    allowed := c.allowed; settled := c.settled; held := c.held; granted := c.granted; version := c.version;
    period_start := c.period_start; period_end := c.period_end;
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
begin
    update quota_hold set state = 'REFUNDED', refunded_units = p_units
     where id = p_hold and state in ('SETTLED', 'EXPIRED') and p_units between 1 and settled_units returning * into h;
    if not found then return quota_unchanged(p_hold); end if;
    return quota_move(h, 'refund', p_units, -p_units, 0, p_reason, p_actor, p_request_id, p_now);
end $$;

create function quota_grant(p_center text, p_env text, p_meter text, p_period_start timestamptz, p_period_end timestamptz,
                            p_units bigint, p_reason text, p_actor text, p_request_id text, p_now timestamptz)
returns quota_change language plpgsql as $$
declare
    h quota_hold;
begin
    if p_units <= 0 then raise exception 'a grant of % units', p_units using errcode = 'invalid_parameter_value'; end if;
    h.center_id := p_center; h.env := p_env; h.meter := p_meter;
    h.period_start := quota_counter_lock(p_center, p_env, p_meter, p_period_start, p_period_end, p_now);
    update quota_counter set granted = granted + p_units, version = version + 1
     where center_id = p_center and env = p_env and meter = p_meter and period_start = h.period_start;
    insert into quota_ledger (at, center_id, env, meter, period_start, kind, units, granted, reason, actor, request_id)
    values (p_now, p_center, p_env, p_meter, h.period_start, 'grant', p_units, p_units, p_reason, p_actor, p_request_id);
    return quota_change_of(true, h);
end $$;

-- A lease is what sets a deadline (its end and 5 minutes); null takes it back.
create function quota_set_deadline(p_hold text, p_deadline timestamptz) returns quota_change language plpgsql as $$
declare
    h quota_hold;
begin
    update quota_hold set deadline_at = p_deadline where id = p_hold and state = 'HELD' returning * into h;
    return case when found then quota_change_of(true, h) else quota_unchanged(p_hold) end;
end $$;

create function running_raise(p_center text, p_env text, out admitted boolean, out running bigint, out allowed bigint, out version bigint)
language plpgsql as $$
#variable_conflict use_column
begin
    for attempt in 1..2 loop
        update center_counter k set running = k.running + 1, version = k.version + 1
          from running_state s
         where k.center_id = p_center and k.env = p_env and s.center_id = k.center_id and s.env = k.env
           and s.limits_version = k.limits_version      -- what was read with the limit: unequal, where a wait outdated it
           and (s.allowed is null or k.running < s.allowed)
        returning k.running, s.allowed, k.version + s.revision into running, allowed, version;
        admitted := found;
        exit when admitted or attempt = 2;
        -- The first of its center, or no room: once more, on the row as it stands under its lock.
        insert into center_counter (center_id, env) values (p_center, p_env) on conflict do nothing;
        perform 1 from center_counter where center_id = p_center and env = p_env for update;
    end loop;
    if not admitted then
        select s.running, s.allowed, s.version into running, allowed, version
          from running_state s where s.center_id = p_center and s.env = p_env;
    end if;
end $$;

create function running_lower(p_center text, p_env text, out admitted boolean, out running bigint, out allowed bigint, out version bigint)
language plpgsql as $$
#variable_conflict use_column
begin
    update center_counter k set running = k.running - 1, version = k.version + 1
     where k.center_id = p_center and k.env = p_env;
    admitted := found;
    select s.running, s.allowed, s.version into running, allowed, version
      from running_state s where s.center_id = p_center and s.env = p_env;
end $$;

-- Work that has not ended: what reconcile holds the running counts and the open holds against.
create view open_work as
select center_id, env, id as owner_id, hold_id, status <> 'paused' as running
  from generation where status in ('queued', 'running', 'paused')
union all
select center_id, env, id, hold_id, false
  from regeneration where status in ('queued', 'running');
