"""Centers, their limits, usage and API keys. Rule source: centers, "Provisioning"; quotas; security, "Keys and scopes"."""

from typing import Final

from gateway.openapi.fields.catalogue import Texts, everywhere, of, together

_LIMITS: Final = together(
    of(
        "EffectiveLimits LimitsEdit",
        requests_per_minute="Requests that are let pass in any 60 seconds, all keys of the center together.",
        generation_units_per_month="Units of the meter `generation` in a period, one a module, live and test each; null = unlimited.",
        regenerations_per_month="Artifacts that may be made anew in a period, live and test each; null = unlimited.",
        regenerations_per_artifact="How often one artifact may be made anew; null = unlimited.",
        concurrent_generations="Generations that may run or wait to run at a time; null = unlimited. Test runs 2 at most.",
        checks_per_question="The most that assessments may allow as `checks_per_question`; null = no limit of the plan's.",
    ),
    of(
        "EffectiveLimits",
        alert_percents="At which percentages of a meter, charged and held, an alert goes out, once a period each.",
    ),
    of("LimitsEdit", alert_percents="At which percentages of a meter an alert goes out; null = no alerts."),
    of(
        "Usage",
        period="The period that is counted in now.",
        meters="What was used of each meter in it.",
        rate_limit="The tightest rate limit, as this request found it.",
        concurrent_generations="Generations that run now.",
        plan="The id of the center's plan.",
        source="Who answered: `mirror`, Redis, which may lag some seconds behind; or the `database`.",
    ),
    of(
        "UsagePeriod",
        start="When the period began.",
        end="When it ends: the first instant that is not in it.",
        resets_at="When units begin anew: the same as `end`.",
    ),
    of(
        "Meters",
        generation="Units of generation, one a module with all its artifacts.",
        regenerations="Artifacts made anew, one unit each.",
    ),
    of(
        "MeterUsage",
        limit="Units that the period has, grants included; null = unlimited.",
        settled="Units charged for work that was done.",
        held="Units reserved for work under way: charged when it is done, or given back.",
        remaining="Units that are neither charged nor held; null = unlimited.",
        percent="Charged and held units in percent of the limit, rounded down; null = unlimited.",
    ),
    of(
        "RateLimit",
        limit="Requests that it lets pass in its window of a minute.",
        remaining="Requests that it would let pass now.",
        resets_at="When the oldest counted request leaves the window.",
    ),
    of(
        "RunningUsage",
        limit="Generations that may run at a time; null = unlimited.",
        running="Generations that run or wait to run.",
    ),
)

_CENTERS: Final = together(
    everywhere(
        locale="The center's language, a BCP 47 tag such as `en` or `pt-BR`.",
        time_zone="The IANA time zone in which periods begin, such as `Europe/Berlin`; UTC unless given.",
        period_anchor_day="The day of the month, 1 to 31, on which periods begin, the last day in shorter months; null = calendar months.",
        plan_id="The plan, such as `starter`, `pro` or `partner`, that sets the center's limits.",
    ),
    of("OwnCenter OwnCenterEdit PublicCenter ProvisionedCenter CenterOfMine", name="What the center is called."),
    of(
        "OwnCenter ProvisionedCenter CenterOfMine",
        subdomain="The center's name in addresses; null where it has none.",
        status="Only an `active` center is served; a `suspended` one reads its usage and nothing else.",
    ),
    of("OwnCenter OwnCenterEdit", theme="The colours in which learners are met."),
    of(
        "ShownTheme ThemeEdit",
        primary="The colour of buttons and links, `#rrggbb`; null = the product's own.",
        accent="The colour that marks what is in focus, `#rrggbb`; null = the product's own.",
        background="The colour behind everything, `#rrggbb`; null = the product's own.",
        text="The colour of texts, `#rrggbb`; null = the product's own.",
    ),
    of(
        "ProvisionedCenter",
        limits="What holds for the center now: the plan's values, and its own where it has some.",
        overridden="The names of the limits that are the center's own.",
        order_id="The order that made the center; null where none did.",
        suspended_at="When it was suspended; null unless it is.",
        ended_at="When it was ended for good; null unless it was.",
    ),
    of("CenterEdit", limits="Single limits to set, to lift, or to give back to the plan; what is absent stays."),
    of(
        "NewCenter",
        order_id="Your own id of the order: sent again with the same body it finds the center that it made.",
        center_name="What the center shall be called.",
        subdomain="Its name in addresses: 3 to 30 lower-case letters, digits and single hyphens inside; nobody else's.",
        admin_email="The address of its first ADMIN, who is invited; null: nobody is.",
    ),
    of(
        "Provisioned",
        center="The center that the order made.",
        api_key="Its first live key; null in a replay and where the order was carried out before.",
        admin="Its ADMIN with the invitation; null where no address was given, and where the order was carried out before.",
    ),
)

_KEYS: Final = together(
    of(
        "ApiKey MadeApiKey NewApiKey NewCenterKey",
        name="What you call the key.",
        scopes="What the key may do.",
    ),
    of(
        "ApiKey MadeApiKey",
        expires_at="When it stops working; null = never.",
        requests_per_minute="The key's own limit, within the center's; null = the center's alone.",
        created_by="Who made it: the id of a key or person, or `cli:` and a user; null where it is not known.",
        rotated_from="The key that this one took the place of; null for none.",
        last_used_at="When it was last used, to about a minute; null if never.",
    ),
    of(
        "NewApiKey",
        expires_at="When it shall stop working; null: when the key that makes it does.",
        requests_per_minute="A limit of the key's own, within the center's; null: that of the key that makes it, if it has one.",
    ),
    of("MadeApiKey", key="The key itself, `cg_live_…` or `cg_test_…`; shown this once, null in a replay."),
    of(
        "NewCenterKey", revoke_unused="Whether the keys are revoked that you made for this center and nobody ever used."
    ),
    of(
        "Rotation",
        grace_seconds="Seconds that the old key lives beside the new one, 30 days at most; 0 ends it at once.",
    ),
)

CENTERS: Final[Texts] = together(_LIMITS, _CENTERS, _KEYS)
