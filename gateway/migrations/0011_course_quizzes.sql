-- The quizzes of generated courses are assessments: the artifact names its assessment, each version of the artifact the
-- version that it became. Items are in assessment_version alone. An assessment outlives its course, since it bears grades;
-- where it was deleted, the next regeneration makes another.

alter table artifact
    add column assessment_id text,
    add foreign key (center_id, env, assessment_id) references assessment on delete set null (assessment_id);
create index artifact_by_assessment on artifact (center_id, env, assessment_id) where assessment_id is not null;

alter table artifact_version
    add column assessment_version integer;              -- null: nothing in it can be asked, or it is no quiz

-- Publishes a quiz's newest version to learners. An author's title, description and settings stay, items that were edited
-- and not published give way; an archived assessment keeps out of sight with its new version.
-- The caller has locked the artifact, whose newest version is the quiz; lock order: artifact, assessment.
create function quiz_publish(
    p_center text, p_env text, p_artifact text, p_quiz made_quiz, p_now timestamptz, p_request_id text)
returns void language plpgsql as $$
declare
    v_artifact artifact;
    v_row assessment;
begin
    select * into v_artifact from artifact a where a.center_id = p_center and a.env = p_env and a.id = p_artifact;
    if v_artifact.assessment_id is null then
        insert into assessment (center_id, env, id, course_id, title, description, status, version, published_version, items,
                                settings, points_cents, created_at, updated_at, published_at)
        values (p_center, p_env, p_quiz.assessment_id, v_artifact.course_id, p_quiz.title, '', 'published', 1, 1, p_quiz.items,
                p_quiz.settings, p_quiz.points_cents, p_now, p_now, p_now)
        returning * into v_row;
        update artifact a set assessment_id = v_row.id
         where a.center_id = p_center and a.env = p_env and a.id = p_artifact;
        update artifact_version v set assessment_version = null  -- those of an assessment that was deleted
         where v.center_id = p_center and v.env = p_env and v.artifact_id = p_artifact and v.assessment_version is not null;
    else
        select * into v_row
          from assessment s
         where s.center_id = p_center and s.env = p_env and s.id = v_artifact.assessment_id
           for no key update;
        v_row.version := v_row.version + (v_row.version is not distinct from v_row.published_version)::integer;
        update assessment s
           set version = v_row.version, published_version = v_row.version, items = p_quiz.items,
               points_cents = p_quiz.points_cents, updated_at = p_now, published_at = p_now
         where s.center_id = p_center and s.env = p_env and s.id = v_row.id;
    end if;
    insert into assessment_version (center_id, env, assessment_id, version, title, description, items, settings,
                                    points_cents, created_at)
    values (p_center, p_env, v_row.id, v_row.version, v_row.title, v_row.description, p_quiz.items, v_row.settings,
            p_quiz.points_cents, p_now);
    update artifact_version v set assessment_version = v_row.version
     where v.center_id = p_center and v.env = p_env and v.artifact_id = p_artifact and v.version = v_artifact.version;
    perform tell_assessment(p_center, p_env, 'assessment.' || case v_row.status when 'archived' then 'updated' else 'published' end,
                            v_row.id, p_now, p_request_id);
end $$;
