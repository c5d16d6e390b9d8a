-- Decisions on centers, keys, quotas and learners, sealed wherever they are made: by the API, the command line, or a hand in the
-- database. Triggers are deferred to the commit, where the head of the chain is the last lock; what holds for a center as a
-- whole stands in its live chain.

-- Who acts, and for which request, until the end of this transaction: what its deferred records name.
create function act_as(p_actor text, p_request_id text) returns void language sql as $$
    select set_config('coursegate.actor', p_actor, true), set_config('coursegate.request_id', coalesce(p_request_id, ''), true);
$$;
create function acting(p_else text) returns text language sql stable as $$
    select coalesce(nullif(current_setting('coursegate.actor', true), ''), p_else, 'gateway')
$$;
create function acting_for() returns text language sql stable as $$
    select nullif(current_setting('coursegate.request_id', true), '')
$$;

-- Both heads of a center, in the order in which everybody takes them: a transaction may change keys of both envs.
create function hold_heads(p_center text) returns void language plpgsql as $$
begin
    perform from dpu_head h where h.center_id = p_center order by h.env for no key update;
end $$;

create function key_made() returns trigger language plpgsql as $$
begin
    perform hold_heads(new.center_id);
    perform seal(new.center_id, new.env, 'key.made', coalesce(new.created_by, acting(null)), new.id, '{}', jcs(jsonb_build_object(
                     'expires_at', rfc3339(new.expires_at), 'requests_per_minute', new.requests_per_minute,
                     'rotated_from', new.rotated_from, 'scopes', to_jsonb(new.scopes))),
                 jcs(jsonb_build_object('name', new.name)), acting_for(), new.created_at);
    return null;
end $$;
create constraint trigger key_made after insert on api_key deferrable initially deferred
    for each row execute function key_made();

create function key_revoked() returns trigger language plpgsql as $$
begin
    perform hold_heads(new.center_id);
    perform seal(new.center_id, new.env, 'key.revoked', acting(null), new.id, '{}', '{}', null, acting_for(), new.revoked_at);
    return null;
end $$;
create constraint trigger key_revoked after update of revoked_at on api_key deferrable initially deferred
    for each row when (old.revoked_at is null and new.revoked_at is not null) execute function key_revoked();

-- A key that is rotated ends now or soon: said at the moment at which its successor is made.
create function key_ends() returns trigger language plpgsql as $$
declare
    v_successor api_key;
begin
    select * into v_successor from api_key k where k.rotated_from = new.id;
    perform hold_heads(new.center_id);
    perform seal(new.center_id, new.env, 'key.revoked', acting(null), new.id, '{}', jcs(jsonb_build_object(
                     'ends_at', rfc3339(new.expires_at), 'rotated_to', v_successor.id)),
                 null, acting_for(), coalesce(v_successor.created_at, now()));
    return null;
end $$;
create constraint trigger key_ends after update of expires_at on api_key deferrable initially deferred
    for each row when (old.expires_at is distinct from new.expires_at and new.revoked_at is null) execute function key_ends();

create function center_stepped() returns trigger language plpgsql as $$
begin
    perform seal(new.id, 'live', case new.status when 'active' then 'center.reinstated' else 'center.' || new.status end, acting(null),
                 new.id, '{}', jcs(jsonb_build_object('before', old.status, 'after', new.status)), null, acting_for(), new.updated_at);
    return null;
end $$;
create constraint trigger center_stepped after update of status on center deferrable initially deferred
    for each row when (old.status <> new.status and new.status in ('active', 'suspended', 'ended') and old.status <> 'provisioning')
    execute function center_stepped();

create function plan_switched() returns trigger language plpgsql as $$
begin
    perform seal(new.id, 'live', 'limits.changed', acting(null), new.id, jcs(jsonb_build_object('plan', new.plan_id)),
                 jcs(jsonb_build_object('before', jsonb_build_object('plan', old.plan_id),
                                        'after', jsonb_build_object('plan', new.plan_id))),
                 null, acting_for(), new.updated_at);
    return null;
end $$;
create constraint trigger plan_switched after update of plan_id on center deferrable initially deferred
    for each row when (old.plan_id <> new.plan_id) execute function plan_switched();

-- Zone and anchor day say from when to when units are counted.
create function period_moved() returns trigger language plpgsql as $$
begin
    perform seal(new.id, 'live', 'limits.changed', acting(null), new.id, jcs(jsonb_build_object('plan', new.plan_id)),
                 jcs(jsonb_build_object(
                     'before', jsonb_build_object('period_anchor_day', old.period_anchor_day, 'time_zone', old.time_zone),
                     'after', jsonb_build_object('period_anchor_day', new.period_anchor_day, 'time_zone', new.time_zone))),
                 null, acting_for(), new.updated_at);
    return null;
end $$;
create constraint trigger period_moved after update of time_zone, period_anchor_day on center deferrable initially deferred
    for each row when ((old.time_zone, old.period_anchor_day) is distinct from (new.time_zone, new.period_anchor_day))
    execute function period_moved();

-- A center's own limits, those it has: `unlimited` or a number.
create function own_limits(p_row center_limit) returns jsonb language sql immutable as $$
    select coalesce(jsonb_object_agg(e.key, case when e.value = '-1' then '"unlimited"' else e.value end), '{}')
      from jsonb_each(to_jsonb(p_row) - 'center_id') e where e.value <> 'null'
$$;
create function limits_set() returns trigger language plpgsql as $$
declare
    v_center center;
begin
    select * into v_center from center c where c.id = case tg_op when 'DELETE' then old.center_id else new.center_id end;
    if own_limits(old) is distinct from own_limits(new) then
        perform seal(v_center.id, 'live', 'limits.changed', acting(null), v_center.id, jcs(jsonb_build_object('plan', v_center.plan_id)),
                     jcs(jsonb_build_object('before', own_limits(old), 'after', own_limits(new))), null, acting_for(),
                     v_center.updated_at);
    end if;
    return null;
end $$;
create constraint trigger limits_set after insert or update or delete on center_limit deferrable initially deferred
    for each row execute function limits_set();

-- Another plans file changes the limits of every center on a plan. The change is kept in its own transaction, and sealed
-- center by center behind it: thousands of heads are not held at once. `sealed_to`: the last center that has it.
create table plan_change (
    id         bigint generated always as identity primary key,
    plan_id    text not null,
    before     jsonb not null,                          -- what differs
    after      jsonb not null,
    actor      text not null,
    at         timestamptz not null,
    sealed_to  text not null default '',
    is_sealed  boolean not null default false
);
create index plan_change_to_seal on plan_change (id) where not is_sealed;

create function plan_edited() returns trigger language plpgsql as $$
begin
    insert into plan_change (plan_id, before, after, actor, at)
    select new.id, jsonb_object_agg(b.key, case b.value when 'null' then '"unlimited"' else b.value end),
           jsonb_object_agg(a.key, case a.value when 'null' then '"unlimited"' else a.value end), acting(null), now()
      from jsonb_each(to_jsonb(old)) b join jsonb_each(to_jsonb(new)) a on a.key = b.key and a.value <> b.value;
    return null;
end $$;
create trigger plan_edited after update on plan
    for each row when (old.* is distinct from new.*) execute function plan_edited();

-- Seals the oldest change of a plan that is not yet sealed, for at most p_limit of its centers, and returns how many; null: there is
-- none. Of several workers one does it, change by change.
create function plan_change_seal(p_limit integer, p_now timestamptz) returns integer language plpgsql as $$
declare
    v_change plan_change;
    v_centers text[];
begin
    select * into v_change from plan_change c where not c.is_sealed order by c.id limit 1 for no key update;
    if not found then
        return null;
    end if;
    select coalesce(array_agg(c.id order by c.id), '{}') into v_centers from (
        select c.id from center c
         where c.plan_id = v_change.plan_id and c.id > v_change.sealed_to and c.created_at <= v_change.at and c.status <> 'ended'
         order by c.id limit p_limit) c;
    update plan_change c
       set sealed_to = coalesce(v_centers[cardinality(v_centers)], c.sealed_to), is_sealed = cardinality(v_centers) < p_limit
     where c.id = v_change.id;
    if cardinality(v_centers) > 0 then
        perform seal_all(array(
            select row(c.id, 'live', 'limits.changed', v_change.actor, c.id, jcs(jsonb_build_object('plan', v_change.plan_id)),
                       jcs(jsonb_build_object('before', v_change.before, 'after', v_change.after, 'plan_change', v_change.id)),
                       null, null, p_now, null, new_id('dpu', p_now))::decision
              from unnest(v_centers) c (id) order by c.id));
    end if;
    return cardinality(v_centers);
end $$;

alter table plan enable always trigger plan_edited;
alter table api_key enable always trigger key_made;
alter table api_key enable always trigger key_revoked;
alter table api_key enable always trigger key_ends;
alter table center enable always trigger opens_chains;
alter table center enable always trigger center_stepped;
alter table center enable always trigger plan_switched;
alter table center enable always trigger period_moved;
alter table center_limit enable always trigger limits_set;

-- The first refusal of a course in a period, a meter: later ones are in the log and in the metrics.
create table quota_refusal (
    center_id     text not null,
    env           environment not null,
    course_id     text not null,
    meter         meter not null,
    period_start  timestamptz not null,
    primary key (center_id, env, course_id, meter, period_start)
);

-- Seals a refusal if it is the first; false: it was not. p_policy and p_outcome: what was allowed, and what was asked for.
create function refusal_seal(
    p_center text, p_env text, p_course text, p_meter text, p_period_start timestamptz, p_policy jsonb, p_outcome jsonb,
    p_actor text, p_request_id text, p_now timestamptz)
returns boolean language plpgsql as $$
begin
    insert into quota_refusal (center_id, env, course_id, meter, period_start)
    values (p_center, p_env, p_course, p_meter, p_period_start) on conflict do nothing;
    if not found then
        return false;
    end if;
    perform seal(p_center, p_env, 'quota.refused', p_actor, p_course,
                 jcs(p_policy || jsonb_build_object(
                     'meter', p_meter, 'period_start', rfc3339(p_period_start),
                     'plan', (select c.plan_id from center c where c.id = p_center))),
                 jcs(p_outcome), null, p_request_id, p_now);
    return true;
end $$;

-- A learner was erased: how many rows, and how many bodies of records. Who it was is not said.
create function learner_erased(
    p_center text, p_env text, p_rows bigint, p_bodies bigint, p_actor text, p_request_id text, p_now timestamptz)
returns void language sql as $$
    select seal(p_center, p_env, 'learner.erased', p_actor, p_center, '{}',
                '{"bodies":' || p_bodies || ',"rows":' || p_rows || '}', null, p_request_id, p_now)
$$;
