"""What the clearing page reads: the documents of one vendor, entity and currency.

Amounts are in the smallest unit, as stored by clearing.balances. At most LIMIT documents of each
kind are read, those that can be used first.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Case, Count, F, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clearing import labels, money, usable, workflow
from clearing.models import (
    Balance,
    CreditNote,
    Entity,
    Instruction,
    InvoicePayable,
    Link,
    Vendor,
)
from clearing.queries import suspects
from clearing.queries.bench import Bench, Cell, Document, Group, Hold
from clearing.queries.sums import halves, whole

LIMIT = 400
OFF_SHOWN = 50


def groups(vendor_id: UUID) -> list[Group]:
    """Where this vendor has usable credit or invoices, the most that can be cleared first."""
    sums: Iterable[Mapping[str, Any]] = (
        Balance.objects.filter(vendor_id=vendor_id, usable=True)
        .annotate(entity=Subquery(Entity.objects.filter(id=OuterRef("entity_id")).values("name")))
        .values("entity_id", "entity", "currency", "kind")
        .annotate(n=Count("document_id"), **halves("available"))
        .order_by()
    )
    found: dict[tuple[UUID, str, str], dict[str, int]] = defaultdict(dict)
    for row in sums:
        note = row["kind"] == Balance.Kind.CREDIT_NOTE
        found[row["entity_id"], row["entity"] or str(row["entity_id"]), row["currency"]] |= {
            "credit" if note else "open": whole(row, "available"),
            "credits" if note else "invoices": row["n"],
        }
    every = [
        Group(vendor_id, entity_id, entity, currency, **amounts)
        for (entity_id, entity, currency), amounts in found.items()
    ]
    return sorted(every, key=lambda g: (not g.clearable, g.entity, g.currency))


def load(vendor: Vendor, entity: Entity, currency: str) -> Bench:
    """Read one clearing page's documents with their balances, links and open lines."""
    every = groups(vendor.id)
    here = (entity.id, currency)
    notes = _documents(CreditNote, vendor, here, "document_day")
    invoices = _documents(InvoicePayable, vendor, here, "due_day")
    states = {one.id: one.state for one in invoices}
    holds = _holds([one.id for one in notes], list(states))
    of = _by_document(holds)
    twins = suspects.beside({one.id: one for one in notes if one.can_use})
    credits, off_credits = _split(
        _credit(one, tuple(of[one.id]), twins.get(one.id, ())) for one in notes
    )
    open_ones, off_invoices = _split(_invoice(one, tuple(of[one.id])) for one in invoices)
    linked, cleared = _pairs(notes, states)
    return Bench(
        vendor=vendor,
        group=next(
            (one for one in every if (one.entity_id, one.currency) == here),
            Group(vendor.id, entity.id, str(entity), currency),
        ),
        others=[one for one in every if (one.entity_id, one.currency) != here],
        credits=credits,
        invoices=open_ones,
        off_credits=off_credits,
        off_invoices=off_invoices,
        holds=holds,
        linked=linked,
        cleared=cleared,
        posted_taken=frozenset(
            hold.note_id
            for hold in holds
            if hold.kind == Instruction.Kind.LINK
            and hold.invoice_id
            and usable.is_posted(states.get(hold.invoice_id, ""))
        ),
    )


def _by_document(holds: list[Hold]) -> dict[UUID, list[Hold]]:
    found: dict[UUID, list[Hold]] = defaultdict(list)
    for hold in holds:
        found[hold.note_id].append(hold)
        if hold.invoice_id:
            found[hold.invoice_id].append(hold)
    return found


def _split(rows: Iterable[Document]) -> tuple[list[Document], list[Document]]:
    """The usable documents by date, and the first OFF_SHOWN of the others."""
    rows, far = list(rows), date.max
    usable_ones = [one for one in rows if not one.problem]
    usable_ones.sort(key=lambda one: (one.day or far, one.order or far, one.id))
    return usable_ones, [one for one in rows if one.problem][:OFF_SHOWN]


def _documents(model: Any, vendor: Vendor, here: tuple[UUID, str], day: str) -> list[Any]:
    """Documents of one group with their balance's columns (one query).

    Usable ones first, the oldest of them first; then the others, the newest first.
    """
    balance = Balance.objects.filter(document_id=OuterRef("id"))
    rows = (
        model.objects.filter(vendor_id=vendor.id, entity_id=here[0], currency=here[1])
        .annotate(
            can_use=Coalesce(Subquery(balance.values("usable")), False),
            available=Subquery(balance.values("available")),
            held=Subquery(balance.values("held")),
            planned=Subquery(balance.values("planned")),
        )
        .order_by("-can_use", Case(When(can_use=True, then=F(day))), F(day).desc(), "id")
    )
    return list(rows[:LIMIT])


def _pairs(
    notes: list[CreditNote], invoices: Collection[UUID]
) -> tuple[dict[Cell, int], frozenset[Cell]]:
    """The amounts of the pairs that Light plans to clear, and the pairs that have cleared."""
    links = Link.objects.filter(
        credit_note_id__in=[one.id for one in notes], invoice_payable_id__in=list(invoices)
    )
    linked, cleared = {}, set()
    for one in links:
        pair = (one.credit_note_id, one.invoice_payable_id)
        if one.gone_at is None and one.fate == Link.Fate.PLANNED:
            linked[pair] = one.amount
        elif one.fate in {Link.Fate.CLEARED, Link.Fate.CLEARED_PART, Link.Fate.CHECKING}:
            cleared.add(pair)
    return linked, frozenset(cleared)


def _holds(notes: list[UUID], invoices: list[UUID]) -> list[Hold]:
    lines = Instruction.objects.filter(
        Q(credit_note_id__in=notes) | Q(invoice_payable_id__in=invoices),
        state__in=Instruction.OPEN,
    ).select_related("asked_by")
    return [
        Hold(
            note_id=line.credit_note_id,
            invoice_id=line.invoice_payable_id,
            proposal_id=line.proposal_id,
            kind=line.kind,
            state=line.state,
            amount=line.amount,
            who=workflow.name_of(line.asked_by),
            since=line.asked_at,
        )
        for line in lines.order_by("asked_at", "id")
    ]


def _credit(note: Any, holds: tuple[Hold, ...], twins: tuple[suspects.Suspect, ...]) -> Document:
    problem = usable.credit_note_problem(
        note, partially_cleared_linkable=settings.PARTIALLY_CLEARED_LINKABLE
    )
    return Document(
        id=note.id,
        number=str(note),
        url=reverse("credit_note", args=[note.id]),
        state=labels.credit_note(note.status),
        day=note.document_date,
        order=note.document_date,
        free=note.available,
        amount=note.amount,
        description=note.description,
        problem=problem.sentence if problem else _why_not(note, holds),
        read_at=note.links_read_at,
        holds=holds,
        twins=twins,
    )


def _invoice(invoice: Any, holds: tuple[Hold, ...]) -> Document:
    problem = usable.invoice_problem(invoice)
    day = timezone.localtime(invoice.payment_at).date() if invoice.payment_at else invoice.due_date
    return Document(
        id=invoice.id,
        number=str(invoice),
        url=reverse("invoice_payable", args=[invoice.id]),
        state=labels.invoice(invoice.state),
        day=day,
        order=invoice.due_date or day,
        free=invoice.available,
        amount=invoice.amount,
        posted=usable.is_posted(invoice.state),
        day_is_due=invoice.payment_at is None,
        description=invoice.description,
        warning=usable.payment_warning(invoice, labels.day(day) if day else ""),
        problem=problem.sentence if problem else _why_not(invoice, holds),
        read_at=invoice.outstanding_read_at,
        holds=holds,
    )


def _why_not(document: Any, holds: tuple[Hold, ...]) -> str:
    """Why a document that is usable by its state is not by its balance; empty where it is."""
    if document.can_use:
        return ""
    if any(hold.kind == Instruction.Kind.ARCHIVE for hold in holds):
        return _("It is about to be cancelled.")
    if document.available is None:
        return _("What is open on it was not read from Light yet.")
    planned, held = document.planned or 0, document.held or 0
    if planned or held:
        return _("Nothing is left: %(planned)s planned, %(held)s held by proposals.") % {
            "planned": money.text(planned, document.currency),
            "held": money.text(held, document.currency),
        }
    return _("Nothing of it is open.")
