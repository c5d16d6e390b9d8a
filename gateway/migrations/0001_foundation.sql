-- Centers, keys, plans and courses. Every row that belongs to a center carries its env, and every
-- key leads with (center_id, env): another center's row can't be found by forgetting a predicate.

-- What a launch writes checks its words by domains: a domain's rule is prepared once a connection, a table's CHECK is
-- read and prepared anew by every statement.
create domain environment as text check (value in ('live', 'test'));
create domain course_status as text
    check (value in ('awaiting_brief', 'awaiting_launch', 'generating', 'ready', 'failed', 'canceled'));
create domain generation_status as text check (value in ('queued', 'running', 'paused', 'succeeded', 'failed', 'canceled'));
create domain generation_phase as text check (value in ('queued', 'outline', 'modules', 'done'));

create table plan (
    id                          text primary key,
    requests_per_minute         bigint not null check (requests_per_minute between 1 and 1000000000),
    generation_units_per_month  bigint check (generation_units_per_month >= 0),   -- null = unlimited
    regenerations_per_month     bigint check (regenerations_per_month >= 0),
    regenerations_per_artifact  bigint check (regenerations_per_artifact >= 0),
    concurrent_generations      bigint check (concurrent_generations >= 0),
    checks_per_question         bigint check (checks_per_question >= 0),
    alert_percents              bigint[] not null,
    courses_max                 bigint not null check (courses_max > 0),            -- ceilings: 409 limit_reached
    source_bytes_max            bigint not null check (source_bytes_max > 0),
    api_keys_max                bigint not null check (api_keys_max > 0)
);

create table center (
    id                 text primary key,
    name               text not null,
    subdomain          text unique,
    status             text not null check (status in ('provisioning', 'active', 'suspended', 'ended')),
    plan_id            text not null references plan,
    locale             text not null default 'en',
    time_zone          text not null default 'UTC',
    period_anchor_day  smallint check (period_anchor_day between 1 and 31),         -- null = calendar months
    partner_id         text references center,                                      -- the center that provisioned it
    order_id           text,
    order_fingerprint  bytea,
    created_by         text,
    created_at         timestamptz not null,
    updated_at         timestamptz not null,
    suspended_at       timestamptz,
    lot                uuid not null default gen_random_uuid(),                     -- secret: what the ids of its quizzes are made by
    unique (partner_id, order_id)
);
create index center_by_partner on center (partner_id, created_at desc, id desc);

-- One row a center with overrides: NULL = the plan's value, -1 = unlimited.
create table center_limit (
    center_id                   text primary key references center,
    requests_per_minute         bigint check (requests_per_minute between 1 and 1000000000),
    generation_units_per_month  bigint check (generation_units_per_month >= -1),
    regenerations_per_month     bigint check (regenerations_per_month >= -1),
    regenerations_per_artifact  bigint check (regenerations_per_artifact >= -1),
    concurrent_generations      bigint check (concurrent_generations >= -1),
    checks_per_question         bigint check (checks_per_question >= -1),
    alert_percents              bigint[]
);

-- What holds for a center now; NULL = unlimited. Admission statements join it, so a change works at once.
create view effective_limit as
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
       p.api_keys_max
  from center c
  join plan p on p.id = c.plan_id
  left join center_limit o on o.center_id = c.id;

create table api_key (
    id                   text primary key,
    public_id            text not null unique,          -- the 12 base62 of the key itself
    center_id            text not null references center,
    env                  text not null check (env in ('live', 'test')),
    name                 text not null,
    secret_hash          bytea not null,                -- HMAC-SHA256 under the pepper named here
    pepper_version       integer not null,
    scopes               text[] not null,
    requests_per_minute  bigint check (requests_per_minute > 0),
    created_by           text,                          -- key_… or cli:<user>
    created_at           timestamptz not null,
    expires_at           timestamptz,
    revoked_at           timestamptz,
    rotated_from         text references api_key,
    last_used_at         timestamptz
);
create index api_key_by_center on api_key (center_id, created_at desc, id desc);
create index api_key_by_maker on api_key (created_by) where created_by is not null;

create table preset (
    center_id   text not null references center,
    env         text not null check (env in ('live', 'test')),
    id          text not null,
    name        text not null,
    brief       jsonb not null,                         -- a partial Brief
    created_at  timestamptz not null,
    updated_at  timestamptz not null,
    primary key (center_id, env, id)
);
create index preset_newest on preset (center_id, env, created_at desc, id desc);

create table course (
    center_id     text not null references center,
    env           environment not null,
    id            text not null,
    title         text,
    status        course_status not null,
    external_ref  text,
    preset_id     text,                                 -- kept as a fact after the preset is deleted
    brief         jsonb,
    version       bigint not null default 1,            -- rises with every change: a reader can tell that it is stale
    created_at    timestamptz not null,
    updated_at    timestamptz not null,
    launched_at   timestamptz,
    finished_at   timestamptz,
    primary key (center_id, env, id)
) with (fillfactor = 80);                               -- a course changes a few times: its versions find room beside it
create index course_newest on course (center_id, env, created_at desc, id desc);
create index course_by_external_ref on course (center_id, env, external_ref) where external_ref is not null;

create table source (
    center_id   text not null,
    env         text not null,
    course_id   text not null,
    id          text not null,
    name        text not null,
    media_type  text not null,
    bytes       bigint not null,
    sha256      text not null,                          -- hex, of the content's UTF-8
    content     text not null,
    created_at  timestamptz not null,
    primary key (center_id, env, course_id, id),
    foreign key (center_id, env, course_id) references course on delete cascade
);

-- The row is the queue: a worker claims (lease_until, fence); every write it makes is conditional on its fence.
create table generation (
    center_id         text not null,
    env               text not null,
    id                text not null,
    course_id         text not null,
    status            generation_status not null,
    attempt           integer not null default 1,       -- launches and relaunches of the course
    claims            integer not null default 0,       -- how often a worker took it; after 5: failed, worker_lost
    lease_until       timestamptz,
    fence             bigint not null default 0,
    cancel_requested  boolean not null default false,
    hold_id           text not null,
    launch_key        text,
    phase             generation_phase not null default 'queued',
    modules_done      integer not null default 0,
    modules_total     integer not null,
    units_held        bigint not null,                  -- as launched
    units_settled     bigint not null default 0,
    units_released    bigint not null default 0,
    failure           jsonb,
    request_id        text not null,                    -- of the request that caused it, for the log
    created_at        timestamptz not null,
    started_at        timestamptz,
    finished_at       timestamptz,
    primary key (center_id, env, id),
    foreign key (center_id, env, course_id) references course on delete cascade
) with (fillfactor = 80);
create index generation_by_course on generation (center_id, env, course_id);
create index generation_by_launch_key on generation (center_id, env, launch_key) where launch_key is not null;
create index generation_due on generation (created_at) where status in ('queued', 'running');

create table outline (
    center_id   text not null,
    env         text not null,
    course_id   text not null,
    version     integer not null,
    body        jsonb not null,                         -- title, description, modules
    created_at  timestamptz not null,
    primary key (center_id, env, course_id),
    foreign key (center_id, env, course_id) references course on delete cascade
);

create table artifact (
    center_id     text not null,
    env           text not null,
    id            text not null,
    course_id     text not null,
    module_index  integer not null,
    kind          text not null check (kind in ('slides', 'notes', 'narration', 'quiz')),
    version       integer not null,
    status        text not null check (status in ('ready', 'regenerating', 'failed')),
    lineage_id    text not null,                        -- of the first artifact it descends from: caps count by it
    created_at    timestamptz not null,
    updated_at    timestamptz not null,
    primary key (center_id, env, id),
    unique (center_id, env, course_id, module_index, kind),  -- a module is made once
    foreign key (center_id, env, course_id) references course on delete cascade
);

create table artifact_version (
    center_id    text not null,
    env          text not null,
    artifact_id  text not null,
    version      integer not null,
    media_type   text not null,
    bytes        bigint not null,
    content      text,                                  -- null for a quiz
    remark       text,                                  -- what the module says of itself, such as a shorter quiz
    note_id      text,                                  -- the note that asked for it
    created_at   timestamptz not null,
    primary key (center_id, env, artifact_id, version),
    foreign key (center_id, env, artifact_id) references artifact on delete cascade
);

create table note (
    center_id    text not null,
    env          text not null,
    id           text not null,
    artifact_id  text not null,
    text         text not null,
    author       text,
    created_at   timestamptz not null,
    primary key (center_id, env, id),
    foreign key (center_id, env, artifact_id) references artifact on delete cascade
);
create index note_newest on note (center_id, env, artifact_id, created_at desc, id desc);

-- Like generation, the row is the queue; several on one artifact run one after the other, by created_at.
create table regeneration (
    center_id    text not null,
    env          text not null,
    id           text not null,
    note_id      text not null,
    artifact_id  text not null,
    status       text not null check (status in ('queued', 'running', 'succeeded', 'failed')),
    claims       integer not null default 0,
    lease_until  timestamptz,
    fence        bigint not null default 0,
    hold_id      text not null,
    failure      jsonb,
    request_id   text not null,
    created_at   timestamptz not null,
    finished_at  timestamptz,
    primary key (center_id, env, id),
    unique (center_id, env, note_id),
    foreign key (center_id, env, note_id) references note on delete cascade,
    foreign key (center_id, env, artifact_id) references artifact on delete cascade
);
create index regeneration_by_artifact on regeneration (center_id, env, artifact_id, created_at);
create index regeneration_due on regeneration (created_at) where status in ('queued', 'running');
