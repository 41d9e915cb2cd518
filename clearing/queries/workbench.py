"""What the clearing page reads: the documents of one vendor, entity and currency.

Amounts are in the smallest unit, as stored by clearing.balances. SHOWN usable documents of each
kind are read, more where they belong together, and OFF_SHOWN of the others.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clearing import known, labels, money, usable, workflow
from clearing.models import (
    Balance,
    CreditNote,
    Declined,
    Entity,
    Instruction,
    InvoicePayable,
    Link,
    Vendor,
)
from clearing.queries import cut_off, in_flight, suspects
from clearing.queries.bench import SHOWN, Bench, Cell, Document, Group, Hold, Rejected
from clearing.queries.sums import halves, whole

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


def load(
    vendor: Vendor,
    entity: Entity,
    currency: str,
    *,
    start: int = 0,
    also: Collection[UUID] = (),
    partners: Mapping[UUID, Collection[UUID]] | None = None,
) -> Bench:
    """Read one clearing page: SHOWN credits from the `start`-th on and `also`, with the invoices
    that `partners` names for them, then those that are paid next.
    """
    every = groups(vendor.id)
    here = {"vendor_id": vendor.id, "entity_id": entity.id, "currency": currency}
    partners = partners or {}
    chosen = {*_ids(CreditNote, here, "document_day")[start : start + SHOWN], *also}
    meet = {other for one in chosen for other in partners.get(one, ())}
    notes = _documents(CreditNote, here, chosen, "document_day")
    invoices = _documents(InvoicePayable, here, _filled(here, meet | set(also)), "due_day")
    states = {one.id: one.state for one in invoices}
    holds = _holds([one.id for one in notes], list(states))
    of = _by_document(holds)
    twins = suspects.beside({one.id: one for one in notes if one.can_use})
    credits, off_credits = _split(
        _credit(one, tuple(of[one.id]), twins.get(one.id, ())) for one in notes
    )
    books = cut_off.books_to_come(invoices)
    open_ones, off_invoices = _split(_invoice(one, tuple(of[one.id]), books) for one in invoices)
    linked, cleared = _pairs(notes, states)
    return Bench(
        vendor=vendor,
        group=next(
            (one for one in every if (one.entity_id, one.currency) == (entity.id, currency)),
            Group(vendor.id, entity.id, str(entity), currency),
        ),
        local=entity.local_currency,
        others=[one for one in every if (one.entity_id, one.currency) != (entity.id, currency)],
        credits=credits,
        invoices=open_ones,
        off_credits=off_credits,
        off_invoices=off_invoices,
        holds=holds,
        linked=linked,
        cleared=cleared,
        posted_taken=_with_posted(holds, states),
        rejected=tuple(_rejected(notes, invoices)),
        start=start,
    )


def _with_posted(holds: list[Hold], states: Mapping[UUID, str]) -> frozenset[UUID]:
    """Credit notes of which an open line already goes to a posted invoice."""
    missing = {one.invoice_id for one in holds if one.invoice_id} - states.keys()
    if missing:
        rows = InvoicePayable.objects.filter(id__in=missing).values_list("id", "state")
        states = {**states, **dict(rows)}
    return frozenset(
        hold.note_id
        for hold in holds
        if hold.kind == Instruction.Kind.LINK
        and hold.invoice_id
        and usable.is_posted(states.get(hold.invoice_id, ""))
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


def _usable(model: Any, here: Mapping[str, Any]) -> Any:
    kind = Balance.Kind.CREDIT_NOTE if model is CreditNote else Balance.Kind.INVOICE
    return Balance.objects.filter(**here, kind=kind, usable=True).values("document_id")


def _ids(model: Any, here: Mapping[str, Any], day: str) -> Any:
    """Usable documents of one group, the oldest first: a query to be cut."""
    rows = model.objects.filter(id__in=_usable(model, here)).order_by(day, "id")
    return rows.values_list("id", flat=True)


def _filled(here: Mapping[str, Any], chosen: set[UUID]) -> set[UUID]:
    """These invoices, filled up to SHOWN with those that are due first."""
    for one in _ids(InvoicePayable, here, "due_day")[:SHOWN]:
        if len(chosen) >= SHOWN:
            break
        chosen.add(one)
    return chosen


def _documents(model: Any, here: Mapping[str, Any], chosen: set[UUID], day: str) -> list[Any]:
    """The chosen documents of one group, and the newest of those that cannot be used, each with
    its balance's columns (three queries).
    """
    off = model.objects.filter(**here).exclude(id__in=_usable(model, here))
    ids = chosen | set(off.order_by(F(day).desc(), "id").values_list("id", flat=True)[:OFF_SHOWN])
    rows = list(model.objects.filter(**here, id__in=ids).order_by(F(day).desc(), "id"))
    balances = Balance.objects.in_bulk(ids)
    for row in rows:
        of = balances.get(row.id)
        row.can_use, row.available = bool(of and of.usable), of.available if of else None
        row.held, row.planned = (of.held, of.planned) if of else (0, 0)
    return rows


def _rejected(notes: list[CreditNote], invoices: list[InvoicePayable]) -> Iterable[Rejected]:
    """The pairs of these credit notes that somebody rejected, the newest first."""
    names = {one.pk: str(one) for one in (*notes, *invoices)}
    of_these = Declined.objects.filter(credit_note_id__in=[one.id for one in notes])
    rows = list(of_these.select_related("by").order_by("-at")[:OFF_SHOWN])
    missing = {row.invoice_payable_id for row in rows} - names.keys()
    found = InvoicePayable.objects.in_bulk(missing) if missing else {}
    names |= {one: str(document) for one, document in found.items()}
    for row in rows:
        note, invoice = row.credit_note_id, row.invoice_payable_id
        yield Rejected(
            note, invoice, names[note], names.get(invoice, f"{str(invoice)[:8]}…"),
            workflow.name_of(row.by), row.at, row.reason,
        )  # fmt: skip


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
    ).select_related("asked_by", "dealt_by")
    found = list(lines.order_by("asked_at", "id"))
    waits = in_flight.Waits.of(found)
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
            told=in_flight.told(line, waits),
        )
        for line in found
    ]


def _credit(note: Any, holds: tuple[Hold, ...], twins: tuple[suspects.Suspect, ...]) -> Document:
    problem = usable.credit_note_problem(
        note, partially_cleared_linkable=known.answers().partly_linkable
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
        rate=note.local_fx_rate,
        problem=problem.sentence if problem else _why_not(note, holds),
        read_at=note.links_read_at,
        holds=holds,
        twins=twins,
    )


def _invoice(invoice: Any, holds: tuple[Hold, ...], books: cut_off.Books) -> Document:
    problem = usable.invoice_problem(invoice, posted_linkable=known.answers().posted_linkable)
    day = timezone.localtime(invoice.payment_at).date() if invoice.payment_at else invoice.due_date
    pays = usable.payment_warning(invoice, labels.day(day) if day else "")
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
        rate=invoice.local_fx_rate,
        warning=f"{pays} {cut_off.booking(invoice, books)}".strip(),
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
