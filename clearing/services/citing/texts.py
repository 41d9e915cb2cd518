"""Looks through the texts of credit notes that changed; a slice at a time, by id.

A pass goes through what changed since the one before, and a little longer: a change is committed
some time after its `changed_at`. A digest tells whether there is anything new to look at.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from clearing import workflow
from clearing.matching import numbers
from clearing.models import Citation, CreditNote, CreditNoteLine, Looked
from clearing.services import mirroring
from clearing.services.citing.gathering import CLOSED, is_closed, keys_of

KIND = "citations"  # of the mark of this search
RULES = "1"  # another number looks through everything again
SLICE = 200  # credit notes
MOST = 60  # possible numbers of one place
OVERLAP = timedelta(minutes=5)
SOON = timedelta(minutes=1)  # until a PDF is read whose note has named something already
PAUSE = timedelta(seconds=15)  # between two passes


def look(now: datetime) -> bool:
    """Look through one slice; False if there was nothing to look at."""
    mark, _new = Looked.objects.get_or_create(kind=KIND)
    if mark.began_at and mark.rules == RULES:
        return _slice(mark, now)
    since = mark.since if mark.rules == RULES else None
    if since and mark.looked_at and now - mark.looked_at < PAUSE:
        return False
    if not _changed(since).exists():
        return False
    same = Looked.objects.filter(pk=KIND, began_at=mark.began_at, rules=mark.rules)
    return bool(same.update(since=since, began_at=now, rules=RULES, cursor=None))


def _changed(since: datetime | None) -> QuerySet[CreditNote]:
    """Credit notes that are worth it, changed or with lines read since then."""
    notes = CreditNote.objects.exclude(status__in=CLOSED)
    if since is None:
        return notes
    return notes.filter(Q(changed_at__gte=since) | Q(lines_read_at__gte=since))


def _slice(mark: Looked, now: datetime) -> bool:
    """The next notes of a pass; whoever moves the cursor first has done them."""
    some = _changed(mark.since).order_by("pk")
    if mark.cursor:
        some = some.filter(pk__gt=mark.cursor)
    notes = list(some[:SLICE])
    after: dict[str, Any] = {"cursor": notes[-1].pk if notes else None}
    if len(notes) < SLICE and mark.began_at:
        after = {
            "cursor": None, "began_at": None, "looked_at": now, "since": mark.began_at - OVERLAP,
        }  # fmt: skip
    lines = _lines([note.id for note in notes])
    with transaction.atomic():
        same = Looked.objects.filter(pk=KIND, began_at=mark.began_at, cursor=mark.cursor)
        if same.update(**after) != 1:
            return False
        _keep([(note, lines[note.id]) for note in notes], now)
    return True


def _lines(notes: Iterable[UUID]) -> defaultdict[UUID, list[str]]:
    found: defaultdict[UUID, list[str]] = defaultdict(list)
    rows = CreditNoteLine.objects.filter(credit_note_id__in=list(notes)).exclude(description="")
    for note, text in rows.order_by("position", "id").values_list("credit_note_id", "description"):
        found[note].append(text)
    return found


def _keep(notes: list[tuple[CreditNote, list[str]]], now: datetime) -> None:
    """Bring the citations of these notes to what their texts say."""
    ids = [note.id for note, _ in notes]
    stored = Citation.objects.select_for_update().in_bulk(ids)
    changed: list[Citation] = []
    new: list[Citation] = []
    for note, lines in notes:
        one = stored.get(note.id) or Citation(credit_note_id=note.id)
        if not (_is_read(one, note, lines) | _wants_paper(one, note, now)):
            continue
        one.keys, one.looked_at = keys_of(one, note.document_number), now
        (changed if note.id in stored else new).append(one)
    Citation.objects.bulk_create(new, ignore_conflicts=True)
    fields = ["in_texts", "texts", "keys", "looked_at", "pdf", "tries", "not_before"]
    Citation.objects.bulk_update(changed, fields, batch_size=100)
    silent = [one.credit_note_id for one in [*changed, *new] if not one.in_texts]
    mirroring.want_first_lines(silent, now)


def _is_read(one: Citation, note: CreditNote, lines: list[str]) -> bool:
    """Find the numbers in the texts; False where these were looked at before."""
    told = [note.description, note.document_number, note.document_name, *lines]
    digest = workflow.content_hash({"rules": RULES, "texts": told})
    if one.texts == digest:
        return False
    one.texts, one.in_texts = digest, found_in(note, lines)
    return True


def found_in(note: CreditNote, lines: Iterable[str]) -> list[list[Any]]:
    """[key, place, page, words] of everything that could be a number, the best place first."""
    own = note.document_number
    file = PurePath(note.document_name).stem.replace("_", " ")
    places = [
        ("description", numbers.found(note.description, own)),
        *(("line", numbers.found(text, own)) for text in lines),
        ("number", numbers.found_in_number(own)),
        ("file", numbers.found(file, own)),
    ]
    found: dict[tuple[str, str], list[Any]] = {}
    for place, tokens in places:
        for key, words in tokens[:MOST]:
            found.setdefault((key, place), [key, place, 0, words])
    return list(found.values())


def _wants_paper(one: Citation, note: CreditNote, now: datetime) -> bool:
    """Ask for the PDF of a note that has one which was not read; False if nothing changed."""
    before = (one.pdf, one.not_before)
    other = one.document_name != note.document_name
    if not note.document_name:
        one.pdf, one.not_before = Citation.Pdf.NONE, None
    elif is_closed(note):
        one.not_before = None
    elif other or one.pdf == Citation.Pdf.WANTED:
        one.tries = 0 if one.pdf != Citation.Pdf.WANTED else one.tries
        soon = now + SOON if one.in_texts else now
        one.pdf, one.not_before = Citation.Pdf.WANTED, one.not_before or soon
    return (one.pdf, one.not_before) != before
