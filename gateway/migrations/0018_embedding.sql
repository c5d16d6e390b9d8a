-- Learners in browsers: a token that is spent once, for a session that opens one attempt. Both are known by the SHA-256 of
-- bytes that nobody can guess, and both end with whatever they rest on, asked anew at every request.

-- Where a center's pages with the player may stand: scheme, host and port as a browser writes them.
create table embed_origin (
    center_id   text not null references center,
    env         environment not null,
    origin      text not null check (origin ~ '^https?://[a-z0-9.-]+(:[0-9]+)?$'),
    created_at  timestamptz not null,
    primary key (center_id, env, origin)
);

create table embed_token (
    center_id      text not null,
    env            environment not null,
    id             text not null,                           -- tok_…
    token_hash     bytea not null unique check (length(token_hash) = 32),
    assessment_id  text not null,
    learner_ref    text not null,
    origin         text,                                    -- null: in no frame
    created_by     text not null,                           -- key_… or usr_…
    closings       integer not null,                        -- of its maker, when it was made
    created_at     timestamptz not null,
    expires_at     timestamptz not null,
    spent_at       timestamptz,
    ended_at       timestamptz,                             -- taken back
    primary key (center_id, env, id),
    foreign key (center_id, env, assessment_id) references assessment on delete cascade
);
create index embed_token_of_assessment on embed_token (center_id, env, assessment_id);
create index embed_token_of_learner on embed_token (center_id, env, learner_ref);
create index embed_token_old on embed_token (expires_at);

create table learner_session (
    center_id        text not null,
    env              environment not null,
    id               text not null unique,                  -- ses_…, a handle that opens nothing
    credential_hash  bytea not null unique check (length(credential_hash) = 32),
    submission_id    text not null,
    assessment_id    text not null,
    learner_ref      text not null,
    origin           text,
    created_by       text not null,                         -- who made the token
    closings         integer not null,                      -- of the token's maker, when it was made
    created_at       timestamptz not null,
    expires_at       timestamptz not null,
    ended_at         timestamptz,
    end_reason       text check (end_reason in ('ended', 'replaced', 'expired')),
    primary key (center_id, env, id),
    foreign key (center_id, env, submission_id) references submission on delete cascade,
    check ((ended_at is null) = (end_reason is null))
);
-- A learner takes an assessment in one place at a time.
create unique index learner_session_open on learner_session (center_id, env, assessment_id, learner_ref)
    where ended_at is null;
create index learner_session_of_submission on learner_session (center_id, env, submission_id);
create index learner_session_of_learner on learner_session (center_id, env, learner_ref);
create index learner_session_due on learner_session (expires_at) where ended_at is null;
create index learner_session_old on learner_session (expires_at) where ended_at is not null;

-- How often a center or a membership was closed: what was made before opens nothing any more, should it be reinstated. Counted
-- rather than timed, since several hosts' clocks would have to be compared.
alter table center add column closings integer not null default 0;
alter table membership add column closings integer not null default 0;
create function count_closing() returns trigger language plpgsql as $$
begin
    new.closings := old.closings + 1;
    return new;
end $$;
create trigger counts_closings before update of status on center
    for each row when (old.status = 'active' and new.status <> 'active') execute function count_closing();
create trigger counts_closings before update of status on membership
    for each row when (old.status = 'active' and new.status <> 'active') execute function count_closing();

-- What a token's maker was closed with until now: a key with its center, a person with each of its memberships there too.
create function closings_of(p_center text, p_maker text) returns integer language sql stable as $$
    select (c.closings + case when p_maker like 'usr\_%'
                              then (select coalesce(sum(m.closings), 0) from membership m
                                     where m.center_id = p_center and m.person_id = p_maker) else 0 end)::integer
      from center c where c.id = p_center
$$;

-- Whether who made a token still stands behind it: a key that is not revoked (one that was rotated stands until it is), a
-- person who still may, a CHILD for itself; and was not closed since.
create function maker_stands(p_center text, p_maker text, p_learner text, p_closings integer)
returns boolean language sql stable as $$
    select closings_of(p_center, p_maker) = p_closings
       and case when p_maker like 'usr\_%'
                then exists (select from membership m
                              where m.center_id = p_center and m.person_id = p_maker and m.status = 'active'
                                and (m.role in ('ADMIN', 'INSTRUCTOR') or (m.role = 'CHILD' and p_learner = p_maker)))
                else exists (select from api_key k where k.id = p_maker and k.revoked_at is null) end
$$;

-- What stands against a token at p_now, without spending it. outcome: good, invalid (there is none, it was taken back, or
-- what it rests on is gone), used, expired, origin (its origin is no longer the center's).
create function embed_token_outcome(t embed_token, p_now timestamptz) returns text language sql stable as $$
    select case when t.id is null or t.ended_at is not null then 'invalid'
                when t.spent_at is not null then 'used'
                when t.expires_at <= p_now then 'expired'
                when not maker_stands(t.center_id, t.created_by, t.learner_ref, t.closings)
                  or not exists (select from center c where c.id = t.center_id and c.status = 'active') then 'invalid'
                when t.origin is not null
                 and not exists (select from embed_origin o
                                  where o.center_id = t.center_id and o.env = t.env and o.origin = t.origin) then 'origin'
                else 'good' end
$$;

-- Spends a token, once: who comes second waits for the first, and goes on only where that one was rolled back.
create function embed_token_spend(p_hash bytea, p_now timestamptz, out outcome text, out token embed_token)
language plpgsql as $$
begin
    perform wait_briefly();
    select * into token from embed_token t where t.token_hash = p_hash for no key update;
    outcome := embed_token_outcome(token, p_now);
    if outcome = 'good' then
        update embed_token t set spent_at = p_now where t.token_hash = p_hash;
    end if;
end $$;

-- Opens a session, and ends the learner's older one. The caller holds the lock of the learner's attempts (submission_start),
-- so that two never cross. Null: the attempt is gone, its learner was erased just now.
create function learner_session_open(
    p_center text, p_env text, p_id text, p_hash bytea, p_submission text, p_assessment text, p_learner text, p_origin text,
    p_maker text, p_closings integer, p_now timestamptz, p_expires timestamptz)
returns learner_session language plpgsql as $$
declare
    v_row learner_session;
begin
    -- The attempt first, as whoever erases it takes it before its sessions.
    perform from submission s where s.center_id = p_center and s.env = p_env and s.id = p_submission for key share;
    if not found then
        return null;
    end if;
    update learner_session s set ended_at = p_now, end_reason = 'replaced'
     where s.center_id = p_center and s.env = p_env and s.assessment_id = p_assessment and s.learner_ref = p_learner
       and s.ended_at is null;
    insert into learner_session (center_id, env, id, credential_hash, submission_id, assessment_id, learner_ref, origin,
                                 created_by, closings, created_at, expires_at)
    values (p_center, p_env, p_id, p_hash, p_submission, p_assessment, p_learner, p_origin, p_maker, p_closings, p_now, p_expires)
    returning * into v_row;
    return v_row;
end $$;

-- Closes sessions whose time is over; several sweeps at once close different ones.
create function learner_sessions_sweep(p_now timestamptz, p_most integer) returns bigint language sql as $$
    with closed as (
        update learner_session s set ended_at = s.expires_at, end_reason = 'expired'
         where s.id in (select d.id from learner_session d where d.ended_at is null and d.expires_at <= p_now
                         order by d.expires_at limit p_most for update skip locked)
        returning 1)
    select count(*) from closed
$$;

-- What retries of minting would be answered tells of the learner too.
drop index claim_of_learner;
create index claim_of_learner on idempotency_claim (center_id, env, learner_told(body))
    where route like '%submi%' or route = '/v1/embed/token';
