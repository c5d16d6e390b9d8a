-- Grades after the first: by people, and under a newer version; statistics of items; what erasing a learner leaves.
-- Lock order: regrade, then submissions by id. Leases go by this server's clock, as in 0005_generation_work.sql.

alter table submission
    add column reviews      integer not null default 0,     -- how often a person judged an item of it
    add column regrade_id   text,                           -- the regrade that looked at it last
    add column regraded_as  text,                           -- the submission with its newer grade; null: this one stands
    add column erased_at    timestamptz,                    -- answers, results and events are gone, the totals are not
    add foreign key (center_id, env, regraded_as) references submission on delete set null (regraded_as);

-- Grades of one attempt are a chain: each has one successor at most, however often and by whomever it is graded again.
create unique index submission_regraded_once on submission (center_id, env, regrade_of) where regrade_of is not null;
create index submission_result on submission (center_id, env, assessment_id, submitted_at desc, id desc)
    where submitted_at is not null;
create index submission_of_learner on submission (center_id, env, learner_ref, id);

-- Whose attempt an answer kept for retries tells of, as JSON spells the name; it stands near the answer's beginning.
create function learner_told(p_body bytea) returns text
language sql immutable as $$
    select (regexp_match(convert_from(p_body, 'UTF8'), '"learner_ref":("(?:[^"\\]|\\.)*")'))[1]
$$;
create index claim_of_learner on idempotency_claim (center_id, env, learner_told(body)) where route like '%submi%';

-- What people said of items that only a person can judge; the newest of an item counts.
create table review (
    center_id      text not null,
    env            environment not null,
    id             text not null,
    submission_id  text not null,
    item_id        text not null,
    score_cents    bigint not null check (score_cents >= 0),
    max_cents      bigint not null,
    comment        text,
    reviewer       text not null,                           -- the id of the key
    created_at     timestamptz not null,
    primary key (center_id, env, id),
    foreign key (center_id, env, submission_id) references submission on delete cascade
);
create index review_of_submission on review (center_id, env, submission_id, created_at desc, id desc);

create domain regrade_policy as text check (value in ('never_lower', 'replace'));
create domain regrade_status as text check (value in ('queued', 'running', 'succeeded', 'failed'));

-- A row is the work itself: whoever holds its lease goes through what is pending, fenced as a generation is.
create table regrade (
    center_id      text not null,
    env            environment not null,
    id             text not null,
    assessment_id  text not null,
    from_version   integer not null,
    to_version     integer not null,
    policy         regrade_policy not null,
    status         regrade_status not null default 'queued',
    regraded       bigint not null default 0,               -- submissions that got a new grade
    kept           bigint not null default 0,               -- submissions whose grade stayed
    failure        jsonb,
    requested_by   text not null,                           -- the id of the key
    request_id     text not null,
    claims         integer not null default 0,              -- how often it was taken since it last came further
    fence          bigint not null default 0,
    lease_until    timestamptz,
    created_at     timestamptz not null,
    started_at     timestamptz,
    finished_at    timestamptz,
    primary key (center_id, env, id),
    foreign key (center_id, env, assessment_id, from_version) references assessment_version on delete cascade,
    foreign key (center_id, env, assessment_id, to_version) references assessment_version on delete cascade,
    check (from_version < to_version),
    check ((status in ('succeeded', 'failed')) = (finished_at is not null))
) with (fillfactor = 70);
create unique index regrade_once on regrade (center_id, env, assessment_id, from_version, to_version, policy);
create index regrade_newest on regrade (center_id, env, assessment_id, created_at desc, id desc);
create index regrade_unfinished on regrade (env, created_at) where status in ('queued', 'running');

-- Grades under from_version that stand, and that this regrade has not looked at.
create function regrade_pending(p_regrade regrade) returns setof submission
language sql stable rows 100 as $$
    select s.*
      from submission s
     where s.center_id = (p_regrade).center_id and s.env = (p_regrade).env and s.assessment_id = (p_regrade).assessment_id
       and s.submitted_at is not null and s.assessment_version = (p_regrade).from_version
       and s.regraded_as is null and s.regrade_id is distinct from (p_regrade).id
$$;

-- Asks for a regrade, once: the same one is answered as it stands. One that has ended goes on if it failed, or if
-- attempts were submitted under from_version since.
-- outcome: queued (a worker must be woken), standing (nothing new to do), unpublished, unknown_version. No row: there is
-- no such assessment.
create function regrade_request(
    p_center text, p_env text, p_assessment text, p_from integer, p_policy text, p_id text, p_actor text,
    p_request_id text, p_now timestamptz)
returns table (outcome text, found regrade)
language plpgsql as $$
declare
    v_to integer;
    v_row regrade;
begin
    select a.published_version into v_to from assessment a
     where a.center_id = p_center and a.env = p_env and a.id = p_assessment
       for share;
    if not found then
        return;
    elsif v_to is null then
        return query select 'unpublished', null::regrade;
        return;
    end if;
    perform from assessment_version v
      where v.center_id = p_center and v.env = p_env and v.assessment_id = p_assessment and v.version = p_from
        and v.version < v_to;
    if not found then
        return query select 'unknown_version', null::regrade;
        return;
    end if;
    insert into regrade (center_id, env, id, assessment_id, from_version, to_version, policy, requested_by, request_id,
                         created_at)
    values (p_center, p_env, p_id, p_assessment, p_from, v_to, p_policy, p_actor, p_request_id, p_now)
    on conflict (center_id, env, assessment_id, from_version, to_version, policy) do nothing
    returning * into v_row;
    if found then
        return query select 'queued', v_row;
        return;
    end if;
    select * into v_row from regrade r
     where r.center_id = p_center and r.env = p_env and r.assessment_id = p_assessment and r.from_version = p_from
       and r.to_version = v_to and r.policy = p_policy
       for no key update;
    if v_row.status = 'failed' or (v_row.status = 'succeeded' and exists (select from regrade_pending(v_row))) then
        update regrade r
           set status = 'queued', claims = 0, failure = null, finished_at = null, lease_until = null
         where r.center_id = p_center and r.env = p_env and r.id = v_row.id
        returning * into v_row;
        return query select 'queued', v_row;
    else
        return query select 'standing', v_row;
    end if;
end $$;

-- Takes a due regrade, as generation_claim does.
create function regrade_claim(p_center text, p_env text, p_id text, p_lease interval, p_claims_max integer, p_now timestamptz)
returns setof regrade
language sql as $$
    update regrade r
       set status = 'running', claims = r.claims + 1, fence = r.fence + 1, lease_until = clock_timestamp() + p_lease,
           started_at = coalesce(r.started_at, p_now)
     where r.center_id = p_center and r.env = p_env and r.id = p_id
       and r.status in ('queued', 'running') and lease_lapsed(r.lease_until) and r.claims < p_claims_max
    returning r.*
$$;

-- Prolongs a lease; false: the fence is another's, or it has ended.
create function regrade_renew(p_center text, p_env text, p_id text, p_fence bigint, p_lease interval) returns boolean
language plpgsql as $$
begin
    update regrade r
       set lease_until = clock_timestamp() + p_lease
     where r.center_id = p_center and r.env = p_env and r.id = p_id and r.fence = p_fence and r.status = 'running';
    return found;
end $$;

-- Hands a lease back in good order: due at once, the claim not counted.
create function regrade_hand_back(p_center text, p_env text, p_id text, p_fence bigint) returns boolean
language plpgsql as $$
begin
    update regrade r
       set lease_until = null, claims = greatest(r.claims - 1, 0)
     where r.center_id = p_center and r.env = p_env and r.id = p_id and r.fence = p_fence and r.status = 'running';
    return found;
end $$;

-- What a regrade found for one submission. `new_id` null: its grade stays. `reviews` is how often it had been reviewed
-- when it was read: one that was reviewed or erased since is left for the next look.
create type regraded as (
    submission text, reviews integer, new_id text, status text, results bytea, earned text, score_cents bigint,
    max_cents bigint, percent smallint, passed boolean, graded_at timestamptz);

-- Writes new grades beside the old ones, which stay as they are but for the name of their successor. Said twice, since
-- the first answer was lost on the way, it changes nothing. Null: the fence is another's, or it has ended.
create function regrade_keep(p_center text, p_env text, p_id text, p_fence bigint, p_found regraded[], p_now timestamptz)
returns integer
language plpgsql as $$
declare
    v_row regrade;
    v_one regraded;
    v_old submission;
    v_rule text;
    v_decisions decision[];
    v_regraded integer := 0;
    v_kept integer := 0;
begin
    select * into v_row from regrade r
     where r.center_id = p_center and r.env = p_env and r.id = p_id and r.fence = p_fence and r.status = 'running'
       for no key update;
    if not found then
        return null;
    end if;
    for v_one in select f.* from unnest(p_found) f order by f.submission
    loop
        select * into v_old from submission s
         where s.center_id = p_center and s.env = p_env and s.id = v_one.submission and s.reviews = v_one.reviews
           and s.regraded_as is null and s.regrade_id is distinct from p_id
           and (v_one.new_id is null or s.erased_at is null)
           for no key update;
        if not found then
            continue;
        end if;
        if v_one.new_id is not null then
            insert into submission (center_id, env, id, assessment_id, assessment_version, learner_ref, attempt, status,
                                    source, regrade_of, sequence, answers, results, earned, score_cents, max_cents,
                                    percent, passed, started_at, expires_at, submitted_at, graded_at)
            values (p_center, p_env, v_one.new_id, v_old.assessment_id, v_row.to_version, v_old.learner_ref, v_old.attempt,
                    v_one.status, v_old.source, v_old.id, v_old.sequence, v_old.answers, v_one.results, v_one.earned,
                    v_one.score_cents, v_one.max_cents, v_one.percent, v_one.passed, v_old.started_at, v_old.expires_at,
                    v_old.submitted_at, v_one.graded_at);
            perform tell_submission(p_center, p_env, 'submission.regraded', v_one.new_id, p_now, v_row.request_id);
            v_regraded := v_regraded + 1;
            v_rule := coalesce(v_rule, (
                select encode(sha256(v.items || v.settings), 'hex') from assessment_version v
                 where v.center_id = p_center and v.env = p_env and v.assessment_id = v_old.assessment_id
                   and v.version = v_row.to_version));
            v_decisions := v_decisions || row(
                p_center, p_env, 'submission.regraded', v_row.requested_by, v_one.new_id,
                jcs(jsonb_build_object('assessment', v_old.assessment_id, 'policy', v_row.policy, 'regrade', p_id, 'rule', v_rule,
                                       'version', v_row.to_version)),
                jcs(jsonb_build_object('earned', v_one.earned, 'max_cents', v_one.max_cents, 'passed', v_one.passed,
                                       'percent', v_one.percent, 'regrade_of', v_old.id, 'score_cents', v_one.score_cents,
                                       'score_cents_before', v_old.score_cents, 'status', v_one.status)),
                jcs(jsonb_build_object('answers_sha256', encode(sha256(v_old.answers), 'hex'), 'learner_ref', v_old.learner_ref,
                                       'results_sha256', encode(sha256(v_one.results), 'hex'))),
                v_row.request_id, p_now, v_old.learner_ref, 'dpu_' || substr(v_one.new_id, 5))::decision;
        else
            v_kept := v_kept + 1;
        end if;
        update submission s set regrade_id = p_id, regraded_as = v_one.new_id
         where s.center_id = p_center and s.env = p_env and s.id = v_old.id;
    end loop;
    if v_regraded + v_kept > 0 then
        update regrade r set regraded = r.regraded + v_regraded, kept = r.kept + v_kept, claims = 1
         where r.center_id = p_center and r.env = p_env and r.id = p_id;
    end if;
    if v_decisions is not null then
        perform seal_all(v_decisions);
    end if;
    return v_regraded + v_kept;
end $$;

-- Ends a regrade that has nothing left to look at. outcome: ended, more (an attempt was submitted meanwhile), lost (the
-- fence is another's). `failure` given: ends it so, whatever is left.
create function regrade_finish(p_center text, p_env text, p_id text, p_fence bigint, p_failure jsonb, p_now timestamptz)
returns text
language plpgsql as $$
declare
    v_row regrade;
begin
    select * into v_row from regrade r
     where r.center_id = p_center and r.env = p_env and r.id = p_id and r.fence = p_fence and r.status = 'running'
       for no key update;
    if not found then
        return 'lost';
    elsif p_failure is null and exists (select from regrade_pending(v_row)) then
        return 'more';
    end if;
    update regrade r
       set status = case when p_failure is null then 'succeeded' else 'failed' end, failure = p_failure,
           finished_at = p_now, lease_until = null
     where r.center_id = p_center and r.env = p_env and r.id = p_id;
    return 'ended';
end $$;

-- Fails what killed its workers too often without coming further. Of two sweepers at once one ends each.
create function regrade_sweep(p_claims_max integer, p_failure jsonb, p_limit integer, p_now timestamptz)
returns table (center_id text, env text, id text, request_id text)
language sql as $$
    update regrade r
       set status = 'failed', failure = p_failure, finished_at = p_now, lease_until = null
     where r.ctid = any (array(
               select d.ctid from regrade d
                where d.status in ('queued', 'running') and lease_lapsed(d.lease_until) and d.claims >= p_claims_max
                order by d.center_id, d.env, d.id
                limit p_limit
                  for no key update skip locked))
    returning r.center_id, r.env::text, r.id, r.request_id
$$;

-- As in 0007_regeneration_work.sql, with the regrades.
create or replace function work_due(p_claims_max integer, p_limit integer)
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
        union all
        select 'regrade', r.center_id, r.env, r.id, r.id || ':' || r.fence, r.created_at,
               row_number() over (partition by r.center_id, r.env order by r.created_at)
          from regrade r
         where r.status in ('queued', 'running') and lease_lapsed(r.lease_until) and r.claims < p_claims_max
      ) due(kind, center_id, env, id, key, created_at, place)
     order by due.place, due.created_at
     limit p_limit
$$;

create or replace function work_waiting() returns table (kind text, waiting bigint, oldest_seconds double precision)
language sql volatile as $$
    select 'generation', count(*), coalesce(extract(epoch from clock_timestamp() - min(g.created_at)), 0)::double precision
      from generation g
     where g.status in ('queued', 'running') and lease_lapsed(g.lease_until)
    union all
    select 'regeneration', count(*), coalesce(extract(epoch from clock_timestamp() - min(r.created_at)), 0)::double precision
      from regeneration r
     where r.status in ('queued', 'running') and lease_lapsed(r.lease_until)
    union all
    select 'regrade', count(*), coalesce(extract(epoch from clock_timestamp() - min(r.created_at)), 0)::double precision
      from regrade r
     where r.status in ('queued', 'running') and lease_lapsed(r.lease_until)
$$;

-- Statistics of a version's items, as they were computed last: JSON that names no learner.
create table item_statistics (
    center_id        text not null,
    env              environment not null,
    assessment_id    text not null,
    version          integer not null,
    body             bytea,                                 -- null: being computed for the first time
    computed_at      timestamptz,
    computing_until  timestamptz,                           -- by this server's clock; null: nobody computes
    primary key (center_id, env, assessment_id, version),
    foreign key (center_id, env, assessment_id, version) references assessment_version on delete cascade
);

-- Lets one at a time compute, and nobody while what is kept is younger than p_age_max.
-- outcome: kept (body is fresh enough), yours (compute), busy (another does; body is the one before, if any).
create function statistics_claim(
    p_center text, p_env text, p_assessment text, p_version integer, p_now timestamptz, p_age_max interval, p_lease interval,
    out outcome text, out body bytea)
language plpgsql as $$
declare
    v_row item_statistics;
begin
    insert into item_statistics (center_id, env, assessment_id, version)
    values (p_center, p_env, p_assessment, p_version)
    on conflict do nothing;
    select * into v_row from item_statistics i
     where i.center_id = p_center and i.env = p_env and i.assessment_id = p_assessment and i.version = p_version
       for no key update;
    body := v_row.body;
    if v_row.computed_at > p_now - p_age_max then
        outcome := 'kept';
    elsif v_row.computing_until > clock_timestamp() then
        outcome := 'busy';
    else
        outcome := 'yours';
        update item_statistics i set computing_until = clock_timestamp() + p_lease
         where i.center_id = p_center and i.env = p_env and i.assessment_id = p_assessment and i.version = p_version;
    end if;
end $$;
