-- Decision records: what someone may later contest, in one append-only chain a center and env. Each record is canonical
-- JSON (RFC 8785) that holds the hash of the one before; its own hash is SHA-256 of that text. What is personal stands in
-- a body beside it: the record holds a salted commitment, so that a body can be dropped and the chain still verifies.
--
-- Lock order: the chain's head is the last lock that a transaction takes, behind claims, courses, attempts and counters;
-- several heads by center and env. So it is held for a commit, and nobody who holds it waits for anything else.
-- No foreign keys: a record outlives what it is about.

create table dpu_head (
    center_id  text not null,
    env        environment not null,
    seq        bigint not null,                         -- of the newest record
    hash       bytea not null,                          -- its hash; before the first, the one that names the chain
    prev_hash  bytea not null,                          -- of the record before it
    signed_seq bigint not null default 0,               -- how far the newest checkpoint reaches
    signed_at  timestamptz not null,                    -- when it was made; before the first, when the chain was opened
    signed_by  bytea,                                   -- the id of the key that signed it
    primary key (center_id, env)
) with (fillfactor = 50);                               -- a hot row: its versions stay on one page

create table dpu (
    center_id  text not null,
    env        environment not null,
    seq        bigint not null check (seq > 0),         -- 1, 2, 3 ... without a gap
    id         text not null,
    type       text not null,
    subject    text not null,                           -- the id of what was decided on
    actor      text not null,                           -- key_..., usr_..., cli:<user> or a part of the gateway itself
    at         timestamptz not null,                    -- by the gateway's clock: it may step back, seq never does
    record     text not null,                           -- what is hashed; the columns before it say the same again
    hash       bytea not null,
    primary key (center_id, env, seq)
);
create unique index dpu_by_id on dpu (center_id, env, id);
create index dpu_by_subject on dpu (center_id, env, subject, seq);
create index dpu_by_type on dpu (center_id, env, type, seq);

-- What a commitment is to: SHA-256 of salt and body, in UTF-8. `person` is the learner whom it tells of.
create table dpu_body (
    center_id  text not null,
    env        environment not null,
    seq        bigint not null check (seq > 0),
    salt       bytea not null check (length(salt) = 16),
    body       text not null,
    person     text,
    primary key (center_id, env, seq)
);
create index dpu_body_of_person on dpu_body (center_id, env, person, seq) where person is not null;

-- Which record says that a body was dropped.
create table dpu_redaction (
    center_id  text not null,
    env        environment not null,
    seq        bigint not null,
    by_seq     bigint not null check (by_seq > seq),
    primary key (center_id, env, seq)
);

-- Signed heads, as they also stand in the file outside of this database. One head is signed again by the next key.
create table dpu_checkpoint (
    center_id  text not null,
    env        environment not null,
    seq        bigint not null check (seq > 0),
    nth        bigint generated always as identity,     -- in which order they were made, whatever the clock said
    note       text not null,                           -- C2SP signed note: origin, size, base64 of the head
    made_at    timestamptz not null,
    primary key (center_id, env, seq, nth)
);

-- Public halves of the keys that ever signed: they outlive their private ones, and with them old checkpoints can be read.
-- Whom to trust is told elsewhere.
create table dpu_key (
    key   text primary key,                             -- C2SP verifier key: name+id+base64
    since timestamptz not null
);

create trigger append_only before update or delete or truncate on dpu
    for each statement execute function refuse_change();
create trigger append_only before update or truncate on dpu_body
    for each statement execute function refuse_change();
create trigger append_only before update or delete or truncate on dpu_redaction
    for each statement execute function refuse_change();
create trigger append_only before update or delete or truncate on dpu_checkpoint
    for each statement execute function refuse_change();
create trigger append_only before update or delete or truncate on dpu_key
    for each statement execute function refuse_change();
create trigger kept before delete or truncate on dpu_head
    for each statement execute function refuse_change();

-- A body goes only behind a record that names it.
create function refuse_unnamed_loss() returns trigger language plpgsql as $$
begin
    perform from dpu_redaction r where r.center_id = old.center_id and r.env = old.env and r.seq = old.seq;
    if not found then
        raise exception 'no redaction names the body of record %', old.seq using errcode = 'restrict_violation';
    end if;
    return old;
end $$;
create trigger named before delete on dpu_body for each row execute function refuse_unnamed_loss();

alter table dpu enable always trigger append_only;
alter table dpu_body enable always trigger append_only;
alter table dpu_body enable always trigger named;
alter table dpu_redaction enable always trigger append_only;
alter table dpu_checkpoint enable always trigger append_only;
alter table dpu_key enable always trigger append_only;
alter table dpu_head enable always trigger kept;

-- RFC 8785 for texts, whole numbers, booleans, null, arrays and objects with ASCII names. Numbers that a double does not
-- hold exactly are texts. Written by hand where it is hot: text is to_json(text), whole numbers are jcs_number.
create function jcs(p_value jsonb) returns text language plpgsql immutable as $$
declare
    v_text text;
begin
    case jsonb_typeof(p_value)
        when 'object' then
            if exists (select from jsonb_object_keys(p_value) k where k ~ '[^\x01-\x7f]') then
                raise exception 'a name in a record is not ASCII' using errcode = 'invalid_parameter_value';
            end if;
            select string_agg(to_json(e.key)::text || ':' || jcs(e.value), ',' order by e.key collate "C") into v_text
              from jsonb_each(p_value) e;
            return '{' || coalesce(v_text, '') || '}';
        when 'array' then
            select string_agg(jcs(e.value), ',' order by e.nth) into v_text
              from jsonb_array_elements(p_value) with ordinality e (value, nth);
            return '[' || coalesce(v_text, '') || ']';
        when 'number' then
            if p_value::numeric <> trunc(p_value::numeric) then
                raise exception 'a number in a record is not whole' using errcode = 'invalid_parameter_value';
            end if;
            v_text := trunc(p_value::numeric)::text;
            return case when abs(p_value::numeric) < 9007199254740992 then v_text else '"' || v_text || '"' end;
        else
            return p_value::text;
    end case;
end $$;

-- A whole number as jcs has it; null is null.
create function jcs_number(p_number bigint) returns text language sql immutable as $$
    select case when p_number is null then 'null'
                when p_number between -9007199254740991 and 9007199254740991 then p_number::text
                else '"' || p_number || '"' end
$$;

-- What prev_hash is in a chain's first record: so no chain can be taken for another center's.
create function dpu_root(p_center text, p_env text) returns bytea language sql immutable as $$
    select sha256(convert_to('coursegate decision records' || chr(10) || p_center || chr(10) || p_env || chr(10), 'UTF8'))
$$;

-- Decisions that two people must approve before they are ready for an audit; all others one.
create function dpu_is_critical(p_type text) returns boolean language sql immutable as $$
    select p_type in ('limits.changed', 'quota.granted', 'quota.refunded', 'center.suspended', 'center.reinstated', 'center.ended',
                      'submission.reviewed', 'learner.erased')
$$;

-- The planner writes these into their callers; declared immutable they would be called, for to_json is not.
-- What a record's canonical JSON says before the hash of the one before it, up to the record's number, and behind that.
create function record_front(
    p_actor text, p_at timestamptz, p_center text, p_commitment bytea, p_type text, p_env text, p_id text, p_outcome text, p_policy text)
returns text language sql stable as $$
    select '{"actor":' || to_json(p_actor) || ',"at":"' || to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        || '","center":"' || p_center || '","commitment":' || coalesce('"' || encode(p_commitment, 'hex') || '"', 'null')
        || case when dpu_is_critical(p_type) then ',"critical":true,"env":"' else ',"critical":false,"env":"' end || p_env
        || '","id":"' || p_id || '","outcome":' || p_outcome || ',"policy":' || p_policy || ',"prev_hash":"'
$$;
create function record_middle(p_request_id text) returns text language sql stable as $$
    select '","request_id":' || coalesce(to_json(p_request_id)::text, 'null') || ',"seq":'
$$;
create function record_back(p_subject text, p_type text) returns text language sql stable as $$
    select ',"subject":' || to_json(p_subject) || ',"type":"' || p_type || '","v":1}'
$$;

-- The salt of the nth body of a transaction: of a secret that nobody keeps.
create function dpu_salt(p_secret uuid, p_nth integer) returns bytea language sql immutable as $$
    select substring(sha256(uuid_send(p_secret) || int4send(p_nth)) for 16)
$$;

-- Appends one record. The head moves in one update, which waits for whoever holds it and then goes by what he left.
create function seal_one(d decision) returns void language plpgsql as $$
declare
    v_salt bytea := case when d.body is not null then dpu_salt(gen_random_uuid(), 1) end;
    v_front text := record_front(d.actor, d.at, d.center, sha256(v_salt || convert_to(d.body, 'UTF8')), d.type, d.env, d.id,
                                 d.outcome, d.policy);
    v_middle text := record_middle(d.request_id);
    v_back text := record_back(d.subject, d.type);
    v_head dpu_head;
begin
    update dpu_head h
       set seq = h.seq + 1, prev_hash = h.hash,
           hash = sha256(convert_to(v_front || encode(h.hash, 'hex') || v_middle || h.seq + 1 || v_back, 'UTF8'))
     where h.center_id = d.center and h.env = d.env
    returning * into v_head;
    if not found then
        raise exception 'the chain of % in % was never opened', d.center, d.env using errcode = 'no_data_found';
    end if;
    insert into dpu (center_id, env, seq, id, type, subject, actor, at, record, hash)
    values (d.center, d.env, v_head.seq, d.id, d.type, d.subject, d.actor, d.at,
            v_front || encode(v_head.prev_hash, 'hex') || v_middle || v_head.seq || v_back, v_head.hash);
    if d.body is not null then
        insert into dpu_body (center_id, env, seq, salt, body, person)
        values (d.center, d.env, v_head.seq, v_salt, d.body, d.person);
    end if;
end $$;

-- Appends a record, as seal_one, under an id that it returns.
create function seal(
    p_center text, p_env text, p_type text, p_actor text, p_subject text, p_policy text, p_outcome text, p_body text,
    p_request_id text, p_now timestamptz, p_person text default null)
returns text language plpgsql as $$
declare
    v_id text := new_id('dpu', p_now);
begin
    perform seal_one(row(p_center, p_env, p_type, p_actor, p_subject, p_policy, p_outcome, p_body, p_request_id, p_now, p_person,
                         v_id)::decision);
    return v_id;
end $$;

-- Appends a batch that is sorted by center and env; each chain's head is taken and moved once.
create function seal_all(p_decisions decision[]) returns void language plpgsql as $$
declare
    d decision;
    v_secret uuid;
    v_nth integer := 0;
    v_salt bytea;
    v_record text;
    v_head dpu_head;
    v_heads dpu_head[];
    v_records dpu[];
    v_bodies dpu_body[];
begin
    if cardinality(p_decisions) = 1 then
        perform seal_one(p_decisions[1]);
        return;
    end if;
    v_secret := gen_random_uuid();
    foreach d in array p_decisions loop
        if v_head.center_id is distinct from d.center or v_head.env <> d.env then
            if v_head.center_id is not null then
                v_heads := v_heads || v_head;
            end if;
            select * into v_head from dpu_head h where h.center_id = d.center and h.env = d.env for no key update;
            if not found then
                raise exception 'the chain of % in % was never opened', d.center, d.env using errcode = 'no_data_found';
            end if;
        end if;
        v_head.prev_hash := v_head.hash;
        v_head.seq := v_head.seq + 1;
        v_nth := v_nth + 1;
        if d.body is not null then
            v_salt := dpu_salt(v_secret, v_nth);
            v_bodies := v_bodies || row(d.center, d.env, v_head.seq, v_salt, d.body, d.person)::dpu_body;
        else
            v_salt := null;
        end if;
        v_record := record_front(d.actor, d.at, d.center, sha256(v_salt || convert_to(d.body, 'UTF8')), d.type, d.env, d.id, d.outcome,
                                 d.policy)
            || encode(v_head.hash, 'hex') || record_middle(d.request_id) || v_head.seq || record_back(d.subject, d.type);
        v_head.hash := sha256(convert_to(v_record, 'UTF8'));
        v_records := v_records
            || row(d.center, d.env, v_head.seq, d.id, d.type, d.subject, d.actor, d.at, v_record, v_head.hash)::dpu;
    end loop;
    v_heads := v_heads || v_head;
    update dpu_head h set seq = n.seq, hash = n.hash, prev_hash = n.prev_hash
      from unnest(v_heads) n where h.center_id = n.center_id and h.env = n.env;
    insert into dpu select * from unnest(v_records);
    insert into dpu_body select * from unnest(v_bodies);
end $$;

-- Opens a chain with its first record, of `genesis` or `adopted`.
create function chain_open(p_center text, p_env text, p_type text, p_actor text, p_outcome text, p_now timestamptz) returns void
language plpgsql as $$
begin
    insert into dpu_head (center_id, env, seq, hash, prev_hash, signed_at)
    values (p_center, p_env, 0, dpu_root(p_center, p_env), dpu_root(p_center, p_env), p_now);
    perform seal(p_center, p_env, p_type, p_actor, p_center, '{}', p_outcome, null,
                 nullif(current_setting('coursegate.request_id', true), ''), p_now);
end $$;

create function center_opens_chains() returns trigger language plpgsql as $$
begin
    perform chain_open(new.id, 'live', 'genesis', coalesce(new.created_by, 'gateway'), '{}', new.created_at);
    perform chain_open(new.id, 'test', 'genesis', coalesce(new.created_by, 'gateway'), '{}', new.created_at);
    return null;
end $$;
create trigger opens_chains after insert on center for each row execute function center_opens_chains();

-- What was before the chains: its first record says where the counters and the ledger stood.
create function chain_adopt(p_center text, p_env text, p_now timestamptz) returns void language sql as $$
    select chain_open(p_center, p_env, 'adopted', 'migrate', jcs(jsonb_build_object(
        'counters', (select coalesce(jsonb_agg(jsonb_build_object(
                        'meter', q.meter, 'period_start', rfc3339(q.period_start), 'settled', q.settled::bigint, 'held', q.held::bigint,
                        'granted', q.granted::bigint) order by q.meter, q.period_start), '[]')
                       from quota_counter q where q.center_id = p_center and q.env = p_env),
        'ledger', (select jsonb_build_object('lines', count(*), 'last', max(l.id))
                     from quota_ledger l where l.center_id = p_center and l.env = p_env),
        'running', (select k.running::bigint from center_counter k where k.center_id = p_center and k.env = p_env))), p_now)
$$;
do $$
begin
    perform chain_adopt(c.id, e.env, now())
       from (select id from center order by id) c cross join (values ('live'), ('test')) e (env);
end $$;

-- Drops what records of this center and env tell of a learner, a thousand at most. The record that is sealed first names them:
-- without one no body goes. It runs as the owner of the schema, who alone may delete from dpu_body. Returns how many went; until
-- none did, there are more.
create function redact(p_center text, p_env text, p_person text, p_actor text, p_request_id text, p_now timestamptz)
returns bigint language plpgsql security definer set search_path = public, pg_temp as $$
declare
    v_seqs bigint[];
begin
    perform from dpu_head h where h.center_id = p_center and h.env = p_env for no key update;
    select array_agg(s.seq) into v_seqs from (
        select b.seq from dpu_body b
         where b.center_id = p_center and b.env = p_env and b.person = p_person order by b.seq limit 1000) s;
    if v_seqs is null then
        return 0;
    end if;
    perform seal(p_center, p_env, 'redacted', p_actor, p_center, '{}', '{"seqs":[' || array_to_string(v_seqs, ',') || ']}',
                 null, p_request_id, p_now);
    insert into dpu_redaction (center_id, env, seq, by_seq)
    select p_center, p_env, s.seq, h.seq from unnest(v_seqs) s (seq), dpu_head h
     where h.center_id = p_center and h.env = p_env;
    delete from dpu_body b where b.center_id = p_center and b.env = p_env and b.seq = any (v_seqs);
    return cardinality(v_seqs);
end $$;

-- Of which learner a record tells, and with it what is said of that record; null where his words are gone.
create function dpu_person(p_center text, p_env text, p_seq bigint) returns text language sql stable as $$
    select b.person from dpu_body b where b.center_id = p_center and b.env = p_env and b.seq = p_seq
$$;

-- How far the evidence of a record has come: documents first, then approvals, which say how many documents they saw.
create type dpu_standing as (seq bigint, hash bytea, critical boolean, documents bigint, approvers text[], level text);

create function dpu_stands(p_center text, p_env text, p_id text) returns setof dpu_standing language sql stable as $$
    select e.seq, e.hash, e.critical, e.documents, e.approvers,
           case when e.type like 'evidence.%' then null
                when cardinality(e.approvers) >= case when e.critical then 2 else 1 end then 'AUDIT_READY'
                when e.documents > 0 then 'DOCUMENTED'
                else 'DRAFT' end
      from (select d.seq, d.hash, d.type, dpu_is_critical(d.type) as critical,
                   count(*) filter (where x.type = 'evidence.attached') as documents,
                   coalesce(array_agg(x.actor order by x.seq) filter (where x.type = 'evidence.approved'), '{}') as approvers
              from dpu d
              left join dpu x on x.center_id = d.center_id and x.env = d.env and x.subject = d.id and x.type like 'evidence.%'
                             and x.seq > d.seq
             where d.center_id = p_center and d.env = p_env and d.id = p_id
             group by d.seq, d.hash, d.type) e
$$;

-- Attaches a document. outcome: attached, sealed (it is ready for an audit), late (it is being approved as it is). Null:
-- there is no such record. p_facts: what the entry shows of the document, p_body all of it.
create function dpu_attach(
    p_center text, p_env text, p_id text, p_actor text, p_facts jsonb, p_body text, p_request_id text, p_now timestamptz)
returns text language plpgsql as $$
declare
    s dpu_standing;
begin
    perform from dpu_head h where h.center_id = p_center and h.env = p_env for no key update;
    select * into s from dpu_stands(p_center, p_env, p_id);
    if s.seq is null then
        return null;
    elsif s.level is null or s.level = 'AUDIT_READY' then
        return 'sealed';
    elsif cardinality(s.approvers) > 0 then
        return 'late';
    end if;
    perform seal(p_center, p_env, 'evidence.attached', p_actor, p_id, '{}', jcs(p_facts || jsonb_build_object(
                     'about_seq', s.seq, 'about_hash', encode(s.hash, 'hex'), 'document', s.documents + 1, 'level', 'DOCUMENTED')),
                 p_body, p_request_id, p_now, dpu_person(p_center, p_env, s.seq));
    return 'attached';
end $$;

-- Everybody who has a part in what an actor does: a key's makers, back to the person who made the first.
create function actor_makers(p_actor text) returns setof text language sql stable as $$
    with recursive maker (id) as (
        select p_actor
        union
        select m.id from maker join api_key k on k.id = maker.id cross join lateral (values (k.created_by), (k.rotated_from)) m (id)
         where m.id is not null)
    select id from maker
$$;

-- A person approves. outcome: approved, sealed, undocumented, own (the person acted, or made the key that did), twice.
-- Null: there is no such record.
create function dpu_approve(p_center text, p_env text, p_id text, p_person text, p_body text, p_request_id text, p_now timestamptz)
returns text language plpgsql as $$
declare
    s dpu_standing;
    v_needed integer;
begin
    perform from dpu_head h where h.center_id = p_center and h.env = p_env for no key update;
    select * into s from dpu_stands(p_center, p_env, p_id);
    if s.seq is null then
        return null;
    elsif s.level is null or s.level = 'AUDIT_READY' then
        return 'sealed';
    elsif s.level = 'DRAFT' then
        return 'undocumented';
    elsif p_person in (select actor_makers(d.actor) from dpu d where d.center_id = p_center and d.env = p_env and d.seq = s.seq) then
        return 'own';
    elsif p_person = any (s.approvers) then
        return 'twice';
    end if;
    v_needed := case when s.critical then 2 else 1 end;
    perform seal(p_center, p_env, 'evidence.approved', p_person, p_id, jcs(jsonb_build_object('approvals_needed', v_needed)),
                 jcs(jsonb_build_object(
                     'about_seq', s.seq, 'about_hash', encode(s.hash, 'hex'), 'documents', s.documents,
                     'approval', cardinality(s.approvers) + 1,
                     'level', case when cardinality(s.approvers) + 1 >= v_needed then 'AUDIT_READY' else 'DOCUMENTED' end)),
                 p_body, p_request_id, p_now, dpu_person(p_center, p_env, s.seq));
    return 'approved';
end $$;
