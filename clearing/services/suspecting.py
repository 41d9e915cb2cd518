"""Looks through what changed in the copy for what does not look right; a slice at a time.

A pass goes by id through the documents that changed since the one before; with other rules of
the house it goes through all. Whatever it finds replaces what was found about those documents.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import DateTimeField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from clearing import credit_words, twins, usable, workflow
from clearing.models import (
    Clearing,
    CreditNote,
    Instruction,
    InvoicePayable,
    Link,
    Looked,
    Seen,
    Suspicion,
    SyncRun,
    Vendor,
)

SLICE = 200  # documents; sending waits as long as they take
OVERLAP = timedelta(minutes=5)  # a change is committed within this time after its changed_at
PAUSE = timedelta(seconds=15)  # between two passes of one kind
MOST_TWINS = 20  # of one note: more are one mistake, not many
ENDED = frozenset({"PAID", "COMPLETED", "CANCELLED", "CANCELLATION_PENDING", "DECLINED"})
Kind = Suspicion.Kind


@dataclass(frozen=True)
class Search:
    """One kind: its rules as a text, what changed since a time, what is found in some rows, and
    how that is kept (None: as suspicions, instead of what was found about those rows)."""

    kind: str
    rules: Callable[[], str]
    changed: Callable[[datetime | None], QuerySet]
    found: Callable[[list[Any]], list[Any]]
    keep: Callable[[list[Any], list[Any], datetime], None] | None = None


def look(now: datetime) -> bool:
    """Look through one slice; False if there was nothing to look at."""
    marks = Looked.objects.in_bulk()
    return any(_step(search, marks.get(search.kind), now) for search in SEARCHES)


def step(search: Search, now: datetime) -> bool:
    """One slice of one search, as `look` does it."""
    return _step(search, Looked.objects.filter(pk=search.kind).first(), now)


def _step(search: Search, mark: Looked | None, now: datetime) -> bool:
    rules = workflow.content_hash({"rules": search.rules()})
    if mark is None:
        mark, _new = Looked.objects.get_or_create(kind=search.kind)
    other_rules = mark.rules != rules
    if mark.began_at and not other_rules:
        return _slice(search, mark, now)
    since = None if other_rules else mark.since
    if since and mark.looked_at and now - mark.looked_at < PAUSE:
        return False
    return search.changed(since).exists() and _begin(mark, since, rules, now)


def _begin(mark: Looked, since: datetime | None, rules: str, now: datetime) -> bool:
    same = Looked.objects.filter(pk=mark.pk, began_at=mark.began_at, rules=mark.rules)
    return bool(same.update(since=since, began_at=now, rules=rules, cursor=None))


def _slice(search: Search, mark: Looked, now: datetime) -> bool:
    """The next rows of a pass; whoever moves the cursor first has done them.

    Only what is found is written in a transaction: what changes meanwhile is in the next pass.
    """
    some = search.changed(mark.since).order_by("pk")
    if mark.cursor:
        some = some.filter(pk__gt=mark.cursor)
    rows = list(some[:SLICE])
    found = search.found(rows)
    after: dict[str, Any] = {"cursor": rows[-1].pk if rows else None}
    if len(rows) < SLICE and mark.began_at:
        after = {
            "cursor": None, "began_at": None, "looked_at": now,
            "since": mark.began_at - OVERLAP,
        }  # fmt: skip
    with transaction.atomic():
        same = Looked.objects.filter(pk=mark.pk, began_at=mark.began_at, cursor=mark.cursor)
        if same.update(**after) != 1:
            return False
        if search.keep is None:
            _replace(search, rows, found)
        else:
            search.keep(rows, found, now)
    return True


def _replace(search: Search, rows: list[Any], found: list[Suspicion]) -> None:
    ids: list[UUID] = [row.pk for row in rows]
    about = Q(one_id__in=ids) | Q(other_id__in=ids)
    Suspicion.objects.filter(about, kind=search.kind).delete()
    Suspicion.objects.bulk_create(found, ignore_conflicts=True)


# --- twins -----------------------------------------------------------------------------------
def _changed_notes(since: datetime | None) -> QuerySet[CreditNote]:
    """Changed credit notes, and those of vendors that were changed."""
    if since is None:
        return CreditNote.objects.all()
    vendors = Vendor.objects.filter(changed_at__gte=since).exclude(vat_id="").values("id")
    return CreditNote.objects.filter(Q(changed_at__gte=since) | Q(vendor_id__in=vendors))


def _twins(notes: list[CreditNote]) -> list[Suspicion]:
    """Pairs of which not both are cancelled."""
    by_id = {note.id: note for note in notes}
    found = {}
    for note_id, others in twins.suspected(notes, most=MOST_TWINS).items():
        note = by_id[note_id]
        for other, codes in others:
            if {note.status, other.status} == {"ARCHIVED"}:
                continue
            one, two = twins.pair_of(note_id, other.id)
            found[one, two] = Suspicion(
                kind=Kind.TWINS, one_id=one, other_id=two, why=list(codes),
                at=max(note.first_seen_at, other.first_seen_at),
            )  # fmt: skip
    return list(found.values())


# --- invoices that may be credit notes ---------------------------------------------------------
def _changed_invoices(since: datetime | None) -> QuerySet[InvoicePayable]:
    invoices = InvoicePayable.objects.all()
    return invoices.filter(changed_at__gte=since) if since else invoices


def _filed_wrong(invoices: list[InvoicePayable]) -> list[Suspicion]:
    words = credit_words.all_words(settings.CREDIT_WORDS)
    return [
        Suspicion(
            kind=Kind.FILED_WRONG, one_id=one.id, other_id=one.id, why=why, at=one.first_seen_at
        )
        for one in invoices
        if one.gone_at is None
        and one.type != "REIMBURSEMENT"
        and one.state not in ENDED
        and (why := _looks_like_credit(one, words))
    ]


def _looks_like_credit(invoice: InvoicePayable, words: tuple[str, ...]) -> list[list[str]]:
    """Where it shows, with the word: [["amount", ""], ["document_name", "gutschrift"]]."""
    why = [["amount", ""]] if invoice.amount is not None and invoice.amount <= 0 else []
    for field in ("invoice_number", "document_name", "description"):
        if word := credit_words.found_in(getattr(invoice, field), words):
            why.append([field, word])
    return why


def _word_rules() -> str:
    return repr((credit_words.all_words(settings.CREDIT_WORDS), credit_words.NOT_THESE))


# --- what Light cleared by itself, and what somebody cleared directly in Light -------------------
def _by_light(entries: list[Clearing]) -> list[Suspicion]:
    """Clearings by credit that came with the posting of their invoice, and that nobody planned."""
    found = _unplanned(entries).filter(_with_posting())
    return [_of_clearing(Kind.BY_LIGHT, one) for one in found]


def _foreign(entries: list[Clearing]) -> list[Suspicion]:
    """Clearings by credit that nobody planned, and that no posting brought.

    That they are new since the first sync shows in one of three: a reading of the invoice's
    payments without them, an invoice that came posted, a note that was wholly unused.
    """
    first = SyncRun.objects.filter(state=SyncRun.State.DONE).order_by("id").first()
    if first is None:
        return []
    came_posted = InvoicePayable.objects.filter(
        id=OuterRef("invoice_payable_id"), first_seen_at__gt=first.finished_at
    )
    was_unused = Seen.objects.filter(
        document_id=OuterRef("credit_note_id"), field="status", before="POSTED",
        after__in=["PARTIALLY_CLEARED", "CLEARED"], at__gt=first.started_at,
    )  # fmt: skip
    ours = Instruction.objects.filter(
        credit_note_id=OuterRef("credit_note_id"),
        invoice_payable_id=OuterRef("invoice_payable_id"),
        kind__in=[Instruction.Kind.LINK, Instruction.Kind.AMEND],
        state__in=[*Instruction.IN_FLIGHT, Instruction.State.DONE],
    )
    found = _unplanned(entries).filter(
        Q(absent_at__gte=first.started_at) | Q(Exists(came_posted)) | Q(Exists(was_unused)),
        ~_with_posting(),
        ~Exists(ours),
    )
    return [_of_clearing(Kind.FOREIGN, one) for one in found]


def _of_clearing(kind: str, one: Clearing) -> Suspicion:
    return Suspicion(
        kind=kind, one_id=one.pk, other_id=one.invoice_payable_id, at=one.first_seen_at
    )


def _unplanned(entries: list[Clearing]) -> QuerySet[Clearing]:
    return Clearing.objects.filter(
        ~Exists(_planned()), pk__in=[one.pk for one in entries], type="CN", gone_at=None,
        credit_note_id__isnull=False,
    )  # fmt: skip


def _with_posting() -> Q:
    """It came with the posting of its invoice: no reading long after that has missed it."""
    posting = Seen.objects.filter(
        what="invoice_payable", field="state", document_id=OuterRef("invoice_payable_id"),
        after__in=usable.POSTED, at__lte=OuterRef("first_seen_at"),
    ).exclude(before__in=[*usable.POSTED, ""])  # fmt: skip
    missed = ExpressionWrapper(OuterRef("absent_at") - OVERLAP, DateTimeField())
    since = posting.filter(at__gte=missed)
    return Q(Exists(posting), absent_at=None) | Q(Exists(since))


def _planned() -> QuerySet[Link]:
    """The link that a clearing kept to: of its pair, of no less, and not removed by us before."""
    pair = {
        "credit_note_id": OuterRef("credit_note_id"),
        "invoice_payable_id": OuterRef("invoice_payable_id"),
    }
    removed = Instruction.objects.filter(
        **pair, kind=Instruction.Kind.UNLINK, state=Instruction.State.DONE,
        done_at__gte=OuterRef("first_seen_at"),
    )  # fmt: skip
    return Link.objects.filter(~Exists(removed), **pair, amount__gte=OuterRef("amount"))


def _changed_clearings(since: datetime | None) -> QuerySet[Clearing]:
    """Changed clearings, and those of notes that changed or whose links did: what explains one
    may be seen later."""
    if since is None:
        return Clearing.objects.all()
    notes = Link.objects.filter(changed_at__gte=since).values("credit_note_id")
    changed = CreditNote.objects.filter(changed_at__gte=since).values("id")
    return Clearing.objects.filter(
        Q(changed_at__gte=since) | Q(credit_note_id__in=notes) | Q(credit_note_id__in=changed)
    )


SEARCHES = (
    Search(Kind.TWINS, lambda: str(settings.DUPLICATE_DAYS), _changed_notes, _twins),
    Search(Kind.FILED_WRONG, _word_rules, _changed_invoices, _filed_wrong),
    Search(Kind.BY_LIGHT, lambda: "1", _changed_clearings, _by_light),
    Search(Kind.FOREIGN, lambda: "1", _changed_clearings, _foreign),
)
