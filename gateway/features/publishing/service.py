"""From a working copy to what learners get, and to its end. Archived is the last state: nothing leads out of it."""

from typing import Final

from litestar import Response
from msgspec import UNSET

from gateway.assessment_settings import AssessmentSettings, settings_flaw
from gateway.authoring import Items, points_cents_of, ready
from gateway.caller import Caller
from gateway.clock import as_datetime
from gateway.errors import InvalidField
from gateway.features.assessments import service as assessments
from gateway.features.assessments.schemas import Assessment, AssessmentEdit
from gateway.features.publishing import store
from gateway.features.publishing.schemas import Flaw, Validation
from gateway.once import Once
from gateway.published import items_decoder, settings_decoder
from gateway.services import Services
from gateway.stores import Connection, Record
from gateway.webhooks.telling import tell_of_assessment
from grading.result import cents_text

NO_ITEMS: Final = ("items", "at least one question")


async def publish(services: Services, caller: Caller, once: Once, assessment_id: str) -> Response[Assessment]:
    """Freeze the working copy as the version that learners get from now on; a copy that is frozen already stays.
    Raises AssessmentNotFound, WrongState, InvalidField.
    """

    async def find(connection: Connection) -> Record:
        return await assessments.get(connection, caller, assessment_id)

    async def effect(connection: Connection, _: Record) -> Assessment:
        row = await assessments.get_locked(connection, caller, assessment_id)
        assessments.require_unarchived(row)
        await _require_gradable(items_decoder.decode(row["items"]))
        if (unfit := _unfit(caller, settings_decoder.decode(row["settings"]))) is not None:
            raise InvalidField.first_of([unfit])
        now = as_datetime(services.clock.now_ms())
        await store.publish(connection, caller.center.id, caller.env, assessment_id, caller.request_id, now)
        return assessments.render(services, await assessments.get(connection, caller, assessment_id))

    return await once.run(effect, find=find, status=200)


async def archive(services: Services, caller: Caller, once: Once, assessment_id: str) -> Response[Assessment]:
    """End the assessment: it is never started again; what was submitted stays. Raises AssessmentNotFound."""

    async def find(connection: Connection) -> Record:
        return await assessments.get(connection, caller, assessment_id)

    async def effect(connection: Connection, _: Record) -> Assessment:
        now = as_datetime(services.clock.now_ms())
        if await store.archive(connection, caller.center.id, caller.env, assessment_id, now):
            place = caller.center.id, caller.env
            await tell_of_assessment(connection, place, "assessment.archived", assessment_id, now, caller.request_id)
        return assessments.render(services, await assessments.get(connection, caller, assessment_id))

    return await once.run(effect, find=find, status=200)


async def validate(services: Services, caller: Caller, assessment_id: str, data: AssessmentEdit) -> Validation:
    """Say what publishing would say after this edit, and change nothing.

    Raises AssessmentNotFound, WrongState, CourseNotFound.
    """
    async with services.sql.session() as connection:
        row = await assessments.get(connection, caller, assessment_id)
        assessments.require_unarchived(row)
        if isinstance(data.course_id, str):
            await assessments.find_course(connection, caller, data.course_id)
    items = items_decoder.decode(row["items"]) if data.items is UNSET else data.items
    flaws: list[Flaw] = []
    try:
        await _require_gradable(items)
    except InvalidField as problem:
        flaws += [Flaw(**flaw) for flaw in problem.details["flaws"]]
    settings = assessments.edited(settings_decoder.decode(row["settings"]), data.settings)
    if (unfit := _unfit(caller, settings)) is not None:
        flaws.append(Flaw(*unfit))
    return Validation(valid=not flaws, points_total=cents_text(points_cents_of(items)), flaws=flaws)


def _unfit(caller: Caller, settings: AssessmentSettings) -> tuple[str, str] | None:
    """The first setting that the plan, which may have changed since it was made, does not allow."""
    flaw = settings_flaw(settings, caller.center.limits.checks_per_question)
    return None if flaw is None else (f"settings.{flaw[0]}", flaw[1])


async def _require_gradable(items: Items) -> None:
    """Raise InvalidField, with every flaw, for items that can't be put before a learner."""
    if not items:
        raise InvalidField.first_of([NO_ITEMS])
    await ready(items)
