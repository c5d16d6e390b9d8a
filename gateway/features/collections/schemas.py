"""What a collection looks like: assessments that belong together, in an order."""

from datetime import datetime
from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from gateway.features.assessments.schemas import AssessmentStatus, Description
from gateway.http import Request
from gateway.http.texts import Title

ITEMS_MAX: Final = 200
"""Assessments in one collection."""

AssessmentIds = Annotated[tuple[str, ...], Meta(max_length=ITEMS_MAX, examples=[["asmt_ag6xt3yqo7g3ncxb5l2rv4m7de"]])]


class NewCollection(Request, frozen=True):
    """Body of `POST /v1/collections`: each assessment once, in the order they shall have."""

    title: Title
    description: Description = ""
    assessment_ids: AssessmentIds = ()


class CollectionEdit(Request, frozen=True):
    """Body of `PATCH /v1/collections/{collection_id}`: what is absent stays."""

    title: Title | UnsetType = UNSET
    description: Description | UnsetType = UNSET


class NewItem(Request, frozen=True):
    """Body of `POST /v1/collections/{collection_id}/items`. `position` counts from 0; null or beyond the end: at the end."""

    assessment_id: str
    position: Annotated[int, Meta(ge=0, le=ITEMS_MAX)] | None = None


class NewOrder(Request, frozen=True):
    """Body of `PUT /v1/collections/{collection_id}/items`: every assessment of the collection once, in the new order."""

    assessment_ids: AssessmentIds


class CollectionItem(Struct, frozen=True):
    """One assessment of a collection; `title` is what learners see, as soon as a version is published."""

    assessment_id: str
    position: int
    title: str
    status: AssessmentStatus


class CollectionSummary(Struct, frozen=True, kw_only=True):
    """A collection as lists show it."""

    object: Literal["collection"] = "collection"
    id: str
    title: str
    description: str
    item_count: int
    created_at: datetime
    updated_at: datetime


class Collection(CollectionSummary, frozen=True, kw_only=True):
    """A collection with its assessments, in their order."""

    items: list[CollectionItem]
