"""Beside the credit notes of a page: which may have been entered twice, and what was said of it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from clearing.models import CreditNote, NotDuplicate
from clearing.queries import duplicates
from clearing.twins import Pair
from clearing.workflow import name_of


@dataclass(frozen=True)
class Suspect:
    """Another credit note that may be the same; `who` and `reason` where somebody said no."""

    name: str
    url: str  # both side by side
    who: str = ""
    reason: str = ""

    @property
    def answered(self) -> bool:
        return bool(self.who)


def beside(notes: Mapping[UUID, CreditNote]) -> dict[UUID, tuple[Suspect, ...]]:
    """For each of these notes its suspects, those without an answer first.

    A pair of which one was cancelled as a duplicate is left out. One query, one more where
    somebody has answered, and one where a suspect is not among the notes.
    """
    about = Q(one_id__in=notes.keys()) | Q(other_id__in=notes.keys())
    found = duplicates.with_answers().filter(about).order_by("-at", "id")
    pairs = {(row.one_id, row.other_id): row.is_answered for row in found} if notes else {}
    waiting = [pair for pair, answered in pairs.items() if not answered]
    said = _said([pair for pair, answered in pairs.items() if answered])
    names = _names(notes, {one for pair in pairs for one in pair})
    by_note: dict[UUID, list[Suspect]] = defaultdict(list)
    for pair in (*waiting, *said):
        for note, other in (pair, pair[::-1]):
            if note in notes and other in names:
                who, reason = said.get(pair, ("", ""))
                url = duplicates.compare_url(note, other)
                by_note[note].append(Suspect(names[other], url, who, reason))
    return {note: tuple(rows) for note, rows in by_note.items()}


def _said(pairs: list[Pair]) -> dict[Pair, tuple[str, str]]:
    """Who said of these pairs that they are two credits, and why."""
    if not pairs:
        return {}
    rows = NotDuplicate.objects.filter(
        one_id__in={one for one, _other in pairs}, other_id__in={other for _one, other in pairs}
    ).select_related("by")
    found = {(row.one_id, row.other_id): (name_of(row.by), row.reason) for row in rows}
    return {pair: words for pair, words in found.items() if pair in pairs}


def _names(notes: Mapping[UUID, CreditNote], wanted: set[UUID]) -> dict[UUID, str]:
    known = {one: str(notes[one]) for one in wanted & notes.keys()}
    others = CreditNote.objects.in_bulk(wanted - notes.keys()) if wanted - notes.keys() else {}
    return known | {one: str(note) for one, note in others.items()}
