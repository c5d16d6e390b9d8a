"""Presets, courses, sources, what is generated, and how it is asked for anew. Rule source: courses; quotas."""

from typing import Final

from gateway.openapi.fields.catalogue import Texts, everywhere, of, together

_BRIEFS: Final = of(
    "Brief PartialBrief BriefEdit",
    topic="What the course is about. A course can't be launched before its brief has one.",
    audience="Whom the course is for, in your words; empty unless given.",
    level="How much the course takes for granted; `intermediate` unless given.",
    language="The language of the course, a BCP 47 tag such as `en` or `pt-BR`; `en` unless given.",
    objectives="What learners shall be able to do afterwards, 12 at most. A list replaces the one before as a whole.",
    modules="The most modules there may be, 5 unless given: each is held as one unit at the launch; a thin source yields, "
    "and costs, fewer.",
    questions_per_module="The most questions that a module's quiz may have, 5 unless given; doubtful ones are left out.",
    tone="How the course shall sound, in your words; `neutral` unless given.",
    artifacts="What each module is made of, each kind once; all four unless given.",
)

_COURSES: Final = together(
    everywhere(
        external_ref="Your own reference of the course, such as its id in your system: courses are found by it, and events tell "
        "it. Null where none was given; several courses may have the same one.",
        retryable="Whether trying again without a change may succeed.",
    ),
    of("Preset NewPreset PresetEdit", name="What the preset is called."),
    of(
        "Preset NewPreset",
        brief="The fields that its courses start from; what it leaves out each course or the default says.",
    ),
    of("PresetEdit", brief="Fields to lay over the preset's brief; null takes one out of it."),
    of(
        "Course NewCourse CourseEdit",
        title="What you call the course; null where it has no title. The outline has a title of its own.",
    ),
    of(
        "Course NewCourse",
        preset_id=(
            "The preset whose brief lies under the course's own; null for none. A brief that stands stays as it is when the preset changes."
        ),
    ),
    of(
        "Course",
        brief="What is asked for, whole: defaults, preset and given fields laid over one another; null until there is a topic.",
    ),
    of("NewCourse", brief="Fields to lay over the preset's brief and the defaults; the result needs a `topic`."),
    of("CourseEdit", brief="Fields to lay over the brief, until the launch."),
    of(
        "Course",
        status="Where the course stands: it waits for a brief or its launch, is being made, or ended as `ready`, `failed` or "
        "`canceled`.",
        generation="How the making of the course goes, or ended; null before the launch.",
        launched_at="When it was launched; null before.",
        finished_at="When its generation ended, whichever way; null before.",
    ),
    of(
        "Generation",
        status="Where the work stands. `failed` and `canceled` keep the modules that are done.",
        attempt="Which launch of the course this is, from 1.",
        cancel_requested="Whether canceling was asked for: the module in progress is still finished and charged, then it ends.",
        units_held="Units of the meter `generation` that were reserved at the launch, one a module; it stays as it was then.",
        units_settled="Units charged for modules that were finished; 0 until the generation ends.",
        units_released="Units held and not needed, given back; 0 until the generation ends.",
        progress="How far the work is.",
        started_at="When a worker first took it; null while it waits.",
        finished_at="When it ended, whichever way; null before.",
        failure="Why it failed; null unless it did.",
    ),
    of(
        "Progress",
        phase="What is being worked on.",
        modules_done="Modules that are finished and can be read.",
        modules_total="Modules that are planned: the brief's number, until the outline says how many there are.",
        percent="Finished modules in percent of all planned, 0 to 100, rounded down.",
    ),
    of(
        "Failure",
        code="What went wrong, for programs: the generator failed or took too long, a source can't be read, or the work was "
        "interrupted too often.",
        message="What went wrong, for people; the wording may change.",
    ),
)

_SOURCES: Final = together(
    of(
        "Source NewSource",
        name="What the document is called; it is no path and names no file.",
        media_type="What `content` is: plain text or Markdown.",
    ),
    of("NewSource", content="The document's text, at most 5 MiB in UTF-8."),
    of(
        "Source",
        course_id="The course that is made from it.",
        bytes="How long the content is, in bytes of UTF-8.",
        sha256="SHA-256 of the content's UTF-8, in lower-case hex.",
        status="`ready`: a launch can use it.",
        failure="Always null: a source that is listed can be read.",
    ),
    of(
        "grading.parts.SourceRef gateway.generation.model.SourceRef",
        source_id="The source that is cited.",
        start="The first character of the span, counted from 0 in code points of the source's text.",
        end="The character behind the span: it is not part of it.",
    ),
)

_MADE: Final = together(
    of(
        "Outline",
        id="The course's id.",
        version="Which outline of the course this is, from 1.",
        title="What the course is called by its outline.",
        description="What the course is about, in a few sentences.",
        modules="The modules, in their order.",
    ),
    of(
        "OutlineModule",
        index="The module's place, from 0: what artifacts name as `module_index`.",
        title="What the module is called.",
        summary="What the module is about.",
        objectives="What learners can do after it.",
        source_refs="The spans of the sources that it is made from; none where it is not made from sources.",
    ),
    of(
        "Artifact ArtifactVersion",
        kind="What it is: slides, notes, a text to be spoken, or a quiz.",
        media_type="What the content is: Markdown, plain text for a narration; a quiz has a type of its own and no content.",
        bytes="How long the content is, in bytes of UTF-8; of a quiz its items as JSON, 0 where nothing in it can be asked.",
        remark="What was left out on purpose, for a teacher, such as questions too doubtful to ask; null where nothing was.",
    ),
    of(
        "Artifact",
        course_id="The course that it is part of.",
        module_index="The module that it is part of, from 0.",
        version="The newest version, from 1: the one that is shown.",
        status="`regenerating` while a note is being followed, `failed` where the last one could not be: the version before stays.",
        content="The text; only where one artifact is read, and never for a quiz.",
        assessment_id="The assessment that a quiz became; null where nothing in it can be asked or the assessment was deleted. "
        "Absent for all other kinds.",
        regenerations="How often it was made anew, and how often it may be.",
        approved_at="When a person approved it; null where nobody did.",
    ),
    of(
        "ArtifactVersion",
        id="The artifact's id; `version` tells its versions apart.",
        version="The number of the version, from 1.",
        content="The text; only where one version is read, and never for a quiz.",
        assessment_id="The assessment that a quiz became; null where there is none. Absent for all other kinds.",
        assessment_version="The version of that assessment which this version of the quiz became; null where it became none. Absent "
        "for all other kinds.",
        note_id="The note that asked for this version; null for the first.",
    ),
    of(
        "Regenerations",
        used="Regenerations of this artifact that were charged or are under way.",
        cap="The most there may be, the plan's `regenerations_per_artifact`; null = unlimited.",
    ),
    of("Note NewNote", text="What shall be different about the artifact, in your words."),
    of(
        "Note",
        artifact_id="The artifact that the note is on.",
        author="Who wrote it: the id of a key, `key_…`, or of a person, `usr_…`; null where it is not known.",
        regeneration="What became of it; null where a cap was reached, so that the note is kept and nothing was made.",
    ),
    of("NoteTaken", note="The note as it is kept."),
    of(
        "Regeneration",
        status="Where the work stands. Several notes on one artifact are followed one after the other.",
        failure="Why it failed, which gives its unit back; null unless it did.",
    ),
)

COURSES: Final[Texts] = together(_BRIEFS, _COURSES, _SOURCES, _MADE)
