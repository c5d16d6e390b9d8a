-- What a worker does to a generation: each function is one decision, conditional on the fence.
-- Leases alone go by this server's clock, since workers on several hosts compare them.
-- Lock order: course, generation, artifact, regeneration, then the quota counters.

-- A live lease is one whose end has not come; a row without one is due.
create function lease_lapsed(p_lease_until timestamptz) returns boolean
language sql volatile as $$
    select p_lease_until is null or p_lease_until < clock_timestamp()
$$;

-- Takes a due generation: a higher fence, a lease, and the hold's deadline five minutes behind the lease's end.
-- Returns the row as it is now, or nothing if it is not due, is done, or is out of claims.
create function generation_claim(p_center text, p_env text, p_id text, p_lease interval, p_claims_max integer, p_now timestamptz)
returns setof generation
language plpgsql as $$
declare
    v_row generation;
begin
    update generation g
       set status = 'running', claims = g.claims + 1, fence = g.fence + 1, lease_until = clock_timestamp() + p_lease,
           started_at = coalesce(g.started_at, p_now),
           phase = case when g.phase = 'queued' then 'outline' else g.phase end
     where g.center_id = p_center and g.env = p_env and g.id = p_id
       and g.status in ('queued', 'running') and lease_lapsed(g.lease_until) and g.claims < p_claims_max
    returning * into v_row;
    if found then
        perform quota_set_deadline(v_row.hold_id, v_row.lease_until + interval '5 minutes');
        return next v_row;
    end if;
end $$;

-- Whose turn it is when a worker has room and was told of p_id: the due generation whose center has the fewest under
-- way, p_id before others as good, then the oldest; so no center's backlog stands before another's first course.
create function generation_turn(p_env text, p_id text, p_claims_max integer, out center_id text, out id text)
language sql volatile as $$
    with busy as (
        select g.center_id, count(*) as running
          from generation g
         where g.env = p_env and g.status = 'running' and not lease_lapsed(g.lease_until)
         group by g.center_id
    )
    select g.center_id, g.id
      from generation g
      left join busy b on b.center_id = g.center_id
     where g.env = p_env and g.status in ('queued', 'running') and lease_lapsed(g.lease_until) and g.claims < p_claims_max
     order by coalesce(b.running, 0), g.id <> p_id, g.created_at, g.id
     limit 1
$$;

-- Prolongs a lease. held: whether the fence is still the row's; cancel_requested: whether its owner should stop.
create function generation_renew(p_center text, p_env text, p_id text, p_fence bigint, p_lease interval,
                                 out held boolean, out cancel_requested boolean)
language plpgsql as $$
declare
    v_row generation;
begin
    update generation g
       set lease_until = clock_timestamp() + p_lease
     where g.center_id = p_center and g.env = p_env and g.id = p_id and g.fence = p_fence and g.status = 'running'
    returning * into v_row;
    held := found;
    cancel_requested := coalesce(v_row.cancel_requested, false);
    if held then
        perform quota_set_deadline(v_row.hold_id, v_row.lease_until + interval '5 minutes');
    end if;
end $$;

-- Hands a lease back in good order: the row is due at once, the claim is not counted, the hold waits without deadline.
create function generation_hand_back(p_center text, p_env text, p_id text, p_fence bigint) returns boolean
language plpgsql as $$
declare
    v_hold text;
begin
    update generation g
       set lease_until = null, claims = g.claims - 1
     where g.center_id = p_center and g.env = p_env and g.id = p_id and g.fence = p_fence and g.status = 'running'
    returning g.hold_id into v_hold;
    if not found then
        return false;
    end if;
    perform quota_set_deadline(v_hold, null);
    return true;
end $$;

-- Ends a generation whatever way: settles exactly the modules that were committed, frees the rest, lowers the running
-- count and moves the course, all in the caller's transaction. The caller has locked the course and knows by fence or
-- lease that it may. False: it had ended before, and nothing was touched.
-- p_expired: the hold ran past its deadline, so it ends EXPIRED, with what was finished charged.
-- A generation that was to be canceled ends so, also where its generator failed first.
-- p_by_worker: the holder of the fence ends it. Else the fence rises, so that a fence which an ended row still carries
-- says who ended it: a worker that asks again, since its answer was lost on the way, learns what it did.
create function generation_end(p_center text, p_env text, p_id text, p_status text, p_failure jsonb, p_expired boolean,
                               p_now timestamptz, p_by_worker boolean)
returns boolean
language plpgsql as $$
declare
    v_row generation;
begin
    update generation g
       set status = case when p_status = 'failed' and g.cancel_requested then 'canceled' else p_status end,
           failure = case when not g.cancel_requested then p_failure end, finished_at = p_now, lease_until = null,
           phase = case when p_status = 'succeeded' then 'done' else g.phase end,
           units_settled = g.modules_done, units_released = g.units_held - g.modules_done,
           fence = g.fence + case when p_by_worker then 0 else 1 end
     where g.center_id = p_center and g.env = p_env and g.id = p_id and g.status in ('queued', 'running')
    returning * into v_row;
    if not found then
        return false;
    end if;
    if p_expired then
        perform quota_expire(v_row.hold_id, v_row.request_id, p_now, v_row.modules_done);
    else
        perform quota_settle(v_row.hold_id, v_row.modules_done, v_row.request_id, p_now);
    end if;
    perform running_lower(p_center, p_env);
    update course c
       set status = case v_row.status when 'succeeded' then 'ready' else v_row.status end,
           version = c.version + 1, finished_at = p_now, updated_at = p_now
     where c.center_id = p_center and c.env = p_env and c.id = v_row.course_id;
    perform tell_course(p_center, p_env, 'course.' || case v_row.status when 'succeeded' then 'ready' else v_row.status end,
                        v_row.course_id, '{}', p_now, v_row.request_id);
    return true;
end $$;

-- Locks the course, then the generation, if the fence is still its own. No row: another worker has it, or it has ended.
create function generation_locked(p_center text, p_env text, p_id text, p_fence bigint) returns setof generation
language plpgsql as $$
begin
    perform 1
       from course c
      where c.center_id = p_center and c.env = p_env
        and c.id = (select g.course_id from generation g where g.center_id = p_center and g.env = p_env and g.id = p_id)
        for no key update;
    return query
        select g.*
          from generation g
         where g.center_id = p_center and g.env = p_env and g.id = p_id and g.fence = p_fence and g.status = 'running'
           for no key update;
end $$;

-- The generation if the holder of this very fence ended it.
create function generation_ended(p_center text, p_env text, p_id text, p_fence bigint) returns setof generation
language sql stable as $$
    select g.*
      from generation g
     where g.center_id = p_center and g.env = p_env and g.id = p_id and g.fence = p_fence
       and g.status in ('succeeded', 'failed', 'canceled')
$$;

-- Keeps the outline; the total becomes what it holds, which may be fewer modules than were held.
create function generation_keep_outline(p_center text, p_env text, p_id text, p_fence bigint, p_body jsonb, p_modules integer,
                                        p_now timestamptz)
returns boolean
language plpgsql as $$
declare
    v_row generation;
begin
    select * into v_row from generation_locked(p_center, p_env, p_id, p_fence);
    if not found then
        return false;
    end if;
    insert into outline (center_id, env, course_id, version, body, created_at)
    values (p_center, p_env, v_row.course_id, 1, p_body, p_now)
    on conflict (center_id, env, course_id) do nothing;  -- said twice, since the first answer was lost on the way
    update generation set phase = 'modules', modules_total = p_modules
     where center_id = p_center and env = p_env and id = p_id;
    update course set version = version + 1, title = coalesce(title, p_body ->> 'title')
     where center_id = p_center and env = p_env and id = v_row.course_id;
    return true;
end $$;

-- A quiz as its worker made it. `assessment_id` is what its assessment is called if the artifact has none yet; `items` and
-- `settings` are JSON, keys included.
create type made_quiz as (assessment_id text, title text, items bytea, settings bytea, points_cents bigint);

-- Keeps one finished module: its artifacts, their first versions and the progress; the last one ends the generation.
-- Its quiz becomes an assessment that can be taken; p_quiz null: there is none, or nothing in it can be asked.
-- kept: the fence held and the module is the next one. ended: the generation is done with it. Said twice, since the first
-- answer was lost on the way, it answers the same.
create function generation_keep_module(
    p_center text, p_env text, p_id text, p_fence bigint, p_index integer, p_artifacts text[], p_kinds text[],
    p_media_types text[], p_bytes bigint[], p_contents text[], p_remarks text[], p_quiz made_quiz, p_now timestamptz,
    out kept boolean, out modules_done integer, out cancel_requested boolean, out ended boolean)
language plpgsql as $$
declare
    v_row generation;
begin
    kept := false;
    ended := false;
    select * into v_row from generation_locked(p_center, p_env, p_id, p_fence);
    if not found then
        select * into v_row from generation_ended(p_center, p_env, p_id, p_fence) g where g.status = 'succeeded';
        ended := found;
    end if;
    if v_row.modules_done = p_index + 1 then
        kept := true;
        modules_done := v_row.modules_done;
        cancel_requested := v_row.cancel_requested;
        return;
    end if;
    if ended or v_row.modules_done is distinct from p_index then
        ended := false;
        return;
    end if;
    insert into artifact (center_id, env, id, course_id, module_index, kind, version, status, lineage_id, created_at, updated_at)
    select p_center, p_env, a.id, v_row.course_id, p_index, a.kind, 1, 'ready', a.id, p_now, p_now
      from unnest(p_artifacts, p_kinds) as a(id, kind);
    insert into artifact_version (center_id, env, artifact_id, version, media_type, bytes, content, remark, created_at)
    select p_center, p_env, a.id, 1, a.media_type, a.bytes, a.content, a.remark, p_now
      from unnest(p_artifacts, p_media_types, p_bytes, p_contents, p_remarks) as a(id, media_type, bytes, content, remark);
    if p_quiz is not null then
        perform quiz_publish(p_center, p_env, a.id, p_quiz, p_now, v_row.request_id)
           from unnest(p_artifacts, p_kinds) as a(id, kind)
          where a.kind = 'quiz';
    end if;
    update generation g set modules_done = g.modules_done + 1
     where g.center_id = p_center and g.env = p_env and g.id = p_id;
    update course c set version = c.version + 1, updated_at = p_now
     where c.center_id = p_center and c.env = p_env and c.id = v_row.course_id;
    perform tell_course(p_center, p_env, 'course.module_ready', v_row.course_id,
                        jsonb_build_object('module_index', p_index, 'artifact_ids', p_artifacts), p_now,
                        v_row.request_id);
    kept := true;
    modules_done := v_row.modules_done + 1;
    cancel_requested := v_row.cancel_requested;
    if modules_done = v_row.modules_total then
        ended := generation_end(p_center, p_env, p_id, 'succeeded', null, false, p_now, true);
    end if;
end $$;

-- Ends a generation by its own worker. settled: its modules that are charged; status: what it ended as; said twice, the
-- same. Both null: the fence is another's, or others ended it.
create function generation_finish(p_center text, p_env text, p_id text, p_fence bigint, p_status text, p_failure jsonb,
                                  p_now timestamptz, out settled integer, out status text)
language plpgsql as $$
begin
    perform 1 from generation_locked(p_center, p_env, p_id, p_fence);
    if found then
        perform generation_end(p_center, p_env, p_id, p_status, p_failure, false, p_now, true);
    end if;
    select g.units_settled, g.status into settled, status from generation_ended(p_center, p_env, p_id, p_fence) g;
end $$;

-- Cancels: at once where nobody works on it (canceled), else a wish its worker heeds between modules (requested).
-- The caller has locked the course. ended: it was over already. settled and released: the units of what was canceled.
create function generation_cancel(p_center text, p_env text, p_id text, p_now timestamptz,
                                  out outcome text, out hold_id text, out settled integer, out released integer)
language plpgsql as $$
declare
    v_row generation;
begin
    outcome := 'ended';
    select * into v_row
      from generation g
     where g.center_id = p_center and g.env = p_env and g.id = p_id and g.status in ('queued', 'running')
       for no key update;
    if not found then
        return;
    end if;
    update generation set cancel_requested = true where center_id = p_center and env = p_env and id = p_id;
    hold_id := v_row.hold_id;
    if not lease_lapsed(v_row.lease_until) then
        outcome := 'requested';
        return;
    end if;
    perform generation_end(p_center, p_env, p_id, 'canceled', null, false, p_now, false);
    outcome := 'canceled';
    settled := v_row.modules_done;
    released := v_row.units_held - v_row.modules_done;
end $$;

-- Ends what nobody will finish: out of claims, or the hold past its deadline. A live lease is never touched, and of
-- two sweepers at once one ends each row. Returns what it ended, and what it could not: then trouble is the SQLSTATE, the
-- row stays as it was, and the others are ended all the same. Which rows it looks at is left to chance, so that those
-- it can't end never fill its limit for good.
create function generation_sweep(p_claims_max integer, p_failure jsonb, p_limit integer, p_now timestamptz)
returns table (center_id text, env text, id text, course_id text, request_id text, hold_id text, modules_done integer, status text,
               expired boolean, trouble text)
language plpgsql as $$
declare
    v_candidate record;
begin
    for v_candidate in
        select c.*
          from (select g.center_id, g.env, g.id, g.course_id, g.request_id, g.hold_id
                  from generation g
                  join quota_hold h on h.id = g.hold_id
                 where g.status in ('queued', 'running') and lease_lapsed(g.lease_until)
                   and (g.claims >= p_claims_max or h.deadline_at < clock_timestamp())
                 order by random()
                 limit p_limit) c
         order by c.center_id, c.env, c.course_id
    loop
        center_id := v_candidate.center_id;
        env := v_candidate.env;
        id := v_candidate.id;
        course_id := v_candidate.course_id;
        request_id := v_candidate.request_id;
        hold_id := v_candidate.hold_id;
        begin
            perform 1
               from course c
              where c.center_id = v_candidate.center_id and c.env = v_candidate.env and c.id = v_candidate.course_id
                for no key update skip locked;
            continue when not found;
            select g.modules_done, case when g.cancel_requested then 'canceled' else 'failed' end,
                   coalesce(h.deadline_at < clock_timestamp(), false)
              into modules_done, status, expired
              from generation g
              join quota_hold h on h.id = g.hold_id
             where g.center_id = v_candidate.center_id and g.env = v_candidate.env and g.id = v_candidate.id
               and g.status in ('queued', 'running') and lease_lapsed(g.lease_until)
               and (g.claims >= p_claims_max or h.deadline_at < clock_timestamp())
               for no key update of g skip locked;
            continue when not found;
            trouble := null;
            continue when not generation_end(center_id, env, id, 'failed', p_failure, expired, p_now, false);
        exception when others then
            trouble := sqlstate;
        end;
        return next;
    end loop;
end $$;
