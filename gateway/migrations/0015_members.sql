-- How many members a plan allows, what a center looks like, and what becomes of an invitation.

alter table plan add column members_max bigint not null default 10000 check (members_max > 0);
create or replace view effective_limit as
select c.id as center_id,
       c.plan_id,
       coalesce(o.requests_per_minute, p.requests_per_minute) as requests_per_minute,
       nullif(coalesce(o.generation_units_per_month, p.generation_units_per_month), -1) as generation_units_per_month,
       nullif(coalesce(o.regenerations_per_month, p.regenerations_per_month), -1) as regenerations_per_month,
       nullif(coalesce(o.regenerations_per_artifact, p.regenerations_per_artifact), -1) as regenerations_per_artifact,
       nullif(coalesce(o.concurrent_generations, p.concurrent_generations), -1) as concurrent_generations,
       nullif(coalesce(o.checks_per_question, p.checks_per_question), -1) as checks_per_question,
       coalesce(o.alert_percents, p.alert_percents) as alert_percents,
       p.courses_max,
       p.source_bytes_max,
       p.api_keys_max,
       p.assessments_max,
       p.members_max
  from center c
  join plan p on p.id = c.plan_id
  left join center_limit o on o.center_id = c.id;

alter table center add column theme jsonb not null default '{}';     -- colours by their names, `#rrggbb`
alter table center add column ended_at timestamptz;
alter table center add check (ended_at is null or status = 'ended');

-- What an open invitation needs of whoever holds its token. No row: there is none.
--   sign_in: its address has an account, which an unverified address does not open: whoever it is signs in
--   password: nobody has the address yet, or nobody in any other center: a password makes it theirs
create function invitation_look(p_token_hash bytea, p_now timestamptz)
returns table (needs text, email text, center_id text, membership_id text) language sql stable as $$
    select case when p.id is null or (p.password_hash is null and not exists (
                         select from membership o where o.person_id = p.id and o.center_id <> m.center_id))
                then 'password' else 'sign_in' end,
           m.email::text, m.center_id, m.id
      from invitation i
      join membership m on m.center_id = i.center_id and m.id = i.membership_id
      join center c on c.id = m.center_id
      left join person p on p.email_folded = m.email_folded
     where i.token_hash = p_token_hash and i.accepted_at is null and i.revoked_at is null and i.expires_at > p_now
       and m.status = 'invited' and c.status = 'active'
$$;

-- Spends an invitation, once. Signed in (`p_person`) it is that person's: as invited, and waiting for an ADMIN where the
-- person's address is another than the invited one. Else the address becomes a person, `p_new_person`, with this password.
--   accepted | waiting | invalid: there is no such open invitation | member: that person is a member already
--   sign_in: as invitation_look says it, where the address got its account a moment ago
create function invitation_accept(p_token_hash bytea, p_person text, p_new_person text, p_password_hash text, p_name text,
    p_now timestamptz, out outcome text, out center_id text, out membership_id text)
language plpgsql as $$
declare
    v_found record;
    v_member membership;
    v_person text := p_person;
    v_email text;
begin
    select i.center_id, i.membership_id into v_found from invitation i where i.token_hash = p_token_hash;
    -- The membership first: who ends one takes it, then its invitations.
    select * into v_member from membership m
     where m.center_id = v_found.center_id and m.id = v_found.membership_id for update;
    perform from invitation i join center c on c.id = i.center_id
      where i.token_hash = p_token_hash and i.accepted_at is null and i.revoked_at is null and i.expires_at > p_now
        and c.status = 'active' for update of i;
    if not found or v_member.status <> 'invited' then
        outcome := 'invalid';
        return;
    end if;
    if p_person is null then
        insert into person (id, email, name, password_hash, password_changed_at, created_at, updated_at)
        values (p_new_person, v_member.email, p_name, p_password_hash, p_now, p_now, p_now)
        on conflict (email_folded) do nothing returning id into v_person;
        if v_person is null then
            update person p
               set password_hash = p_password_hash, password_changed_at = p_now, name = coalesce(p_name, p.name), updated_at = p_now
             where p.email_folded = v_member.email_folded and p.password_hash is null
               and not exists (select from membership o where o.person_id = p.id and o.center_id <> v_member.center_id)
            returning p.id into v_person;
        end if;
        if v_person is null then
            outcome := 'sign_in';
            return;
        end if;
        outcome := 'accepted';
    else
        select p.email_folded into v_email from person p where p.id = p_person;
        outcome := case when v_email = v_member.email_folded then 'accepted' else 'waiting' end;
    end if;
    begin
        update membership m
           set person_id = v_person, updated_at = p_now, name = coalesce(m.name, p_name),
               status = case outcome when 'accepted' then 'active' else 'pending' end,
               activated_at = case outcome when 'accepted' then p_now end
         where m.center_id = v_member.center_id and m.id = v_member.id;
    exception when unique_violation then
        outcome := 'member';
        return;
    end;
    update invitation i set accepted_at = p_now where i.token_hash = p_token_hash;
    center_id := v_member.center_id;
    membership_id := v_member.id;
end
$$;
