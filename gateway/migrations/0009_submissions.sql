-- Attempts of learners: started, saved, submitted or run out; checks of single answers; what happened on the way.
-- Answers and results are bytes that no SQL looks into. Every decision here is one statement of its caller.

create domain submission_status as text check (value in ('in_progress', 'graded', 'awaiting_review', 'expired'));
create domain submission_source as text check (value in ('api', 'embed'));
create domain submission_event_type as text
    check (value in ('answer_change', 'node_view', 'paused', 'resumed', 'navigated', 'flagged'));

create table submission (
    center_id           text not null,
    env                 environment not null,
    id                  text not null,
    assessment_id       text not null,
    assessment_version  integer not null,               -- the one that was started, whatever is published since
    learner_ref         text not null,
    attempt             integer not null,               -- 1, 2, ... of this learner
    status              submission_status not null default 'in_progress',
    source              submission_source not null,
    regrade_of          text,                           -- the submission whose answers were graded again
    sequence            bigint not null default 0,      -- of the newest save; 0 = none
    saved               bytea,                          -- JSON of the answers saved last
    answers             bytea,                          -- JSON of the answers that were graded
    results             bytea,                          -- JSON, an item each, with the exact share
    earned              text,                           -- exact hundredths of a point, such as 1250 or 400/3
    score_cents         bigint,
    max_cents           bigint not null,
    percent             smallint,                       -- floored
    passed              boolean,
    events              integer not null default 0,     -- how many are kept
    started_at          timestamptz not null,
    expires_at          timestamptz,                    -- null = no time limit
    submitted_at        timestamptz,
    graded_at           timestamptz,                    -- null while a person must judge
    primary key (center_id, env, id),
    foreign key (center_id, env, assessment_id, assessment_version) references assessment_version,
    foreign key (center_id, env, regrade_of) references submission on delete cascade,
    check ((status = 'in_progress') = (submitted_at is null))
) with (fillfactor = 80);
create unique index submission_attempt on submission (center_id, env, assessment_id, learner_ref, attempt)
    where regrade_of is null;
create unique index submission_open on submission (center_id, env, assessment_id, learner_ref)
    where status = 'in_progress';
create index submission_due on submission (expires_at) where status = 'in_progress' and expires_at is not null;

-- What a learner used up on an item, whichever version it was asked in. `tries` are counted where a try costs points: each
-- checked or submitted answer that is not the one before is one. `tries_before` are those before the last.
create table check_count (
    center_id      text not null,
    env            environment not null,
    assessment_id  text not null,
    learner_ref    text not null,
    item_id        text not null,
    used           integer not null,
    tries          integer not null default 0,
    tries_before   integer not null default 0,
    answer_digest  bytea,                               -- HMAC of the answer tried last
    primary key (center_id, env, assessment_id, learner_ref, item_id),
    foreign key (center_id, env, assessment_id) references assessment on delete cascade
) with (fillfactor = 70);

create table submission_event (
    center_id      text not null,
    env            environment not null,
    submission_id  text not null,
    id             text not null,                       -- the sender's own: the same one is kept once
    type           submission_event_type not null,
    item_id        text,
    at             timestamptz not null,                -- as the sender says
    payload        bytea,
    received_at    timestamptz not null,
    primary key (center_id, env, submission_id, id),
    foreign key (center_id, env, submission_id) references submission on delete cascade
);

-- From here to the end of the transaction, what another one holds is waited for 1.5 seconds: SQLSTATE 55P03 after that.
create function wait_briefly() returns void language sql as $$
    select set_config('lock_timeout', '1500', true);
$$;

-- Lets one request at a time take an attempt of this learner; held to the end of the transaction.
create function lock_attempts(p_center text, p_env text, p_assessment text, p_learner text) returns void
language sql as $$
    select pg_advisory_xact_lock(hashtextextended(p_learner, hashtextextended(p_assessment || p_env || p_center, 9)));
$$;

-- outcome: started, open (the row is the one under way), spent (no attempt left), moved (the assessment is not published,
-- or not at this version: read it again).
create function submission_start(
    p_center text, p_env text, p_assessment text, p_version integer, p_learner text, p_id text, p_attempts_max integer,
    p_max_cents bigint, p_source text, p_now timestamptz, p_expires timestamptz,
    out outcome text, out submission submission)
language plpgsql as $$
declare
    v_last integer;
begin
    perform wait_briefly();
    perform lock_attempts(p_center, p_env, p_assessment, p_learner);
    perform from assessment a
      where a.center_id = p_center and a.env = p_env and a.id = p_assessment
        and a.status = 'published' and a.published_version = p_version;
    if not found then
        outcome := 'moved';
        return;
    end if;
    select * into submission from submission s
     where s.center_id = p_center and s.env = p_env and s.assessment_id = p_assessment and s.learner_ref = p_learner
       and s.status = 'in_progress';
    if found then
        outcome := 'open';
        return;
    end if;
    select max(s.attempt) into v_last from submission s
     where s.center_id = p_center and s.env = p_env and s.assessment_id = p_assessment and s.learner_ref = p_learner
       and s.regrade_of is null;
    if v_last >= p_attempts_max then
        outcome := 'spent';
        return;
    end if;
    insert into submission (center_id, env, id, assessment_id, assessment_version, learner_ref, attempt, source,
                            max_cents, started_at, expires_at)
    values (p_center, p_env, p_id, p_assessment, p_version, p_learner, coalesce(v_last, 0) + 1, p_source,
            p_max_cents, p_now, p_expires)
    returning * into submission;
    outcome := 'started';
end $$;

-- outcome: saved (the same save again too), stale (a newer one is kept), closed, due (its time is over). No row: there is
-- no such submission.
create function submission_save(
    p_center text, p_env text, p_id text, p_sequence bigint, p_saved bytea, p_now timestamptz)
returns table (outcome text, sequence bigint)
language plpgsql as $$
#variable_conflict use_column
declare
    v_row submission;
begin
    perform wait_briefly();
    update submission s set sequence = p_sequence, saved = p_saved
     where s.center_id = p_center and s.env = p_env and s.id = p_id and s.status = 'in_progress'
       and s.sequence < p_sequence and (s.expires_at is null or p_now < s.expires_at);
    if found then
        return query select 'saved', p_sequence;
        return;
    end if;
    select * into v_row from submission s where s.center_id = p_center and s.env = p_env and s.id = p_id;
    if not found then
        return;
    end if;
    return query select case when v_row.status <> 'in_progress' then 'closed'
                             when v_row.expires_at <= p_now then 'due'
                             when v_row.sequence = p_sequence and v_row.saved = p_saved then 'saved'
                             else 'stale' end,
                        v_row.sequence;
end $$;

-- A request's key, where it has one, and what its retry is answered. `key` null: none.
create type answer_claim as (
    route text, principal text, key text, fingerprints bytea[], status smallint, location text, body bytea,
    expires timestamptz);

create type submit_outcome as (outcome text, status smallint, location text, body bytea);

-- What a grading found, and how it goes into the row. `tried` are the items whose tries are counted, with their answers'
-- digests: null where a try costs nothing.
create type submit_wish as (
    is_new boolean, center text, env text, id text, assessment text, version integer, learner text, attempt integer,
    sequence bigint /* of the save that was graded; null: the answers came with the request, or a new attempt is taken */,
    source text, submission_status text, answers bytea, results bytea, earned text, score_cents bigint, max_cents bigint,
    percent smallint, passed boolean, started timestamptz, ended timestamptz, graded timestamptz, at timestamptz,
    tried text[], digests bytea[], claim answer_claim, actor text, request_id text, rule text /* SHA-256 of what it was graded by */,
    inputs text /* what its record commits to: whose it is, and digests of what was answered and found */);

-- Counts one more try of each item, unless it has the answer of the one before: that is the same try. Locks go by item, as
-- they do in checks_count.
create function tries_count(p_center text, p_env text, p_assessment text, p_learner text, p_items text[], p_digests bytea[])
returns void language sql as $$
    insert into check_count as c (center_id, env, assessment_id, learner_ref, item_id, used, tries, answer_digest)
    select p_center, p_env, p_assessment, p_learner, t.item, 0, 1, t.digest
      from unnest(p_items, p_digests) t (item, digest) order by t.item collate "C"
    on conflict (center_id, env, assessment_id, learner_ref, item_id) do update
       set tries = c.tries + 1, tries_before = c.tries, answer_digest = excluded.answer_digest
     where c.answer_digest is distinct from excluded.answer_digest;
$$;

-- Writes a grade: into the attempt under way, or as an attempt of its own that is begun and ended at once (`is_new`).
-- outcome: submitted; replay | reused of claim_key; of an attempt under way: closed (it is no longer), moved (saved anew
-- since); of a new one: moved (an attempt was taken, or the version is no longer the published one: look again).
create function submission_submit(w submit_wish, p_wait_ms integer) returns submit_outcome
language plpgsql as $$
declare
    v_claim key_claim;
    v_status text;
    v_sequence bigint;
    v_claimed boolean := (w.claim).key is not null;
begin
    if w.is_new then
        perform lock_attempts(w.center, w.env, w.assessment, w.learner);
        perform from assessment a
          where a.center_id = w.center and a.env = w.env and a.id = w.assessment
            and a.status = 'published' and a.published_version = w.version
            and w.attempt = 1 + coalesce((
                select max(s.attempt) from submission s
                 where s.center_id = w.center and s.env = w.env and s.assessment_id = w.assessment
                   and s.learner_ref = w.learner and s.regrade_of is null), 0)
            and not exists (
                select from submission s
                 where s.center_id = w.center and s.env = w.env and s.assessment_id = w.assessment
                   and s.learner_ref = w.learner and s.status = 'in_progress');
        v_status := case when found then 'in_progress' end;
    else
        select s.status, s.sequence into v_status, v_sequence from submission s
         where s.center_id = w.center and s.env = w.env and s.id = w.id
           for no key update;
    end if;

    -- The claim stands behind the attempt's lock, as in every statement on attempts: a twin waits for the attempt.
    if v_claimed then
        if v_status is distinct from 'in_progress' then
            -- Nothing will be done. Who did it before with this key is answered as then.
            select case when k.fingerprint = any ((w.claim).fingerprints) then 'replay' else 'reused' end,
                   k.status, k.location, k.body, k.subject into v_claim
              from idempotency_claim k
             where k.center_id = w.center and k.env = w.env and k.key = (w.claim).key and k.route = (w.claim).route
               and k.method = 'POST' and k.principal = (w.claim).principal and k.expires_at > w.at;
            if v_claim.state is not null then
                return row(v_claim.state, v_claim.status, v_claim.location, v_claim.body)::submit_outcome;
            end if;
        elsif w.sequence is null or w.sequence = v_sequence then
            v_claim := claim_key(w.center, w.env, 'POST', (w.claim).route, (w.claim).principal, (w.claim).key,
                                 (w.claim).fingerprints, (w.claim).status, (w.claim).location, (w.claim).body,
                                 w.at, (w.claim).expires, p_wait_ms);
            if v_claim.state <> 'fresh' then
                return row(v_claim.state, v_claim.status, v_claim.location, v_claim.body)::submit_outcome;
            end if;
        end if;
    end if;

    if v_status is distinct from 'in_progress' then
        return row(case when w.is_new then 'moved' else 'closed' end, null, null, null)::submit_outcome;
    elsif w.sequence <> v_sequence then
        return row('moved', null, null, null)::submit_outcome;
    end if;
    -- Counts refer to the assessment, attempts to its version: in this order, as a deletion of the assessment locks them.
    if w.tried is not null then
        perform tries_count(w.center, w.env, w.assessment, w.learner, w.tried, w.digests);
    end if;
    if w.is_new then
        insert into submission (center_id, env, id, assessment_id, assessment_version, learner_ref, attempt, status, source,
                                answers, results, earned, score_cents, max_cents, percent, passed,
                                started_at, submitted_at, graded_at)
        values (w.center, w.env, w.id, w.assessment, w.version, w.learner, w.attempt, w.submission_status, w.source,
                w.answers, w.results, w.earned, w.score_cents, w.max_cents, w.percent, w.passed,
                w.started, w.ended, w.graded);
    else
        update submission s
           set status = w.submission_status, saved = null, answers = w.answers, results = w.results, earned = w.earned,
               score_cents = w.score_cents, percent = w.percent, passed = w.passed,
               submitted_at = w.ended, graded_at = w.graded
         where s.center_id = w.center and s.env = w.env and s.id = w.id;
    end if;
    if w.graded is not null then    -- else a person must judge first
        perform tell_submission(w.center, w.env, 'submission.graded', w.id, w.at, w.request_id);
    end if;
    return row('submitted', null, null, null)::submit_outcome;
end $$;

-- Grades of several requests, in one transaction; each outcome says nothing about the next. What another transaction
-- holds is waited for p_wait_ms (SQLSTATE 55P03 after that, and nothing is written). Sort the wishes by center, env,
-- assessment, learner and id, so that batches of several gateways meet in one order. Their records are sealed at the end: who
-- holds the head of a chain waits for nothing but other heads.
create function submissions_submit(p_wishes submit_wish[], p_wait_ms integer) returns setof submit_outcome
language plpgsql as $$
declare
    w submit_wish;
    v_outcome submit_outcome;
    v_decisions decision[];
begin
    perform set_config('lock_timeout', p_wait_ms::text, true);
    foreach w in array p_wishes loop
        v_outcome := submission_submit(w, p_wait_ms);
        if v_outcome.outcome = 'submitted' then
            v_decisions := v_decisions || row(
                w.center, w.env, 'submission.graded', w.actor, w.id,
                '{"assessment":"' || w.assessment || '","rule":"' || w.rule || '","version":' || w.version || '}',
                '{"attempt":' || w.attempt || ',"earned":"' || w.earned || '","max_cents":' || w.max_cents || ',"passed":'
                    || coalesce(w.passed::text, 'null') || ',"percent":' || coalesce(w.percent::text, 'null') || ',"score_cents":'
                    || coalesce(w.score_cents::text, 'null') || ',"status":"' || w.submission_status || '"}',
                w.inputs, w.request_id, w.at, w.learner, 'dpu_' || substr(w.id, 5))::decision;
        end if;
        return next v_outcome;
    end loop;
    if v_decisions is not null then
        perform seal_all(v_decisions);
    end if;
end $$;

-- What a check asks for: one more of `allowed` for this learner and item. `digest` null: a try costs nothing here.
create type check_wish as (
    center text, env text, assessment text, version integer, learner text, item text, allowed integer, digest bytea,
    at timestamptz);

-- Counts checks of several requests, before any answer leaves. outcome: counted (`used` is the count with this one),
-- spent, moved (the assessment is not published, or this learner is asked another version: `version`, null where there is
-- none), due (the time of the attempt under way is over). The version is that of the attempt under way, else the published one. Sorting and waiting as in submissions_submit.
create function checks_count(p_wishes check_wish[], p_wait_ms integer)
returns table (outcome text, used integer, version integer)
language plpgsql as $$
#variable_conflict use_column
declare
    w check_wish;
    v_used integer;
    v_version integer;
    v_due boolean;
begin
    perform set_config('lock_timeout', p_wait_ms::text, true);
    foreach w in array p_wishes loop
        select case when a.status = 'published' then coalesce(s.assessment_version, a.published_version) end,
               s.expires_at <= w.at
          into v_version, v_due
          from assessment a
          left join submission s on s.center_id = a.center_id and s.env = a.env and s.assessment_id = a.id
                                and s.learner_ref = w.learner and s.status = 'in_progress'
         where a.center_id = w.center and a.env = w.env and a.id = w.assessment;
        if v_due then
            return query select 'due', 0, v_version;
            continue;
        elsif v_version is distinct from w.version then
            return query select 'moved', 0, v_version;
            continue;
        end if;
        v_used := null;
        if w.allowed > 0 then
            insert into check_count as c (center_id, env, assessment_id, learner_ref, item_id, used, tries, answer_digest)
            values (w.center, w.env, w.assessment, w.learner, w.item, 1, (w.digest is not null)::integer, w.digest)
            on conflict (center_id, env, assessment_id, learner_ref, item_id) do update
               set used = c.used + 1,
                   tries = c.tries + (w.digest is not null and w.digest is distinct from c.answer_digest)::integer,
                   tries_before = case when w.digest is null or w.digest = c.answer_digest then c.tries_before else c.tries end,
                   answer_digest = coalesce(w.digest, c.answer_digest)
             where c.used < w.allowed
            returning c.used into v_used;
        end if;
        if v_used is null then
            return query select 'spent', w.allowed, v_version;
        else
            return query select 'counted', v_used, v_version;
        end if;
    end loop;
end $$;

-- Keeps events, each id once. outcome: noted, full (then none is kept), erased (its learner was forgotten, see 0010: nothing
-- more is kept of it). No row: there is no such submission.
create function submission_note(
    p_center text, p_env text, p_id text, p_ids text[], p_types text[], p_items text[], p_times timestamptz[],
    p_payloads bytea[], p_most integer, p_now timestamptz)
returns table (outcome text, fresh integer)
language plpgsql as $$
declare
    v_kept integer;
    v_fresh integer;
    v_erased boolean;
begin
    perform wait_briefly();
    select s.events, s.erased_at is not null into v_kept, v_erased from submission s
     where s.center_id = p_center and s.env = p_env and s.id = p_id
       for no key update;
    if not found then
        return;
    end if;
    if v_erased then
        return query select 'erased', 0;
        return;
    end if;
    -- The submission's lock is held: whatever is not there now comes from here alone.
    select count(distinct given.id) into v_fresh from unnest(p_ids) given (id)
     where not exists (select from submission_event e
                        where e.center_id = p_center and e.env = p_env and e.submission_id = p_id and e.id = given.id);
    if v_kept + v_fresh > p_most then
        return query select 'full', 0;
        return;
    end if;
    if v_fresh > 0 then
        insert into submission_event (center_id, env, submission_id, id, type, item_id, at, payload, received_at)
        select p_center, p_env, p_id, given.id, given.type, given.item, given.at, given.payload, p_now
          from unnest(p_ids, p_types, p_items, p_times, p_payloads) given (id, type, item, at, payload)
        on conflict (center_id, env, submission_id, id) do nothing;
        update submission s set events = s.events + v_fresh
         where s.center_id = p_center and s.env = p_env and s.id = p_id;
    end if;
    return query select 'noted', v_fresh;
end $$;
