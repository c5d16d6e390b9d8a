"""What is not there, or not the caller's: the same 404, so that nothing is learned from it."""

from gateway.errors.problem import Problem


class NotFound(Problem):
    """Missing or another's: same code, same body."""

    status = 404
    type = "not_found_error"


class CourseNotFound(NotFound):
    """No such course of this center and env."""

    code = "course_not_found"
    title = "No such course."
    what_to_do = "Check the id, and that the key belongs to the same center and the same env (live or test)."
    default_param = "course_id"


class PresetNotFound(NotFound):
    """No such preset of this center and env."""

    code = "preset_not_found"
    title = "No such preset."
    what_to_do = "Check the id, and that the key belongs to the same center and the same env (live or test)."
    default_param = "preset_id"


class ArtifactNotFound(NotFound):
    """No such artifact, or no such version of it."""

    code = "artifact_not_found"
    title = "No such artifact or version."
    what_to_do = "List the course's artifacts; an artifact keeps its id over all its versions."
    default_param = "artifact_id"


class SourceNotFound(NotFound):
    """No such source of this course."""

    code = "source_not_found"
    title = "No such source."
    what_to_do = "List the course's sources."
    default_param = "source_id"


class ApiKeyNotFound(NotFound):
    """No such key of this center, or not one this key may see."""

    code = "api_key_not_found"
    title = "No such API key."
    what_to_do = "List the keys; a test key sees test keys alone."
    default_param = "key_id"


class CenterNotFound(NotFound):
    """No such center of this partner."""

    code = "center_not_found"
    title = "No such center."
    what_to_do = "Check the id; a partner sees the centers that it provisioned."
    default_param = "center_id"


class MemberNotFound(NotFound):
    """No such member of this center."""

    code = "member_not_found"
    title = "No such member."
    what_to_do = "List the members; one who left keeps the id, who comes back gets a new one."
    default_param = "member_id"


class AssessmentNotFound(NotFound):
    """No such assessment of this center and env."""

    code = "assessment_not_found"
    title = "No such assessment."
    what_to_do = "Check the id, and that the key belongs to the same center and the same env (live or test)."
    default_param = "assessment_id"


class CollectionNotFound(NotFound):
    """No such collection of this center and env."""

    code = "collection_not_found"
    title = "No such collection."
    what_to_do = "Check the id, and that the key belongs to the same center and the same env (live or test)."
    default_param = "collection_id"


class RouteNotFound(NotFound):
    """No such path."""

    code = "route_not_found"
    title = "No such path."
    what_to_do = "Check the path against `/docs`; every path of the API begins with `/v1`."
