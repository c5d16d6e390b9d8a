"""Attempts, checks, results, reviews, regrades, statistics, and what is kept of a learner. Rule source: assessments."""

from typing import Final

from gateway.openapi.fields.catalogue import SUBMISSIONS, Texts, of, together

_ATTEMPTS: Final = together(
    of(
        SUBMISSIONS,
        assessment_version="The version that was published when the attempt began, or under which it was graded anew.",
        attempt="Which attempt of this learner it is, from 1.",
        status="`in_progress` until it is submitted; `graded`; `awaiting_review` while a person must judge an answer; `expired` "
        "where its time ran out, and what was saved was graded.",
        source="Whether the attempt was begun by a call (`api`) or in the embedded player (`embed`).",
        regrade_of="The submission that holds the grade before this one; null unless a regrade made this.",
        sequence="The `sequence` of the newest save, 0 before the first: the next one must be above it.",
        score="Points earned, decimal text with two places. Null while nothing is graded and, in what learners see, where nothing is told yet.",
        max_score="Points of all items together, decimal text with two places.",
        percent="`score` in percent of `max_score`, rounded down, so that only full marks are 100; null where `score` is.",
        passed="Whether `percent` reaches the assessment's `pass_percent`; null where `score` is, and while a person must judge.",
        started_at="When the attempt began; its time limit runs from here.",
        expires_at="When its time ends; null where there is no limit.",
        submitted_at="When it was submitted, or its time was over; null while it is under way.",
        graded_at="When it was graded; null before.",
    ),
    of(
        "gateway.features.submissions.schemas.Attempt SubmissionInFull SubmissionForReview",
        title="What the assessment is called, in the version of the attempt.",
        items="The questions without keys, in the order that this attempt shows them in.",
        answers="The answers as they were saved last, or graded; an item that was not answered is not there.",
    ),
    of(
        "SubmittedAttempt SubmissionInFull",
        results=(
            "What each item earned, as far as the assessment's `feedback` goes; null while nothing is graded, or nothing is told."
        ),
    ),
    of(
        "SubmissionForReview",
        results="What each item earned, whatever learners are told; null while nothing is graded.",
    ),
    of(
        "SubmissionInFull SubmissionForReview",
        answer_changes="How often answers were changed, by the `answer_change` events.",
    ),
    of("Changes", changes="How many `answer_change` events there were for the item."),
    of(
        "SaveAnswers",
        sequence="A number that you raise with every save of this attempt; one that is not above the newest is 409 `stale_sequence`.",
        answers="All answers so far, which replace those saved before; unfinished ones may be saved.",
    ),
    of("Submit", answers="All answers; left out, those that were saved are graded."),
    of("SubmitAtOnce", answers="All answers of the attempt."),
    of("Given", answer="What was answered; its `type` is the item's."),
)

_CHECKS: Final = together(
    of("NewCheck", answer="The answer to try out; its `type` is the item's."),
    of(
        "Checked",
        state="How the answer fares. With feedback `score` one that is partly right is `wrong`; `needs_review`: only a person can say.",
        checks_left="Further checks of this question that the learner has, in all attempts and versions.",
        correct="Whether the answer is wholly right; only with feedback `parts`, and not for what a person must judge.",
        score="Points that the answer would earn, decimal text; only with feedback `parts`, null for what a person must judge.",
        max_score="Points of the item, decimal text; only with feedback `parts`.",
        parts="How the parts of the answer fare, where it has any; only with feedback `parts`.",
        notices="Remarks that do not tell the key; only with feedback `parts`.",
    ),
    of(
        "PartSignal",
        id="What the learner filled in: the `id` of a choice, row, gap or other part of the item, or its place in the answer, such as "
        "`points[0]`.",
        state="How this part fares.",
    ),
)

_RESULTS: Final = together(
    of(
        "SubmissionResult",
        counts="Whether it is the one of the learner's attempts that counts, by the assessment's `keep`.",
        regraded_as="The submission that holds the newer grade; null where none does.",
    ),
    of(
        "ItemResult ItemForReview",
        score="Points earned, decimal text with two places; null while a person must judge.",
        max_score="Points of the item, decimal text with two places.",
        fraction="The share of the points that was earned, rounded to 6 places; null while a person must judge.",
        state="How the answer fared; `needs_review` while a person must judge.",
        parts="How each part of the answer fared; null unless the feedback is `parts`, and for kinds without parts.",
        notices="Remarks that do not tell the key: what was forgiven, such as `spelling`, or is missing, such as a unit.",
    ),
    of(
        "ItemForReview",
        suggestion="What the key's keywords suggest for an essay; null where there are none, or nothing was written.",
    ),
    of(
        "Suggestion",
        score="Points that the keywords found would earn, decimal text.",
        keywords="The keywords found, a part of the key; null for callers without `write:assessments`.",
    ),
    of(
        "Review ReviewTaken NewReview",
        score="The points given, decimal text with at most two places, from 0 to the item's.",
        comment="What the reviewer has to say; null where nothing.",
    ),
    of(
        "Review ReviewTaken",
        max_score="Points of the item, decimal text with two places.",
        reviewer="Who judged: the id of a key, `key_…`, or of a person, `usr_…`.",
    ),
    of("ReviewTaken", submission="The submission as it stands with this judgement."),
    of(
        "Regrade NewRegrade",
        from_version="The version whose grades are looked at again.",
        policy="`replace` takes the new grade whatever it is; `never_lower` only one that is no smaller share of the points and loses "
        "no pass.",
    ),
    of(
        "Regrade",
        to_version="The version that they are graded under: the published one.",
        status="Where the work stands.",
        regraded="Submissions that have a newer grade by now.",
        kept="Submissions whose grade stays.",
        pending="Submissions that are yet to be looked at.",
        failure="Why it ended before its end, with what was done until then kept; null unless it did.",
        started_at="When a worker first took it; null while it waits.",
        finished_at="When it ended; null before.",
    ),
    of(
        "RegradeFailure",
        code="What went wrong, for programs: interrupted too often, or the version no longer meets the rules of grading.",
        message="What went wrong, for people; the wording may change.",
    ),
    of(
        "Statistics",
        version="The version whose attempts were counted.",
        attempts="Graded attempts that were counted; below 5 there are no statistics.",
        items="What is known of each item, in the order of the version; empty below 5 attempts.",
        computed_at="When it was counted, at most 10 minutes ago; null below 5 attempts.",
    ),
    of(
        "ItemStatistics",
        facility="The mean share of the item's points that was earned, 0 (hard) to 1 (easy), less than 0 where an item has a floor.",
        discrimination="How well the item tells strong from weak learners, -1 to 1: the correlation with the rest of the test. Null "
        "where all earned the same, and without `write:assessments`.",
        choice_counts="How often each choice was picked; null for items without choices, and without `write:assessments`.",
    ),
    of(
        "ChoiceCount",
        part="The row or gap that it was picked in; null where the item has one part.",
        choice="The choice's `id`; `true` or `false` for a statement.",
        count="How many attempts picked it.",
    ),
)

_EVENTS: Final = together(
    of(
        "NewEvent ExportedEvent",
        id="The frontend's own id of the event: sent again under it, it is kept once.",
        type="What happened in the frontend.",
        at="When it happened by the frontend's clock.",
    ),
    of("NewEvent", item_id="The item that it is about; needed for `answer_change`."),
    of(
        "ExportedEvent",
        item_id="The item that it is about; null for none.",
        received_at="When the gateway took it.",
        payload="What the frontend said with it; null for nothing.",
    ),
    of("NewEvents", events="1 to 100 events; each counts as one request against the rate limit."),
    of("EventsTaken", received="How many events came.", recorded="How many of them were not known yet, and were kept."),
    of(
        "LearnerExport",
        submissions="All attempts, with all that is kept of them.",
        checks="How often answers were checked.",
        sessions="The sessions in the embedded player, kept for 30 days after their end.",
    ),
    of(
        "ExportedSubmission",
        regraded_as="The submission that holds the newer grade; null where none does.",
        erased_at="When answers, results and events were erased; null unless they were.",
        results="What each item earned; null while nothing is graded, and once erased.",
        reviews="What people judged, the comments too.",
        events="What the frontend told of the attempt.",
    ),
    of(
        "ExportedChecks",
        used="How often the learner had an answer to it checked.",
        tries="How often another answer was tried, by checks and attempts; counted only where a try costs points.",
    ),
)

SUBMISSION_TEXTS: Final[Texts] = together(_ATTEMPTS, _CHECKS, _RESULTS, _EVENTS)
