-- Assessments, their frozen versions, and collections of them. Items hold answer keys: they are bytes that no SQL looks
-- into, and no statement of a learner's route names the table that holds the working copy.

create domain assessment_status as text check (value in ('draft', 'published', 'archived'));

-- `version` is the number of the working copy: what the next publish freezes, or what the last one froze if nothing was
-- edited since. So `version = published_version` says that learners get what is edited here.
create table assessment (
    center_id          text not null references center,
    env                environment not null,
    id                 text not null,
    course_id          text,
    title              text not null,
    description        text not null,
    status             assessment_status not null default 'draft',
    version            integer not null default 1 check (version >= 1),
    published_version  integer check (published_version between 1 and version),
    items              bytea not null,                  -- JSON of the authored items, keys included
    settings           bytea not null,                  -- JSON
    points_cents       bigint not null check (points_cents >= 0),
    created_at         timestamptz not null,
    updated_at         timestamptz not null,
    published_at       timestamptz,                     -- of the published version
    archived_at        timestamptz,
    primary key (center_id, env, id),
    foreign key (center_id, env, course_id) references course on delete set null (course_id),
    check ((status <> 'published') or (published_version is not null)),
    check ((status = 'archived') = (archived_at is not null))
) with (fillfactor = 80);
create index assessment_newest on assessment (center_id, env, created_at desc, id desc);
create index assessment_by_course on assessment (center_id, env, course_id, created_at desc, id desc)
    where course_id is not null;

-- What learners were and are asked. Nothing in it ever changes; it goes when its assessment goes.
create table assessment_version (
    center_id      text not null,
    env            environment not null,
    assessment_id  text not null,
    version        integer not null,
    title          text not null,
    description    text not null,
    items          bytea not null,
    settings       bytea not null,
    points_cents   bigint not null,
    created_at     timestamptz not null,
    primary key (center_id, env, assessment_id, version),
    foreign key (center_id, env, assessment_id) references assessment on delete cascade
);
create trigger frozen before update or truncate on assessment_version
    for each statement execute function refuse_change();
alter table assessment_version enable always trigger frozen;

-- Freezes the working copy and shows it to learners from now on. No row: there is no such assessment. Two at once: one
-- version, the other finds it `unchanged`.
create function assessment_publish(p_center text, p_env text, p_id text, p_now timestamptz, p_request_id text default null,
    out outcome text /* published | unchanged | archived | empty */, out version integer)
returns setof record language plpgsql as $$
declare
    v_row assessment;
begin
    select * into v_row from assessment a where a.center_id = p_center and a.env = p_env and a.id = p_id for update;
    if not found then
        return;
    end if;
    version := v_row.version;
    if v_row.status = 'archived' then
        outcome := 'archived';
    elsif v_row.published_version = v_row.version then
        outcome := 'unchanged';
    elsif v_row.items = '[]' then
        outcome := 'empty';
    else
        outcome := 'published';
        insert into assessment_version (center_id, env, assessment_id, version, title, description, items, settings,
                                        points_cents, created_at)
        values (v_row.center_id, v_row.env, v_row.id, v_row.version, v_row.title, v_row.description, v_row.items,
                v_row.settings, v_row.points_cents, p_now);
        update assessment a
           set status = 'published', published_version = v_row.version, published_at = p_now, updated_at = p_now
         where a.center_id = p_center and a.env = p_env and a.id = p_id;
        perform tell_assessment(p_center, p_env, 'assessment.published', p_id, p_now, p_request_id);
    end if;
    return next;
end $$;

create table collection (
    center_id    text not null references center,
    env          environment not null,
    id           text not null,
    title        text not null,
    description  text not null,
    created_at   timestamptz not null,
    updated_at   timestamptz not null,
    primary key (center_id, env, id)
);
create index collection_in_order on collection (center_id, env, created_at, id);

-- Positions order the items; whoever moves one holds the collection's row. A deleted assessment leaves a hole, which no answer
-- shows.
create table collection_item (
    center_id      text not null,
    env            environment not null,
    collection_id  text not null,
    assessment_id  text not null,
    position       integer not null check (position >= 0),
    primary key (center_id, env, collection_id, assessment_id),
    foreign key (center_id, env, collection_id) references collection on delete cascade,
    foreign key (center_id, env, assessment_id) references assessment on delete cascade
);
create index collection_item_in_order on collection_item (center_id, env, collection_id, position);
create index collection_item_by_assessment on collection_item (center_id, env, assessment_id);

-- How many assessments a plan allows: a ceiling against abuse, as that of courses.
alter table plan add column assessments_max bigint not null default 10000 check (assessments_max > 0);
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
       p.assessments_max
  from center c
  join plan p on p.id = c.plan_id
  left join center_limit o on o.center_id = c.id;
