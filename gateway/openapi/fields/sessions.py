"""The embedded player: tokens, origins, sessions and what is shown. Rule source: assessments, "Embedding"; security."""

from typing import Final

from gateway.openapi.fields.catalogue import Texts, of, together

_SESSIONS: Final = "Session SessionWithPlayer OpenedSession"

SESSIONS: Final[Texts] = together(
    of(
        "NewEmbedToken EmbedToken",
        origin=(
            "Scheme, host and port of the page that shall hold the player in a frame, one of the center's embed origins; null: no page "
            "may, and the player stands alone."
        ),
    ),
    of(
        "NewEmbedToken",
        assessment_id="The published assessment that the learner shall take.",
        ttl_seconds="Seconds until the token can no longer be spent: 300 unless given, 3600 at most.",
    ),
    of(
        "EmbedToken",
        token="The token, `cge_…`, good for one session; shown once, null in a replay.",
        url="The player's page for this token, to put into a frame or open; null in a replay.",
        expires_at="Until when it can be spent.",
    ),
    of(
        "Origins OriginList",
        origins="Scheme, host and port of every page that may hold players in a frame, such as `https://learn.example.com`.",
    ),
    of("OriginList", env="The environment that they are for; null or left out: the key's own."),
    of("NewSession", token="The embed token, `cge_…`, which is spent by this."),
    of(
        _SESSIONS,
        status="`open`; `ended` by a call, by a newer session of the learner, or with its key, assessment or center; `expired` where its time ran out.",
        origin="The page that holds the player in a frame; null: none may.",
        page="The path of the player's page while the session lasts; it opens nothing without the credential.",
        expires_at="When it ends by itself, 2 hours after it began.",
        ended_at="When it ended; null while it is open, and where it ended with its key, assessment or center.",
    ),
    of("SessionWithPlayer OpenedSession", player="All that the player shows."),
    of("OpenedSession", credential="The session's credential, `cgs_…`, to send as Bearer; shown this once."),
    of(
        "ExportedSession",
        origin="The page that held the player in a frame; null for none.",
        expires_at="When it would have ended by itself.",
        ended_at="When it ended; null where nothing ended it yet.",
    ),
    of(
        "Player",
        now="The gateway's time, to reckon from how much of the attempt's time is left.",
        locale="The center's language, a BCP 47 tag.",
        center_name="What the center is called.",
        theme="The center's colours.",
        settings="How the attempt is taken.",
        attempts_left="Attempts that the learner has after this one; null = unlimited.",
        checks_left="Checks that the learner has left, by item id; empty where the assessment has none.",
        description="What the assessment says to learners, Markdown.",
        submission="The attempt, with its questions and what was saved.",
    ),
)
