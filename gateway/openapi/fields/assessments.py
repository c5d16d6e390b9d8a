"""Assessments, their settings and collections, and trying items out. Rule source: assessments; security, "Learners"."""

from typing import Final

from gateway.openapi.fields.catalogue import Texts, of, together

_SETTINGS: Final = together(
    of(
        "AssessmentSettings SettingsEdit PlayerSettings",
        max_attempts="How many attempts a learner has, 1 unless given; null = unlimited.",
        checks_per_question="How often a learner may have an answer to a question checked before submitting, over all attempts "
        "and versions; 0 = no checks. The plan's own limit holds too.",
        pass_percent="The percentage from which an attempt is passed; 50 unless given.",
        autosave="What a frontend shall do with what is typed and not yet submitted: `off` nothing, `crash_recovery` keep it for "
        "a crash, `resumable` let the learner go on with it later. The gateway takes saves in any case.",
        time_limit_seconds="Seconds from the start of an attempt to its end; what was saved by then is graded. Null = no limit.",
        feedback="How much a learner is told of a graded answer: `none` nothing, `score` points and state of the whole item, `parts` "
        "also how each part of the answer fared. The key is never told.",
        feedback_at="After which attempt the feedback is given: `each_attempt`, or `last_attempt`, after the last one that is "
        "allowed, so never where attempts are unlimited. Before it, scores and results are null for the learner.",
    ),
    of(
        "AssessmentSettings SettingsEdit",
        keep="Which of a learner's attempts counts: the best or the last.",
        penalty_per_try="The share of an item's points, 0 to 1, that an answer loses for each time it was changed from one try, a "
        "check or an attempt, to the next; 0 = trying costs nothing.",
        shuffle="Whether each attempt has questions and choices in an order of its own.",
    ),
)

_ASSESSMENTS: Final = together(
    of(
        "Assessment AssessmentSummary AuthoredAssessment NewAssessment AssessmentEdit",
        title="What the assessment is called; Markdown and formulas are allowed.",
        description="What learners read before they begin, Markdown; empty unless given.",
        course_id="The course that it belongs to; null for none.",
        settings="How it is taken: attempts, checks, time, feedback. A version keeps those that it was published with.",
    ),
    of(
        "Assessment AssessmentSummary AuthoredAssessment",
        status="`draft` before the first version is published; learners begin attempts on `published` ones alone; `archived` takes "
        "no new ones.",
        version="The version that is shown: the working copy for those who write assessments, else the published one.",
        published_version="The version that learners get; null where none was published.",
        points_total="Points of all items together, decimal text with two places.",
        published_at="When a version was last published; null where none was.",
        archived_at="When it was archived; null unless it is.",
    ),
    of("Assessment", items="The questions without their keys."),
    of("AuthoredAssessment", items="The questions with their keys, in the authored order."),
    of("NewAssessment", items="The questions with their keys, 200 at most; one that can't be graded is refused."),
    of("AssessmentEdit", items="All questions with their keys, in place of those before."),
    of(
        "Validation",
        valid="Whether it can be published as it is.",
        points_total="Points of all items together, decimal text with two places.",
        flaws="What must be mended first; empty where nothing must.",
    ),
    of(
        "Flaw",
        param="Where it is, such as `items[3].key.answers[0].pattern`.",
        requirement="What it must be, in words.",
    ),
    of(
        "Trial",
        items="The questions to try, with their keys; they are not kept.",
        answers="Answers to any of them: a list of `{item_id, answer}`, each item once.",
    ),
    of(
        "Grading",
        results="What each item earns, in the order of `items`.",
        score="Points earned, decimal text with two places; what a person must judge counts nothing yet.",
        max_score="Points of all items, decimal text with two places.",
        percent="`score` in percent of `max_score`, rounded down: nothing but full marks is 100.",
        awaiting_review="Whether a person must judge some of it, such as an essay.",
    ),
)

_COLLECTIONS: Final = together(
    of(
        "Collection CollectionSummary NewCollection CollectionEdit",
        title="What the collection is called.",
        description="What it is for; empty unless given.",
    ),
    of("Collection CollectionSummary", item_count="How many assessments are in it."),
    of("Collection", items="Its assessments, in their order."),
    of("NewCollection", assessment_ids="The assessments in the order they shall have, each once; 200 at most."),
    of("NewOrder", assessment_ids="Every assessment of the collection once, in the new order."),
    of("NewItem", position="The place it shall have, from 0; null, or a place beyond the end: the last one."),
    of(
        "CollectionItem",
        position="Its place in the collection, from 0.",
        title="What learners see as its title once a version is published, the working copy's before.",
        status="Whether it is a draft, published or archived.",
    ),
)

ASSESSMENTS: Final[Texts] = together(_SETTINGS, _ASSESSMENTS, _COLLECTIONS)
