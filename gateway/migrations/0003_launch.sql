-- Idempotency claims, and the launch: one statement from claim to queued generation.

-- A claim is committed with the effect it stands for. `status` and the answer are null only where an effect
-- was kept without an answer (a note at a cap): then `subject` names what a retry continues.
create table idempotency_claim (
    center_id    text not null,
    env          text not null,
    method       text not null,
    route        text not null,                        -- the template, such as /v1/courses/{course_id}/launch
    principal    text not null,
    key          text not null,
    fingerprint  bytea not null,                       -- HMAC of path parameters, query and body
    status       smallint,
    location     text,
    body         bytea,
    subject      text,
    created_at   timestamptz not null,
    expires_at   timestamptz not null,
    primary key (center_id, env, key, route, method, principal)
);
create index idempotency_claim_expiry on idempotency_claim using brin (expires_at);

-- Ends the statement that calls it, so that a refusal found half way leaves nothing behind.
-- The caller reads `code` from the message and the facts from the detail.
create function refuse(p_code text, p_details jsonb) returns void
language plpgsql as $$
begin
    raise exception using errcode = 'CG001', message = p_code, detail = p_details::text;
end $$;

create type key_claim as (state text, status smallint, location text, body bytea, subject text);

-- Claims a key, waiting at most p_wait_ms for a twin that is under way (SQLSTATE 55P03 after that).
-- p_fingerprints: the request's fingerprint under each secret version in force, newest first; the newest is stored.
-- state: fresh (the caller goes on), replay (answer given), open (kept without an answer), reused (another request's).
create function claim_key(
    p_center text, p_env text, p_method text, p_route text, p_principal text, p_key text, p_fingerprints bytea[],
    p_status smallint, p_location text, p_body bytea, p_now timestamptz, p_expires timestamptz, p_wait_ms integer)
returns key_claim language plpgsql as $$
declare
    v_claim key_claim;
    v_fingerprint bytea;
    v_patience text := current_setting('lock_timeout');
    v_set text := set_config('lock_timeout', greatest(p_wait_ms, 1)::text, true);
begin
    insert into idempotency_claim as c
           (center_id, env, method, route, principal, key, fingerprint, status, location, body, created_at, expires_at)
    values (p_center, p_env, p_method, p_route, p_principal, p_key, p_fingerprints[1], p_status, p_location, p_body, p_now, p_expires)
    on conflict (center_id, env, key, route, method, principal) do update
       set fingerprint = excluded.fingerprint, status = excluded.status, location = excluded.location,
           body = excluded.body, subject = null, created_at = excluded.created_at, expires_at = excluded.expires_at
     where c.expires_at <= p_now;
    if found then v_claim.state := 'fresh'; end if;
    v_set := set_config('lock_timeout', v_patience, true);
    if v_claim.state = 'fresh' then return v_claim; end if;
    select k.fingerprint, k.status, k.location, k.body, k.subject
      into v_fingerprint, v_claim.status, v_claim.location, v_claim.body, v_claim.subject
      from idempotency_claim k
     where k.center_id = p_center and k.env = p_env and k.key = p_key
       and k.route = p_route and k.method = p_method and k.principal = p_principal;
    if v_fingerprint <> all (p_fingerprints) then return row('reused', null, null, null, null)::key_claim; end if;
    v_claim.state := case when v_claim.status is null then 'open' else 'replay' end;
    return v_claim;
end $$;

create type launch_outcome as (
    outcome text, status smallint, location text, body bytea,
    period_start timestamptz, period_end timestamptz,
    allowed bigint, settled bigint, held bigint, version bigint, alerts bigint[],
    running bigint, running_allowed bigint, running_version bigint, epoch bigint,
    details text /* of a refusal, where it is returned: launch_courses */, plan text);

-- A decision on its way into its chain (0014_records.sql): policy and outcome are canonical JSON objects, body is what the
-- record commits to without showing it, person the learner of whom it tells. Its id is that of what it decided, with another
-- prefix, or one of its own.
create type decision as (
    center text, env text, type text, actor text, subject text, policy text, outcome text, body text, request_id text,
    at timestamptz, person text, id text);

-- What launch_course is asked.
create type launch_wish as (
    center text, env text, course text, course_version bigint, units bigint, generation text, hold text,
    period_start timestamptz, period_end timestamptz, route text, principal text, key text, fingerprints bytea[],
    location text, body bytea, request_id text, actor text, at timestamptz, expires timestamptz,
    inputs text /* what its record commits to */);

-- The launch, all or nothing: claim, course, quota, running generations, generation (the queue row). Its record is sealed by
-- the caller, with seal_all, at the end of the transaction.
-- outcome: launched, or claim_key's replay | reused. Refusals end the statement by refuse():
-- course_changed (read again), quota_exceeded, concurrency_limit_reached.
-- Limits are read once, for units and running count; what they do not admit at once is decided anew under the locks.
create function launch_admit(
    p_center text, p_env text, p_course text, p_course_version bigint, p_units bigint,
    p_generation text, p_hold text, p_period_start timestamptz, p_period_end timestamptz,
    p_route text, p_principal text, p_key text, p_fingerprints bytea[],
    p_location text, p_body bytea, p_request_id text, p_actor text,
    p_now timestamptz, p_expires timestamptz, p_wait_ms integer)
returns launch_outcome language plpgsql as $$
declare
    v_claim key_claim;
    v_hold hold_outcome;
    v_run running_outcome;
    v_units bigint;
    v_running bigint;
    v_percents bigint[];
    v_revision bigint;
    v_epoch bigint;
    v_plan text;
begin
    v_claim := claim_key(p_center, p_env, 'POST', p_route, p_principal, p_key, p_fingerprints,
                         202::smallint, p_location, p_body, p_now, p_expires, p_wait_ms);
    if v_claim.state <> 'fresh' then
        return row(v_claim.state, v_claim.status, v_claim.location, v_claim.body,
                   null, null, null, null, null, null, null, null, null, null, null, null, null)::launch_outcome;
    end if;

    update course c
       set status = 'generating', version = c.version + 1, launched_at = p_now, updated_at = p_now
     where c.center_id = p_center and c.env = p_env and c.id = p_course
       and c.status = 'awaiting_launch' and c.version = p_course_version;
    if not found then
        perform refuse('course_changed', '{}');
    end if;

    select a.generation_units_per_month, a.alert_percents, running_allowed(p_env, a.concurrent_generations), a.revision, e.epoch,
           a.plan_id
      into v_units, v_percents, v_running, v_revision, v_epoch, v_plan
      from center_allowance a cross join database_epoch e
     where a.center_id = p_center;

    v_hold := quota_take(p_center, p_env, 'generation', p_period_start, p_hold, p_generation, p_course,
                         p_units, null, p_request_id, p_actor, p_now, v_units, v_revision, v_percents);
    if v_hold.outcome is null then
        v_hold := quota_hold(p_center, p_env, 'generation', p_period_start, p_period_end, p_hold, p_generation, p_course,
                             p_units, null, p_request_id, p_actor, p_now);
        if v_hold.outcome <> 'held' then
            perform refuse('quota_exceeded', jsonb_build_object(
                'limit', v_hold.allowed, 'used', v_hold.settled, 'held', v_hold.held,
                'resets_at_ms', (extract(epoch from v_hold.period_end) * 1000)::bigint));
        end if;
    end if;

    v_run := running_take(p_center, p_env, v_running, v_revision);
    if v_run.admitted is null then
        v_run := running_raise(p_center, p_env);
        if not v_run.admitted then
            perform refuse('concurrency_limit_reached', jsonb_build_object('limit', v_run.allowed));
        end if;
    end if;

    insert into generation (center_id, env, id, course_id, status, hold_id, launch_key, modules_total, units_held,
                            request_id, created_at)
    values (p_center, p_env, p_generation, p_course, 'queued', p_hold, p_key, p_units, p_units, p_request_id, p_now);
    perform tell_course(p_center, p_env, 'course.launched', p_course, '{}', p_now, p_request_id);

    return row('launched', null, null, null, v_hold.period_start, v_hold.period_end,
               v_hold.allowed, v_hold.settled, v_hold.held, v_hold.version, v_hold.alerts,
               v_run.running, v_run.allowed, v_run.version, v_epoch, null, v_plan)::launch_outcome;
end $$;

-- The record of a launch that was admitted.
create function launch_decision(w launch_wish, o launch_outcome) returns decision language plpgsql stable as $$
begin
    return row(
        w.center, w.env, 'launch.admitted', w.actor, w.course,
        '{"allowed":' || jcs_number(o.allowed) || ',"plan":' || to_json(o.plan) || ',"running_allowed":'
            || jcs_number(o.running_allowed) || '}',
        '{"generation":"' || w.generation || '","held":' || o.held || ',"hold":"' || w.hold || '","running":' || o.running
            || ',"settled":' || o.settled || ',"units":' || w.units || '}',
        w.inputs, w.request_id, w.at, null, 'dpu_' || substr(w.generation, 5))::decision;
end $$;

-- One launch, sealed.
create function launch_course(w launch_wish, p_wait_ms integer) returns launch_outcome language plpgsql as $$
declare
    v_outcome launch_outcome := launch_admit(
        w.center, w.env, w.course, w.course_version, w.units, w.generation, w.hold, w.period_start, w.period_end, w.route,
        w.principal, w.key, w.fingerprints, w.location, w.body, w.request_id, w.actor, w.at, w.expires, p_wait_ms);
begin
    if v_outcome.outcome = 'launched' then
        perform seal_one(launch_decision(w, v_outcome));
    end if;
    return v_outcome;
end $$;

-- Launches of several requests, each for itself: one that is refused undoes its own and no other's; its outcome is the
-- refusal's code. What another transaction holds is waited for p_wait_ms, once, and no longer, since the locks of the
-- launches before it are kept and others queue behind: outcome `alone` wrote nothing and is to be asked of
-- launch_course. Sort the wishes by center, env and course, so that batches of several gateways meet in one order. Their
-- records are sealed at the end: who holds the head of a chain then waits for nothing but other heads.
create function launch_courses(p_wishes launch_wish[], p_wait_ms integer) returns setof launch_outcome
language plpgsql as $$
declare
    w launch_wish;
    v_outcome launch_outcome;
    v_alone launch_outcome := row('alone', null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);
    v_busy text := '';      -- the center whose lock was waited for in vain
    v_wait_ms integer := p_wait_ms;
    v_code text;
    v_details text;
    v_decisions decision[];
begin
    perform set_config('lock_timeout', p_wait_ms::text, true);
    foreach w in array p_wishes loop
        if w.center = v_busy then
            return next v_alone;
            continue;
        end if;
        begin
            v_outcome := launch_admit(
                w.center, w.env, w.course, w.course_version, w.units, w.generation, w.hold, w.period_start, w.period_end, w.route,
                w.principal, w.key, w.fingerprints, w.location, w.body, w.request_id, w.actor, w.at, w.expires, v_wait_ms);
            if v_outcome.outcome = 'launched' then
                v_decisions := v_decisions || launch_decision(w, v_outcome);
            end if;
        exception
            when sqlstate 'CG001' then
                get stacked diagnostics v_code = message_text, v_details = pg_exception_detail;
                v_outcome := null;
                v_outcome.outcome := v_code;
                v_outcome.details := v_details;
            when lock_not_available then
                v_busy := w.center;
                v_wait_ms := 1;
                perform set_config('lock_timeout', '1', true);
                v_outcome := v_alone;
            when others then    -- whatever it is, launch_course will say it to the one whom it concerns
                v_outcome := v_alone;
        end;
        return next v_outcome;
    end loop;
    if v_decisions is not null then
        perform set_config('lock_timeout', '1500', true);
        perform seal_all(v_decisions);
    end if;
end $$;
