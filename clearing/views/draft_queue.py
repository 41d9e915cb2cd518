"""The draft queue as its pages share it: what its address asks for, and where it leads."""

from collections.abc import Mapping
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse

from clearing.queries import drafts
from clearing.queries.filters import Filters
from clearing.services import duplicates
from clearing.views.access import as_uuid

KEPT = ("group", "entity", "vendor")  # what a form brings back of the queue's address
MOST_COMPARED = 1000  # drafts that are compared with all credit notes, the oldest first


def sorting_of(filters: Filters, entities: dict[str, str]) -> drafts.Sorting:
    """The drafts that an address asks for, by what they lack."""
    return drafts.sort(
        drafts.filtered(filters, entities),
        suspected=lambda ids: duplicates.unanswered(ids[:MOST_COMPARED]).keys(),
    )


def url_of(query: Mapping[str, str], note_id: UUID | None) -> str:
    """The queue's address with a draft beside it."""
    kept = {name: query[name] for name in KEPT if query.get(name)}
    if note_id:
        kept["note"] = str(note_id)
    base = reverse("drafts")
    return f"{base}?{urlencode(kept)}" if kept else base


def following(
    sorting: drafts.Sorting, group: str, note_id: UUID, next_id: str | None
) -> UUID | None:
    """The next draft of a group: the one that was next when the page was made, if it still is
    there; else the one behind this one, or the first that is left."""
    ids = sorting.groups.get(group, [])
    wanted = as_uuid(next_id)
    if wanted in ids and wanted != note_id:
        return wanted
    found = sorting.following(group, note_id)
    return found or next((one for one in ids if one != note_id), None)
