-- People, what they are in which center, and how they stay signed in. A person is one in all centers; a membership is a
-- center's own, and what it says holds at the next request. People act in live alone: these rows carry no env.

create domain member_role as text check (value in ('ADMIN', 'INSTRUCTOR', 'PARENT', 'CHILD'));
create domain membership_status as text
    check (value in ('invited', 'pending', 'active', 'suspended', 'rejected', 'ended'));

-- Printable ASCII with one @: two spellings of one address fold to one text, whatever the database's locale.
create domain email_address as text check (value ~ '^[!-?A-~]{1,64}@[!-?A-~]{1,189}$');

create table person (
    id                   text primary key,              -- usr_…, what learner_ref is for those who sign in
    email                email_address not null,        -- as it was given
    email_folded         text not null generated always as (lower(email collate "C")) stored unique,
    name                 text,
    password_hash        text,                          -- Argon2id with its parameters and salt; null: none set yet
    password_changed_at  timestamptz,
    created_at           timestamptz not null,
    updated_at           timestamptz not null,
    check ((password_hash is null) = (password_changed_at is null))
);

-- An invited member has no person yet: who holds an address is known when the invitation is accepted, not before.
create table membership (
    center_id      text not null references center,
    id             text not null unique,
    person_id      text references person,
    email          email_address not null,
    email_folded   text not null generated always as (lower(email collate "C")) stored,
    name           text,
    role           member_role not null,
    status         membership_status not null,
    created_by     text,                                -- key_…, usr_… or cli:<user>
    created_at     timestamptz not null,
    updated_at     timestamptz not null,
    activated_at   timestamptz,
    suspended_at   timestamptz,
    ended_at       timestamptz,
    primary key (center_id, id),
    check (status not in ('active', 'suspended') or person_id is not null)
);
create index membership_newest on membership (center_id, created_at desc, id desc);
create index membership_by_person on membership (person_id, center_id) where person_id is not null;
-- Who left may come back: by a membership of its own.
create unique index membership_of_person on membership (center_id, person_id)
    where person_id is not null and status not in ('rejected', 'ended');
create unique index membership_of_email on membership (center_id, email_folded)
    where status not in ('rejected', 'ended');

-- The link's token is known by its SHA-256 alone: 32 random bytes can't be guessed from it.
create table invitation (
    id             text primary key,                    -- inv_…
    center_id      text not null,
    membership_id  text not null,
    token_hash     bytea not null unique check (length(token_hash) = 32),
    created_by     text,
    created_at     timestamptz not null,
    expires_at     timestamptz not null,
    accepted_at    timestamptz,
    revoked_at     timestamptz,
    foreign key (center_id, membership_id) references membership on delete cascade
);
create unique index invitation_open on invitation (center_id, membership_id)
    where accepted_at is null and revoked_at is null;

-- Which children a parent may read. Both are members of the same center.
create table parent_child (
    center_id   text not null,
    parent_id   text not null,
    child_id    text not null,
    created_by  text,
    created_at  timestamptz not null,
    primary key (center_id, parent_id, child_id),
    foreign key (center_id, parent_id) references membership on delete cascade,
    foreign key (center_id, child_id) references membership on delete cascade,
    check (parent_id <> child_id)
);
create index parent_child_by_child on parent_child (center_id, child_id);

-- One sign-in: what `sid` in a token names, and the family of its refresh tokens. It is read at every request, so its end
-- works at once. `center_id`: where the next refresh leads to, changed by switching; `been_in`: all centers that it led to,
-- each of which may still have a token of it.
create table login_session (
    id          text primary key,                       -- sid_…
    person_id   text not null references person on delete cascade,
    center_id   text not null references center,
    been_in     text[] not null,
    created_at  timestamptz not null,
    expires_at  timestamptz not null,                   -- of the newest refresh token: nobody continues it after that
    ended_at    timestamptz,
    end_reason  text check (end_reason in ('logout', 'password_changed', 'refresh_reused', 'membership_closed')),
    check ((ended_at is null) = (end_reason is null))
);
create index login_session_by_person on login_session (person_id) where ended_at is null;
create index login_session_old on login_session (expires_at);

create table refresh_token (
    token_hash  bytea primary key check (length(token_hash) = 32),   -- SHA-256 of 32 random bytes
    session_id  text not null references login_session on delete cascade,
    issued_at   timestamptz not null,
    expires_at  timestamptz not null,
    used_at     timestamptz                             -- by the database's own clock: several hosts compare it
);
create index refresh_token_by_session on refresh_token (session_id);
create index refresh_token_old on refresh_token (expires_at);

-- A membership that is active no more, whoever changed it, ends every sign-in that led to its center: no token of before
-- opens anything again, should the member be reinstated. Whoever signs in or goes there holds the membership meanwhile.
create function membership_closes() returns trigger language plpgsql as $$
begin
    with held as (
        select id from login_session where person_id = old.person_id and ended_at is null and old.center_id = any(been_in)
         order by id for update)
    update login_session s set ended_at = new.updated_at, end_reason = 'membership_closed' from held where s.id = held.id;
    return null;
end
$$;
create trigger membership_closes after update of status on membership
    for each row when (old.status = 'active' and new.status <> 'active') execute function membership_closes();

-- Signs in who just proved to know `p_verified`, the hash that was compared. `p_rehashed`: the same password under newer
-- parameters, or null.
--   opened | changed: the password was changed meanwhile | closed: the membership has been; both sign nobody in
create function session_open(p_sid text, p_person text, p_center text, p_verified text, p_rehashed text,
    p_token_hash bytea, p_expires timestamptz, p_now timestamptz)
returns text language plpgsql as $$
begin
    perform from person where id = p_person and password_hash = p_verified for update;
    if not found then
        return 'changed';
    end if;
    perform from membership where center_id = p_center and person_id = p_person and status = 'active' for share;
    if not found then
        return 'closed';
    end if;
    if p_rehashed is not null then
        update person set password_hash = p_rehashed where id = p_person;
    end if;
    insert into login_session (id, person_id, center_id, been_in, created_at, expires_at)
    values (p_sid, p_person, p_center, array[p_center], p_now, p_expires);
    insert into refresh_token (token_hash, session_id, issued_at, expires_at) values (p_token_hash, p_sid, p_now, p_expires);
    return 'opened';
end
$$;

-- Lets a sign-in lead to another center from now on; returns when it began, null where it has ended or the membership there
-- is not active.
create function session_lead(p_sid text, p_person text, p_center text) returns timestamptz language plpgsql as $$
declare
    v_created timestamptz;
begin
    perform from membership where center_id = p_center and person_id = p_person and status = 'active' for share;
    if not found then
        return null;
    end if;
    update login_session
       set center_id = p_center, been_in = case when p_center = any(been_in) then been_in else been_in || p_center end
     where id = p_sid and person_id = p_person and ended_at is null
    returning created_at into v_created;
    return v_created;
end
$$;

-- Exchanges a refresh token for the next of its family, once.
--   rotated | unknown | expired | ended: the family is over
--   reused: it had been exchanged before this request came; the whole family ends with that
--   raced:  it was exchanged after this request came (`p_came`, by the database's clock), as when two tabs refresh at once.
--           Neither had seen the other's answer, so nothing is stolen that could be told; the winner's tokens live on, and
--           the same token once more is a reuse.
create function refresh_rotate(p_hash bytea, p_next bytea, p_came timestamptz, p_expires timestamptz, p_now timestamptz)
returns text language plpgsql as $$
declare
    v_session login_session;
    v_token refresh_token;
begin
    -- The family's row first: who ends a session takes it too, so a rotation and an end never cross.
    select s.* into v_session from login_session s
      join refresh_token t on t.session_id = s.id where t.token_hash = p_hash for update of s;
    if not found then
        return 'unknown';
    end if;
    select * into v_token from refresh_token where token_hash = p_hash;
    if v_session.ended_at is not null then
        return 'ended';
    elsif v_token.used_at is not null then
        if p_came < v_token.used_at then
            return 'raced';
        end if;
        update login_session set ended_at = p_now, end_reason = 'refresh_reused' where id = v_session.id;
        return 'reused';
    elsif v_token.expires_at <= p_now then
        return 'expired';
    end if;
    update refresh_token set used_at = clock_timestamp() where token_hash = p_hash;
    insert into refresh_token (token_hash, session_id, issued_at, expires_at)
    values (p_next, v_session.id, p_now, p_expires);
    update login_session set expires_at = p_expires where id = v_session.id;
    return 'rotated';
end
$$;

-- Sets a new password in place of the one that was compared, and ends every other session of the person. False: the
-- password was changed meanwhile, or the session `p_sid` has ended; nothing was done.
create function password_change(p_person text, p_sid text, p_verified text, p_hash text, p_now timestamptz)
returns boolean language plpgsql as $$
begin
    perform from person where id = p_person and password_hash = p_verified for update;
    if not found or not exists (select from login_session where id = p_sid and person_id = p_person and ended_at is null) then
        return false;
    end if;
    update person set password_hash = p_hash, password_changed_at = p_now, updated_at = p_now where id = p_person;
    with held as (
        select id from login_session where person_id = p_person and id <> p_sid and ended_at is null order by id for update)
    update login_session s set ended_at = p_now, end_reason = 'password_changed' from held where s.id = held.id;
    return true;
end
$$;
