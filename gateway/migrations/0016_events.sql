-- What events say of courses, artifacts, assessments, submissions and quotas. The function that makes something true calls
-- `tell_...` under the lock of what it is about, before it seals and never after. Each object is shown as the API's own GET
-- shows it to whoever may read it, in the form that lists have: without contents, keys of answers and learners' answers.
-- `external_ref` is the course's. p_request_id: of the request that caused it, see `emit`.

-- Whether any webhook wants the type: where none does, nothing is read and nothing is written.
create function is_awaited(p_center text, p_env text, p_type text) returns boolean language plpgsql stable as $$
begin
    perform from webhook w
      where w.center_id = p_center and w.env = p_env and w.deleted_at is null and w.types @> array[p_type];
    return found;
end $$;

-- An instant as the API shows it: without a fraction where it has none.
create function shown_at(p_at timestamptz) returns text language sql immutable as $$
    select replace(rfc3339(p_at), '.000000Z', 'Z')
$$;

-- Points as the API shows them, from cents.
create function shown_cents(p_cents bigint) returns text language sql immutable as $$
    select to_char(p_cents / 100.0, 'FM9999999999999990.00')
$$;

create function generation_shown(g generation) returns jsonb language sql stable as $$
    select case when (g).id is not null then jsonb_build_object(
        'object', 'generation', 'id', (g).id, 'status', (g).status, 'attempt', (g).attempt,
        'cancel_requested', (g).cancel_requested, 'units_held', (g).units_held, 'units_settled', (g).units_settled,
        'units_released', (g).units_released, 'progress', jsonb_build_object(
            'phase', (g).phase, 'modules_done', (g).modules_done, 'modules_total', (g).modules_total,
            'percent', coalesce((g).modules_done * 100 / nullif((g).modules_total, 0), 100)),
        'created_at', shown_at((g).created_at), 'started_at', shown_at((g).started_at),
        'finished_at', shown_at((g).finished_at), 'failure', (g).failure) end
$$;

create function course_shown(p_center text, p_env text, p_id text) returns jsonb language sql stable as $$
    select jsonb_build_object(
               'object', 'course', 'id', c.id, 'title', c.title, 'status', c.status, 'external_ref', c.external_ref,
               'preset_id', c.preset_id, 'brief', c.brief, 'generation', generation_shown(g.newest),
               'created_at', shown_at(c.created_at), 'updated_at', shown_at(c.updated_at),
               'launched_at', shown_at(c.launched_at), 'finished_at', shown_at(c.finished_at))
      from course c
      left join lateral (
           select l as newest from generation l
            where l.center_id = c.center_id and l.env = c.env and l.course_id = c.id
            order by l.attempt desc limit 1) g on true
     where c.center_id = p_center and c.env = p_env and c.id = p_id
$$;

create function artifact_shown(p_center text, p_env text, p_id text) returns jsonb language sql stable as $$
    select jsonb_build_object(
               'object', 'artifact', 'id', a.id, 'course_id', a.course_id, 'module_index', a.module_index, 'kind', a.kind,
               'version', a.version, 'status', a.status, 'media_type', v.media_type, 'bytes', v.bytes, 'remark', v.remark,
               'regenerations', jsonb_build_object(
                   'used', coalesce(u.settled + u.held, 0), 'cap', l.regenerations_per_artifact),
               'approved_at', null, 'created_at', shown_at(a.created_at), 'updated_at', shown_at(a.updated_at),
               'external_ref', c.external_ref)
           || case when a.kind = 'quiz' then jsonb_build_object('assessment_id', a.assessment_id) else '{}' end
      from artifact a
      join artifact_version v on v.center_id = a.center_id and v.env = a.env and v.artifact_id = a.id
           and v.version = a.version
      join course c on c.center_id = a.center_id and c.env = a.env and c.id = a.course_id
      join effective_limit l on l.center_id = a.center_id
      left join quota_lineage u on u.center_id = a.center_id and u.env = a.env and u.lineage_id = a.lineage_id
     where a.center_id = p_center and a.env = p_env and a.id = p_id
$$;

-- As those who may read it see it: the published version as soon as there is one. `working_version` is the number of the
-- copy that its authors work on: another one where what they changed is not published.
create function assessment_shown(p_center text, p_env text, p_id text) returns jsonb language sql stable as $$
    select jsonb_build_object(
               'object', 'assessment', 'id', a.id, 'course_id', a.course_id, 'title', coalesce(v.title, a.title),
               'description', coalesce(v.description, a.description), 'status', a.status,
               'version', coalesce(v.version, a.version), 'published_version', a.published_version,
               'points_total', shown_cents(coalesce(v.points_cents, a.points_cents)),
               'settings', convert_from(coalesce(v.settings, a.settings), 'UTF8')::jsonb,
               'created_at', shown_at(a.created_at), 'updated_at', shown_at(a.updated_at),
               'published_at', shown_at(a.published_at), 'archived_at', shown_at(a.archived_at),
               'working_version', a.version, 'external_ref', c.external_ref)
      from assessment a
      left join assessment_version v on v.center_id = a.center_id and v.env = a.env and v.assessment_id = a.id
           and v.version = a.published_version
      left join course c on c.center_id = a.center_id and c.env = a.env and c.id = a.course_id
     where a.center_id = p_center and a.env = p_env and a.id = p_id
$$;

create function submission_shown(p_center text, p_env text, p_id text) returns jsonb language sql stable as $$
    select jsonb_build_object(
               'object', 'submission', 'id', s.id, 'assessment_id', s.assessment_id,
               'assessment_version', s.assessment_version, 'learner_ref', s.learner_ref, 'attempt', s.attempt,
               'status', s.status, 'source', s.source, 'regrade_of', s.regrade_of, 'sequence', s.sequence,
               'score', shown_cents(s.score_cents), 'max_score', shown_cents(s.max_cents), 'percent', s.percent,
               'passed', s.passed, 'created_at', shown_at(s.started_at), 'started_at', shown_at(s.started_at),
               'expires_at', shown_at(s.expires_at), 'submitted_at', shown_at(s.submitted_at),
               'graded_at', shown_at(s.graded_at))
      from submission s
     where s.center_id = p_center and s.env = p_env and s.id = p_id
$$;

-- As its managers see it: never its hash.
create function key_shown(k api_key) returns jsonb language sql stable as $$
    select jsonb_build_object(
        'object', 'api_key', 'id', (k).id, 'name', (k).name, 'env', (k).env, 'scopes', (k).scopes,
        'requests_per_minute', (k).requests_per_minute, 'created_by', (k).created_by,
        'created_at', shown_at((k).created_at), 'expires_at', shown_at((k).expires_at),
        'rotated_from', (k).rotated_from, 'last_used_at', shown_at((k).last_used_at))
$$;

-- p_more: what the event says besides, such as which module is ready.
create function tell_course(
    p_center text, p_env text, p_type text, p_id text, p_more jsonb, p_now timestamptz, p_request_id text default null)
returns void language plpgsql as $$
begin
    if is_awaited(p_center, p_env, p_type) then
        perform emit(p_center, p_env, p_type, p_id, course_shown(p_center, p_env, p_id) || p_more, p_now, p_request_id);
    end if;
end $$;

-- How a regeneration ended: the artifact as it is now, and what the note that asked for it came to.
create function tell_regeneration(p_type text, p_row regeneration, p_now timestamptz) returns void language plpgsql as $$
begin
    if is_awaited(p_row.center_id, p_row.env, p_type) then
        perform emit(p_row.center_id, p_row.env, p_type, p_row.artifact_id,
                     artifact_shown(p_row.center_id, p_row.env, p_row.artifact_id) || jsonb_build_object(
                         'note_id', p_row.note_id, 'regeneration', jsonb_build_object(
                             'id', p_row.id, 'status', p_row.status, 'failure', p_row.failure)), p_now, p_row.request_id);
    end if;
end $$;

create function tell_assessment(
    p_center text, p_env text, p_type text, p_id text, p_now timestamptz, p_request_id text default null)
returns void language plpgsql as $$
begin
    if is_awaited(p_center, p_env, p_type) then
        perform emit(p_center, p_env, p_type, p_id, assessment_shown(p_center, p_env, p_id), p_now, p_request_id);
    end if;
end $$;

create function tell_submission(
    p_center text, p_env text, p_type text, p_id text, p_now timestamptz, p_request_id text default null)
returns void language plpgsql as $$
begin
    if is_awaited(p_center, p_env, p_type) then
        perform emit(p_center, p_env, p_type, p_id, submission_shown(p_center, p_env, p_id), p_now, p_request_id);
    end if;
end $$;

-- To the webhooks of the key's own env, whichever it was made from.
create function tell_key(p_type text, k api_key, p_now timestamptz) returns void language plpgsql as $$
begin
    if is_awaited(k.center_id, k.env, p_type) then
        perform emit(k.center_id, k.env, p_type, k.id, key_shown(k), p_now);
    end if;
end $$;

-- Whoever makes and revokes keys: the API, an order, the command line, a key that takes those it made along.
create function key_told() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        perform tell_key('api_key.created', new, new.created_at);
    else
        perform tell_key('api_key.revoked', new, new.revoked_at);
    end if;
    return null;
end $$;
create trigger key_made_told after insert on api_key for each row execute function key_told();
create trigger key_revoked_told after update of revoked_at on api_key
    for each row when (old.revoked_at is null and new.revoked_at is not null) execute function key_told();

-- Every share of its allowance that a center has just reached, as GET /v1/usage shows the meter: below all of it a warning.
create function tell_quota(
    p_center text, p_env text, p_meter text, h hold_outcome, p_now timestamptz, p_request_id text default null)
returns void language plpgsql as $$
declare
    v_percent bigint;
    v_type text;
begin
    foreach v_percent in array h.alerts loop
        v_type := case when v_percent < 100 then 'quota.warning' else 'quota.exceeded' end;
        if is_awaited(p_center, p_env, v_type) then
            perform emit(p_center, p_env, v_type, p_center || ':' || p_meter, jsonb_build_object(
                'object', 'quota', 'id', p_center || ':' || p_meter, 'meter', p_meter, 'reached_percent', v_percent,
                'limit', h.allowed, 'settled', h.settled, 'held', h.held, 'remaining', h.allowed - h.settled - h.held,
                'percent', (h.settled + h.held) * 100 / h.allowed,
                'period', jsonb_build_object('start', shown_at(h.period_start), 'end', shown_at(h.period_end),
                                             'resets_at', shown_at(h.period_end))), p_now, p_request_id);
        end if;
    end loop;
end $$;
