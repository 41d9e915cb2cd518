"""Everything that went wrong or takes too long, by kind, each with its next step."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clearing import labels, money
from clearing.models import CreditNote, Instruction, InvoicePayable, Link, Vendor
from clearing.queries import documents, paging
from clearing.queries.history import Documents, documents_named
from clearing.workflow import name_of

FEW = 10  # rows of a kind before "Show all"
S = Instruction.State
OF_LINKS = {"not_honoured", "planned"}  # kinds of links, by their fate; the others are lines


@dataclass(frozen=True)
class Kind:
    """One kind of exception: its heading, and what to do about it."""

    code: str
    title: str | Promise
    advice: str | Promise
    tone: str


KINDS = [
    Kind("needs_person", _("Need a decision"), _(
        "Reading Light could not settle these. Look in Light, then say what you found; it is "
        "read again at that moment. Until then both documents stay held."), "bad"),
    Kind("unknown", _("Being checked"), _(
        "Light gave no clear answer. They are settled by reading; nothing is sent twice, and "
        "there is nothing to do. Please do not link these in Light yourself."), "warn"),
    Kind("refused", _("Light said no"), _(
        "Nothing was changed in Light. Propose them again in another way, or leave them."), "bad"),
    Kind("not_applied", _("Not in Light"), _(
        "They were sent, and Light does not have them. Their amounts are free again."), "bad"),
    Kind("fallen", _("Have to be proposed again"), _(
        "The documents changed before these were sent, so they were not."), "warn"),
    Kind("not_honoured", _("Not honoured by Light"), _(
        "The invoice was posted, and Light did not use the planned credit. It is nowhere "
        "counted as cleared; use it for another invoice, or ask the vendor to refund what is "
        "left."), "bad"),
    Kind("planned", _("Planned for long"), _(
        "Their invoices are still not posted. Have the invoice posted, or remove the link and "
        "use the credit elsewhere."), "warn"),
]  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A line or a link that needs somebody. Times are the database's; texts are for the screen."""

    key: str
    what: str
    note: str
    note_url: str
    invoice: str
    invoice_url: str
    vendor: str
    vendor_url: str
    amount: str
    at: datetime
    why: str
    who: str = ""
    proposal_id: int | None = None
    line_id: int | None = None  # deal or settle it by this id
    checked_by: str = ""  # of an unknown outcome: when we will know
    decided: str = ""  # a person's decision that is being verified
    clear_url: str = ""
    remove_url: str = ""


@dataclass
class Group:
    """The rows of one kind; `count` is of all of them."""

    kind: Kind
    count: int
    rows: list[Any] = field(default_factory=list)
    page: paging.Page | None = None

    @property
    def more(self) -> bool:
        return self.page is None and self.count > len(self.rows)


def count() -> int:
    """How many exceptions the page lists."""
    return _lines().count() + _links().count()


def groups(*, only: str = "", key: str = "", locale: str) -> list[Group]:
    """Every kind that has rows with its first ones, or one kind page by page."""
    found = _one_kind(only, key) if only else _first_rows()
    _fill(found, locale)
    return found


def _one_kind(code: str, key: str) -> list[Group]:
    rows = _links().filter(fate=code) if code in OF_LINKS else _lines().filter(state=code)
    page = paging.page(rows, order=[], key=key, scope=f"exceptions:{code}")
    kind = next(kind for kind in KINDS if kind.code == code)
    return [Group(kind, rows.count(), page.rows, page)] if page.rows else []


def _first_rows() -> list[Group]:
    """The first rows of each kind with the number of all, in two queries."""
    by_code: dict[str, list[Any]] = {}
    for rows, column in ((_lines(), "state"), (_links(), "fate")):
        numbered = rows.annotate(
            place=Window(RowNumber(), partition_by=[column], order_by="pk"),
            of_kind=Window(Count("pk"), partition_by=[column]),
        ).filter(place__lte=FEW)
        for row in numbered.order_by("pk"):
            by_code.setdefault(getattr(row, column), []).append(row)
    return [
        Group(kind, by_code[kind.code][0].of_kind, by_code[kind.code])
        for kind in KINDS
        if kind.code in by_code
    ]


def _lines() -> QuerySet[Instruction]:
    """Lines without a clear end, and those that ended badly until somebody dealt with them."""
    ended = Q(state__in=[S.REFUSED, S.NOT_APPLIED, S.FALLEN], dealt_at=None)
    return Instruction.objects.filter(
        ended | Q(state__in=[S.UNKNOWN, S.NEEDS_PERSON])
    ).select_related("proposal", "asked_by", "dealt_by")


def _links() -> QuerySet[Link]:
    """Links that Light did not honour, and planned ones whose invoice is not posted for long."""
    not_honoured = Q(fate=Link.Fate.NOT_HONOURED) & ~Q(Exists(_dealt()))
    planned = Q(fate=Link.Fate.PLANNED, gone_at=None, first_seen_at__lt=_long_ago())
    return Link.objects.filter(not_honoured | planned)


def _dealt() -> QuerySet[Instruction]:
    """The line that made a link, where a person has dealt with what became of it."""
    return Instruction.objects.filter(
        credit_note_id=OuterRef("credit_note_id"),
        invoice_payable_id=OuterRef("invoice_payable_id"),
        kind=Instruction.Kind.LINK,
        state=S.DONE,
        dealt_at__gte=OuterRef("fate_at"),
    )


def _long_ago() -> datetime:
    return timezone.now() - timedelta(days=settings.PLANNED_TOO_LONG_DAYS)


def _fill(found: list[Group], locale: str) -> None:
    """Turn the records of all groups into rows, with one query per table."""
    records = [record for group in found for record in group.rows]
    names = documents_named(
        one for record in records for one in (record.credit_note_id, record.invoice_payable_id)
    )
    vendors = Vendor.objects.in_bulk({_vendor_id(record, names) for record in records})
    made = _lines_that_made([one for one in records if isinstance(one, Link)])
    for group in found:
        group.rows = [_row(record, names, vendors, made, locale) for record in group.rows]


def _vendor_id(record: Any, names: Documents) -> UUID | None:
    if isinstance(record, Instruction):
        return record.proposal.vendor_id
    note = names.get(record.credit_note_id)
    return note.vendor_id if isinstance(note, CreditNote) else None


def _lines_that_made(links: Iterable[Link]) -> dict[tuple[UUID, UUID | None], Instruction]:
    """The newest line that made each of these links; none for a link made in Light."""
    lines = Instruction.objects.filter(
        kind=Instruction.Kind.LINK,
        state=S.DONE,
        credit_note_id__in={link.credit_note_id for link in links},
    ).order_by("pk")
    return {(line.credit_note_id, line.invoice_payable_id): line for line in lines}


def _row(
    record: Instruction | Link, names: Documents, vendors: dict[UUID, Vendor],
    made: dict[tuple[UUID, UUID | None], Instruction], locale: str,
) -> Row:  # fmt: skip
    note, invoice = record.credit_note_id, record.invoice_payable_id
    vendor_id = _vendor_id(record, names)
    vendor = vendors.get(vendor_id) if vendor_id else None
    shared: dict[str, Any] = {
        "note": documents.name_of_document(names, note),
        "note_url": reverse("credit_note", args=[note]),
        "invoice": documents.name_of_document(names, invoice),
        "invoice_url": reverse("invoice_payable", args=[invoice]) if invoice else "",
        "vendor": str(vendor) if vendor else "–",
        "vendor_url": reverse("vendor", args=[vendor.pk]) if vendor else "",
        "amount": money.text(record.amount, record.currency, locale),
        "clear_url": documents.clear_url(names.get(note)),
    }
    if isinstance(record, Link):
        return Row(**shared | _of_link(record, names, made.get((note, invoice))))
    return Row(**shared | _of_line(record))


def _of_line(line: Instruction) -> dict[str, Any]:
    decided = line.get_decision_display() if line.state == S.NEEDS_PERSON else ""
    by = line.dealt_by or line.asked_by
    return {
        "key": f"line-{line.pk}",
        "what": line.get_kind_display(),
        "at": line.changed_at,
        "why": line.outcome,
        "who": name_of(by if decided else line.asked_by),
        "proposal_id": line.proposal_id,
        "line_id": line.pk,
        "checked_by": checked_by(line) if line.state == S.UNKNOWN else "",
        "decided": decided,
    }


def _of_link(link: Link, names: Documents, line: Instruction | None) -> dict[str, Any]:
    invoice = names.get(link.invoice_payable_id)
    state = labels.invoice(invoice.state).word if isinstance(invoice, InvoicePayable) else "–"
    planned = link.fate == Link.Fate.PLANNED
    pair = [link.credit_note_id, link.invoice_payable_id]
    return {
        "key": f"link-{link.pk}",
        "what": "",
        "at": link.first_seen_at if planned else link.fate_at,
        "why": str(_("The invoice is: %(state)s.") % {"state": state}),
        "who": name_of(line.asked_by) if line else str(_("Made in Light")),
        "proposal_id": line.proposal_id if line else None,
        "line_id": line.pk if line and not planned else None,
        "remove_url": reverse("remove_link", args=pair) if planned else "",
    }


def checked_by(line: Instruction) -> str:
    """When an unknown outcome will be told: the quarantine's end and one sync; "" when past."""
    if line.quarantine_until is None:
        return ""
    until = line.quarantine_until + timedelta(seconds=settings.SYNC_INTERVAL)
    if until < timezone.now():
        return ""
    local = timezone.localtime(until)
    if local.date() == timezone.localtime().date():
        return f"{local:%H:%M %Z}"
    return labels.moment(until)
