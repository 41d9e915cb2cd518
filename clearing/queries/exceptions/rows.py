"""The rows of exceptions: lines, links, clearings and edits as the page shows them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from clearing import known, labels, money, usable
from clearing.models import (
    Clearing,
    CreditNote,
    Difference,
    Edit,
    Instruction,
    InvoicePayable,
    Link,
    Vendor,
)
from clearing.queries import documents, in_flight
from clearing.queries.exceptions import differing
from clearing.queries.history import Documents, documents_named
from clearing.workflow import name_of

S = Instruction.State
Record = Instruction | Link | Clearing | Edit | Difference
Pair = tuple[UUID, UUID | None]


@dataclass(frozen=True)
class Row:
    """What needs somebody. Times are the database's; texts are for the screen."""

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
    edit_id: int | None = None  # of an edit that somebody may deal with
    told: str = ""  # under way: where it is, and when we will know
    checking: bool = False  # being read; there is nothing to do
    decided: str = ""  # a person's decision that is being verified
    clear_url: str = ""
    not_elsewhere: str = ""  # why its credit cannot be used for another invoice
    remove_url: str = ""
    undo_url: str = ""
    seen_url: str = ""  # to acknowledge it


@dataclass
class Around:
    """What the rows of one page name beside their records; one query per table."""

    names: Documents
    vendors: dict[UUID, Vendor]
    made: dict[Pair, Instruction]  # the newest line that made a link
    planned: dict[UUID, list[Link]] = field(default_factory=dict)  # by invoice
    locale: str = ""
    under_way: in_flight.Waits = field(default_factory=in_flight.Waits)
    lines: dict[int, Instruction] = field(default_factory=dict)  # of differences, by id


def rows_of(records: Iterable[Record], *, locale: str) -> list[Row]:
    """The rows of these records in their order."""
    records = list(records)
    around = _around(records, locale)
    return [_row(record, around) for record in records]


def _around(records: list[Record], locale: str) -> Around:
    planned: dict[UUID, list[Link]] = defaultdict(list)
    invoices = {one.invoice_payable_id for one in records if isinstance(one, Clearing)}
    if invoices:
        for link in Link.objects.filter(invoice_payable_id__in=invoices).exclude(fate="removed"):
            planned[link.invoice_payable_id].append(link)
    names = documents_named(
        one
        for record in [*records, *(link for found in planned.values() for link in found)]
        for one in (record.credit_note_id, record.invoice_payable_id)
    )
    vendors = Vendor.objects.in_bulk({one for record in records if (one := _vendor(record, names))})
    of_ours = [one for one in records if isinstance(one, Instruction | Edit)]
    made, under_way = _lines_that_made(records), in_flight.Waits.of(of_ours)
    return Around(names, vendors, made, planned, locale, under_way, differing.lines_of(records))


def _vendor(record: Record, names: Documents) -> UUID | None:
    if isinstance(record, Instruction):
        return record.proposal.vendor_id
    for one in (record.credit_note_id, record.invoice_payable_id):
        document = names.get(one) if one else None
        if isinstance(document, CreditNote | InvoicePayable):
            return document.vendor_id
    return None


def _lines_that_made(records: Iterable[Record]) -> dict[Pair, Instruction]:
    """The newest line that made each of these links; none for a link made in Light."""
    notes = {one.credit_note_id for one in records if isinstance(one, Link)}
    if not notes:
        return {}
    lines = Instruction.objects.filter(
        kind=Instruction.Kind.LINK, state=S.DONE, credit_note_id__in=notes
    ).select_related("asked_by")
    return {(line.credit_note_id, line.invoice_payable_id): line for line in lines.order_by("pk")}


def _row(record: Record, around: Around) -> Row:
    note, invoice = record.credit_note_id, record.invoice_payable_id
    vendor = around.vendors.get(_vendor(record, around.names) or UUID(int=0))
    amount = "" if isinstance(record, Edit) else money.text(
        record.amount, record.currency, around.locale
    )  # fmt: skip
    shared: dict[str, Any] = {
        "note": documents.name_of_document(around.names, note),
        "note_url": reverse("credit_note", args=[note]) if note else "",
        "invoice": documents.name_of_document(around.names, invoice),
        "invoice_url": reverse("invoice_payable", args=[invoice]) if invoice else "",
        "vendor": str(vendor) if vendor else "–",
        "vendor_url": reverse("vendor", args=[vendor.pk]) if vendor else "",
        "amount": amount,
    }
    if isinstance(record, Link):
        return Row(**shared | _of_link(record, around))
    if isinstance(record, Clearing):
        return Row(**shared | _of_clearing(record, around))
    if isinstance(record, Edit):
        return Row(**shared | _of_edit(record, around))
    if isinstance(record, Difference):
        return Row(
            **shared | differing.of_difference(record, around.names, around.lines, around.locale)
        )
    return Row(**shared | _of_line(record, around))


def _of_line(line: Instruction, around: Around) -> dict[str, Any]:
    decided = line.get_decision_display() if line.state == S.NEEDS_PERSON else ""
    by = line.dealt_by or line.asked_by
    of_links = line.kind in {Instruction.Kind.LINK, Instruction.Kind.AMEND}
    return {
        "key": f"line-{line.pk}",
        "what": line.get_kind_display(),
        "at": line.changed_at,
        "why": line.outcome,
        "who": name_of(by if decided else line.asked_by),
        "proposal_id": line.proposal_id,
        "line_id": line.pk,
        "told": in_flight.told(line, around.under_way),
        "decided": decided,
        # What is about the note itself, or undoes, is asked for again on the note's page.
        "clear_url": documents.clear_url(around.names.get(line.credit_note_id)) if of_links else "",
    }


def _of_link(link: Link, around: Around) -> dict[str, Any]:
    invoice = around.names.get(link.invoice_payable_id)
    state = labels.invoice(invoice.state).word if isinstance(invoice, InvoicePayable) else "–"
    planned, not_honoured = link.fate == Link.Fate.PLANNED, link.fate == Link.Fate.NOT_HONOURED
    pair = (link.credit_note_id, link.invoice_payable_id)
    line = around.made.get(pair)
    note = around.names.get(link.credit_note_id)
    not_elsewhere = _not_elsewhere(note) if not_honoured else ""
    kind = getattr(link, "code", "")
    return {
        "key": f"link-{link.pk}",
        "what": "",
        "at": link.fate_at if not_honoured else link.first_seen_at,
        "why": _link_words(link, state, kind),
        "who": name_of(line.asked_by) if line else str(_("Made in Light")),
        "proposal_id": line.proposal_id if line else None,
        "line_id": line.pk if line and not_honoured else None,
        "clear_url": "" if not_elsewhere else documents.clear_url(note),
        "not_elsewhere": not_elsewhere,
        "remove_url": reverse("remove_link", args=pair) if planned else "",
        "seen_url": reverse("acknowledge_link", args=[link.pk])
        if kind == "made_in_light" or (not_honoured and line is None)
        else "",
    }


def _link_words(link: Link, state: Any, kind: str) -> str:
    if kind == "made_in_light":
        return _("The link is: %(fate)s. The invoice is: %(state)s.") % {
            "fate": labels.fate(link.fate).word, "state": state
        }  # fmt: skip
    return _("The invoice is: %(state)s.") % {"state": state}


def _not_elsewhere(note: Any) -> str:
    """Why the credit of this note cannot be used for another invoice; empty where it can."""
    if not isinstance(note, CreditNote):
        return ""
    problem = usable.credit_note_problem(
        note, partially_cleared_linkable=known.answers().partly_linkable
    )
    return problem.sentence if problem else ""


def _of_clearing(entry: Clearing, around: Around) -> dict[str, Any]:
    pair = [entry.credit_note_id, entry.invoice_payable_id]
    return {
        "key": f"clearing-{entry.pk}",
        "what": "",
        "at": entry.first_seen_at,
        "why": planned_words(entry, around.planned.get(entry.invoice_payable_id, []), around),
        "who": _("Not from here") if getattr(entry, "code", "") == "foreign" else _("Light"),
        "undo_url": reverse("undo_clearing", args=pair),
        "seen_url": reverse("acknowledge", args=[entry.pk]),
    }


def planned_words(entry: Clearing, links: list[Link], around: Around) -> str:
    """What was planned for the invoice of a clearing, against what happened."""
    own = next((one for one in links if one.credit_note_id == entry.credit_note_id), None)
    if own:
        return _("Planned were %(amount)s.") % {
            "amount": money.text(own.amount, own.currency, around.locale)
        }
    if not links:
        return _("Nothing was planned for this invoice.")
    words = [
        _("%(note)s with %(amount)s (%(fate)s)") % {
            "note": documents.name_of_document(around.names, one.credit_note_id),
            "amount": money.text(one.amount, one.currency, around.locale),
            "fate": labels.fate(one.fate).word,
        }
        for one in links[:3]
    ]  # fmt: skip
    if len(links) > len(words):
        words.append("…")
    return _("Planned was: %(what)s.") % {"what": ", ".join(words)}


def _of_edit(edit: Edit, around: Around) -> dict[str, Any]:
    checking = edit.state == Edit.State.UNKNOWN
    return {
        "key": f"edit-{edit.pk}",
        "what": edit.get_kind_display(),
        "at": edit.changed_at,
        "why": edit.outcome or edit.get_state_display(),
        "who": name_of(edit.asked_by),
        "edit_id": None if checking else edit.pk,
        "checking": checking,
        "told": in_flight.told_of_edit(edit, around.under_way) if checking else "",
    }
