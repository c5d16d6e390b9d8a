-- What a worker does to a regeneration, and what waits for one: as 0005_generation_work.sql, with the artifact's row
-- in the course's place.

-- Takes the oldest unfinished regeneration of an artifact if it is due: several on one artifact run one after the
-- other, so a younger one is never taken while an older one waits or runs.
create function regeneration_claim(p_center text, p_env text, p_artifact text, p_lease interval, p_claims_max integer)
returns setof regeneration
language plpgsql as $$
declare
    v_row regeneration;
begin
    perform 1 from artifact a where a.center_id = p_center and a.env = p_env and a.id = p_artifact for no key update;
    update regeneration r
       set status = 'running', claims = r.claims + 1, fence = r.fence + 1, lease_until = clock_timestamp() + p_lease
     where r.center_id = p_center and r.env = p_env
       and r.id = (select o.id
                     from regeneration o
                    where o.center_id = p_center and o.env = p_env and o.artifact_id = p_artifact
                      and o.status in ('queued', 'running')
                    order by o.created_at, o.id
                    limit 1)
       and lease_lapsed(r.lease_until) and r.claims < p_claims_max
    returning * into v_row;
    if found then
        perform quota_set_deadline(v_row.hold_id, v_row.lease_until + interval '5 minutes');
        return next v_row;
    end if;
end $$;

-- Prolongs a lease; false: the fence is another's, or it has ended.
create function regeneration_renew(p_center text, p_env text, p_id text, p_fence bigint, p_lease interval) returns boolean
language plpgsql as $$
declare
    v_row regeneration;
begin
    update regeneration r
       set lease_until = clock_timestamp() + p_lease
     where r.center_id = p_center and r.env = p_env and r.id = p_id and r.fence = p_fence and r.status = 'running'
    returning * into v_row;
    if not found then
        return false;
    end if;
    perform quota_set_deadline(v_row.hold_id, v_row.lease_until + interval '5 minutes');
    return true;
end $$;

-- Hands a lease back in good order, as generation_hand_back does.
create function regeneration_hand_back(p_center text, p_env text, p_id text, p_fence bigint) returns boolean
language plpgsql as $$
declare
    v_hold text;
begin
    update regeneration r
       set lease_until = null, claims = r.claims - 1
     where r.center_id = p_center and r.env = p_env and r.id = p_id and r.fence = p_fence and r.status = 'running'
    returning r.hold_id into v_hold;
    if not found then
        return false;
    end if;
    perform quota_set_deadline(v_hold, null);
    return true;
end $$;

-- Ends a regeneration: succeeded settles its unit, failed gives it back; the artifact shows how the last one ended.
-- The caller has locked the artifact and knows by fence or lease that it may. False: it had ended before.
-- p_by_worker: as in generation_end.
create function regeneration_end(p_center text, p_env text, p_id text, p_status text, p_failure jsonb, p_expired boolean,
                                 p_now timestamptz, p_by_worker boolean)
returns boolean
language plpgsql as $$
declare
    v_row regeneration;
begin
    update regeneration r
       set status = p_status, failure = p_failure, finished_at = p_now, lease_until = null,
           fence = r.fence + case when p_by_worker then 0 else 1 end
     where r.center_id = p_center and r.env = p_env and r.id = p_id and r.status in ('queued', 'running')
    returning * into v_row;
    if not found then
        return false;
    end if;
    if p_status = 'succeeded' then
        perform quota_settle(v_row.hold_id, 1, v_row.request_id, p_now);
    elsif p_expired then
        perform quota_expire(v_row.hold_id, v_row.request_id, p_now);
    else
        perform quota_release(v_row.hold_id, v_row.request_id, p_now);
    end if;
    update artifact a
       set updated_at = p_now,
           status = case
               when exists (select 1 from regeneration o
                             where o.center_id = p_center and o.env = p_env and o.artifact_id = v_row.artifact_id
                               and o.status in ('queued', 'running')) then 'regenerating'
               when p_status = 'succeeded' then 'ready'
               else 'failed' end
     where a.center_id = p_center and a.env = p_env and a.id = v_row.artifact_id;
    perform tell_regeneration(
        case p_status when 'succeeded' then 'artifact.regenerated' else 'artifact.regeneration_failed' end, v_row, p_now);
    return true;
end $$;

-- Locks the artifact, then the regeneration, if the fence is still its own.
create function regeneration_locked(p_center text, p_env text, p_id text, p_fence bigint) returns setof regeneration
language plpgsql as $$
begin
    perform 1
       from artifact a
      where a.center_id = p_center and a.env = p_env
        and a.id = (select r.artifact_id from regeneration r where r.center_id = p_center and r.env = p_env and r.id = p_id)
        for no key update;
    return query
        select r.*
          from regeneration r
         where r.center_id = p_center and r.env = p_env and r.id = p_id and r.fence = p_fence and r.status = 'running'
           for no key update;
end $$;

-- Keeps what was made as the artifact's next version, a quiz also as the next version of its assessment, and ends the
-- regeneration. Returns the version that it made, said twice the same, or null where the fence is another's.
create function regeneration_keep(p_center text, p_env text, p_id text, p_fence bigint, p_media_type text, p_bytes bigint,
                                  p_content text, p_remark text, p_quiz made_quiz, p_now timestamptz)
returns integer
language plpgsql as $$
declare
    v_row regeneration;
    v_version integer;
begin
    select * into v_row from regeneration_locked(p_center, p_env, p_id, p_fence);
    if not found then
        select v.version into v_version
          from regeneration r
          join artifact_version v on v.center_id = r.center_id and v.env = r.env and v.artifact_id = r.artifact_id
               and v.note_id = r.note_id
         where r.center_id = p_center and r.env = p_env and r.id = p_id and r.fence = p_fence and r.status = 'succeeded';
        return v_version;
    end if;
    update artifact a set version = a.version + 1
     where a.center_id = p_center and a.env = p_env and a.id = v_row.artifact_id
    returning a.version into v_version;
    insert into artifact_version (center_id, env, artifact_id, version, media_type, bytes, content, remark, note_id, created_at)
    values (p_center, p_env, v_row.artifact_id, v_version, p_media_type, p_bytes, p_content, p_remark, v_row.note_id, p_now);
    if p_quiz is not null then
        perform quiz_publish(p_center, p_env, v_row.artifact_id, p_quiz, p_now, v_row.request_id);
    end if;
    perform regeneration_end(p_center, p_env, p_id, 'succeeded', null, false, p_now, true);
    return v_version;
end $$;

-- Fails a regeneration by its own worker, said twice the same. False: the fence is another's, or others ended it.
create function regeneration_fail(p_center text, p_env text, p_id text, p_fence bigint, p_failure jsonb, p_now timestamptz)
returns boolean
language plpgsql as $$
begin
    perform 1 from regeneration_locked(p_center, p_env, p_id, p_fence);
    if not found then
        return exists (select from regeneration r
                        where r.center_id = p_center and r.env = p_env and r.id = p_id and r.fence = p_fence
                          and r.status = 'failed');
    end if;
    return regeneration_end(p_center, p_env, p_id, 'failed', p_failure, false, p_now, true);
end $$;

-- Fails what nobody will finish, and tells of what it could not, as generation_sweep does.
create function regeneration_sweep(p_claims_max integer, p_failure jsonb, p_limit integer, p_now timestamptz)
returns table (center_id text, env text, id text, artifact_id text, request_id text, hold_id text, expired boolean, trouble text)
language plpgsql as $$
declare
    v_candidate record;
begin
    for v_candidate in
        select c.*
          from (select r.center_id, r.env, r.id, r.artifact_id, r.request_id, r.hold_id
                  from regeneration r
                  join quota_hold h on h.id = r.hold_id
                 where r.status in ('queued', 'running') and lease_lapsed(r.lease_until)
                   and (r.claims >= p_claims_max or h.deadline_at < clock_timestamp())
                 order by random()
                 limit p_limit) c
         order by c.center_id, c.env, c.artifact_id
    loop
        center_id := v_candidate.center_id;
        env := v_candidate.env;
        id := v_candidate.id;
        artifact_id := v_candidate.artifact_id;
        request_id := v_candidate.request_id;
        hold_id := v_candidate.hold_id;
        begin
            perform 1
               from artifact a
              where a.center_id = v_candidate.center_id and a.env = v_candidate.env and a.id = v_candidate.artifact_id
                for no key update skip locked;
            continue when not found;
            select coalesce(h.deadline_at < clock_timestamp(), false)
              into expired
              from regeneration r
              join quota_hold h on h.id = r.hold_id
             where r.center_id = v_candidate.center_id and r.env = v_candidate.env and r.id = v_candidate.id
               and r.status in ('queued', 'running') and lease_lapsed(r.lease_until)
               and (r.claims >= p_claims_max or h.deadline_at < clock_timestamp())
               for no key update of r skip locked;
            continue when not found;
            trouble := null;
            continue when not regeneration_end(center_id, env, id, 'failed', p_failure, expired, p_now, false);
        exception when others then
            trouble := sqlstate;
        end;
        return next;
    end loop;
end $$;

-- Gives back the units of what a course still waits for, before it is deleted; its worker then finds no row to write.
-- The caller has locked the course. Returns what it ended.
create function regenerations_abandon(p_center text, p_env text, p_course text, p_failure jsonb, p_now timestamptz)
returns table (id text, artifact_id text, hold_id text)
language plpgsql as $$
begin
    perform 1 from artifact a
      where a.center_id = p_center and a.env = p_env and a.course_id = p_course
      order by a.id
        for no key update;
    for id, artifact_id, hold_id in
        select r.id, r.artifact_id, r.hold_id
          from regeneration r
          join artifact a on a.center_id = r.center_id and a.env = r.env and a.id = r.artifact_id
         where a.center_id = p_center and a.env = p_env and a.course_id = p_course and r.status in ('queued', 'running')
         order by r.id
    loop
        if regeneration_end(p_center, p_env, id, 'failed', p_failure, false, p_now, false) then
            return next;
        end if;
    end loop;
end $$;

-- What waits for a worker: no live lease, claims left, and of an artifact's regenerations only the oldest. Each center's
-- oldest before any center's second, so that a backlog of one holds up no other.
-- key tells one wait from the next: a wake-up that is under way for this one is not sent again.
create function work_due(p_claims_max integer, p_limit integer)
returns table (kind text, center_id text, env text, id text, key text, created_at timestamptz)
language sql volatile as $$
    select due.kind, due.center_id, due.env, due.id, due.key, due.created_at
      from (
        select 'generation', g.center_id, g.env, g.id, g.id || ':' || g.fence, g.created_at,
               row_number() over (partition by g.center_id, g.env order by g.created_at)
          from generation g
         where g.status in ('queued', 'running') and lease_lapsed(g.lease_until) and g.claims < p_claims_max
        union all
        select 'regeneration', r.center_id, r.env, r.artifact_id, r.id || ':' || r.fence, r.created_at,
               row_number() over (partition by r.center_id, r.env order by r.created_at)
          from regeneration r
         where r.status in ('queued', 'running') and lease_lapsed(r.lease_until) and r.claims < p_claims_max
           and not exists (select 1 from regeneration e
                            where e.center_id = r.center_id and e.env = r.env and e.artifact_id = r.artifact_id
                              and e.status in ('queued', 'running') and (e.created_at, e.id) < (r.created_at, r.id))
      ) due(kind, center_id, env, id, key, created_at, place)
     order by due.place, due.created_at
     limit p_limit
$$;

-- How much waits for a worker, and for how long the oldest has.
create function work_waiting() returns table (kind text, waiting bigint, oldest_seconds double precision)
language sql volatile as $$
    select 'generation', count(*), coalesce(extract(epoch from clock_timestamp() - min(g.created_at)), 0)::double precision
      from generation g
     where g.status in ('queued', 'running') and lease_lapsed(g.lease_until)
    union all
    select 'regeneration', count(*), coalesce(extract(epoch from clock_timestamp() - min(r.created_at)), 0)::double precision
      from regeneration r
     where r.status in ('queued', 'running') and lease_lapsed(r.lease_until)
$$;

-- Holds by state: every HELD one, and of those made since p_since what became of them. An index of ranges costs a launch
-- next to nothing; an older HELD one is found by the work that it pays for.
create index quota_hold_recent on quota_hold using brin (created_at) with (pages_per_range = 16, autosummarize = on);

create function holds_by_state(p_since timestamptz) returns table (state text, holds bigint)
language sql stable as $$
    select s.state, count(h.state)
      from (values ('HELD'), ('SETTLED'), ('RELEASED'), ('EXPIRED'), ('REFUNDED')) s(state)
      left join (
        select h.state::text from quota_hold h where h.created_at >= p_since
        union all
        select h.state::text
          from (select g.hold_id from generation g where g.status in ('queued', 'running')
                union all
                select r.hold_id from regeneration r where r.status in ('queued', 'running')) w
          join quota_hold h on h.id = w.hold_id
         where h.created_at < p_since and h.state = 'HELD'
      ) h(state) on h.state = s.state
     group by s.state
$$;
