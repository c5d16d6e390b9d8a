"""Names that mean the same in every object."""

from typing import Final

from gateway.openapi.fields.catalogue import Texts, everywhere, of, together

COMMON: Final[Texts] = together(
    everywhere(
        object="What kind of object this is: always this word.",
        id="The object's id: a prefix that tells its kind, such as `crs_`, and 26 characters. It never changes.",
        created_at="When it was made. This and all times are RFC 3339, in UTC.",
        updated_at="When it was last changed.",
        env="The environment, `live` or `test`: nothing in one is seen from the other.",
        has_more="Whether there is more behind this.",
        next_cursor="What to send as `cursor` for the next page, good for 24 hours; null on the last one.",
        assessment_id="The assessment that it is about.",
        item_id="The item's `id` within its assessment.",
        submission_id="The submission that it is about.",
        webhook_id="The webhook that it is about.",
        event_id="The event that is told: the `webhook-id` header of every attempt to deliver it.",
        learner_ref="Whose attempt it is: your own opaque id of the learner, or `usr_…` for one who signs in here.",
    ),
    of(
        "NewCheck NewSubmission SubmitAtOnce NewEmbedToken",
        learner_ref=(
            "Your own opaque id of the learner, made on your server; it must not begin with `usr_`. Needed from a key, an ADMIN "
            "and an INSTRUCTOR; a CHILD and a learner's session leave it out, they speak for themselves."
        ),
    ),
    of("LearnerExport", learner_ref="Whose data this is.", created_at="When the export was begun."),
    of("Health", status="`ok`, or `unavailable` where a request could not be served now."),
    of(
        "Page_ApiKey_ Page_Note_ Page_ArtifactVersion_ Page_AssessmentSummary_ Page_Regrade_ Page_SubmissionResult_ "
        "Page_CollectionSummary_ Page_Course_ Page_Artifact_ Page_Source_ Page_Dpu_ Page_Member_ Page_Preset_ "
        "Page_ProvisionedCenter_ Page_Review_ Page_Webhook_ Page_Delivery_",
        data="The objects of this page; empty where there are none.",
    ),
)
