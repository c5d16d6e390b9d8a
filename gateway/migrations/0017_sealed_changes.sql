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

create function key_made() returns trigger language plpgsql as $$
begin
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
    perform seal(new.center_id, new.env, 'key.revoked', acting(null), new.id, '{}', '{}', null, acting_for(), new.revoked_at);
    return null;
end $$;
create constraint trigger key_revoked after update of revoked_at on api_key deferrable initially deferred
    for each row when (old.revoked_at is null and new.revoked_at is not null) execute function key_revoked();

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

alter table api_key enable always trigger key_made;
alter table api_key enable always trigger key_revoked;
alter table center enable always trigger opens_chains;
alter table center enable always trigger center_stepped;
alter table center enable always trigger plan_switched;
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

-- A learner was erased: bodies that tell of him go, and the chain says that they went. p_rows: what else was erased.
create function learner_erased(
    p_center text, p_env text, p_person text, p_rows bigint, p_actor text, p_request_id text, p_now timestamptz)
returns bigint language plpgsql as $$
declare
    v_bodies bigint := redact(p_center, p_env, p_person, p_actor, p_request_id, p_now);
begin
    if v_bodies + p_rows > 0 then
        perform seal(p_center, p_env, 'learner.erased', p_actor, p_center, '{}',
                     '{"bodies":' || v_bodies || ',"rows":' || p_rows || '}', null, p_request_id, p_now);
    end if;
    return v_bodies;
end $$;
