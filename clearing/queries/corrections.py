"""What the dialogs show that post, undo or move: each document before and after, in money words."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from clearing import labels, money, months, usable
from clearing.lines import totals
from clearing.models import (
    Balance,
    Clearing,
    CreditNote,
    CreditNoteLine,
    Instruction,
    InvoicePayable,
    Link,
    Months,
)
from clearing.queries import changes, documents

SETTLED = frozenset({"PAID", "COMPLETED"})


@dataclass(frozen=True)
class Figure:
    """One figure or state, now and afterwards; `money` says which of the two it is."""

    label: str
    before: str
    after: str
    money: bool = True


@dataclass(frozen=True)
class Posting:
    """What posting a draft does: sums of its lines, and the note before and after."""

    sums: list[tuple[str, str]]
    differ: str
    figures: list[Figure]


@dataclass(frozen=True)
class Problem:
    """What stands in the way of a posting, and where it is put right."""

    sentence: str
    url: str
    step: str


@dataclass(frozen=True)
class Undoing:
    """What undoing does. `cleared` is None where nothing is cleared; then a link may be planned,
    which is removed instead."""

    cleared: "Cleared | None"
    figures: list[Figure]
    posted_into: str
    remove_url: str


@dataclass(frozen=True)
class Cleared:
    """A clearing that a dialog is about, `amount` in the smallest unit; `words` say what follows.

    `month` names the closed month it was dated in; empty where that month is open.
    """

    amount: int
    text: str
    day: str
    month: str
    words: str
    also_bank: bool


# --- posting ------------------------------------------------------------------------------------
def of_post(
    note: CreditNote, *, net: int | None, tax: int | None, gross: int | None, locale: str
) -> Posting:
    """What posting this draft does; net, tax and gross of its lines in the smallest unit."""
    row = Balance.objects.filter(pk=note.pk).first()
    amounts = ((_("Net"), net), (_("VAT"), tax), (_("Gross"), gross))
    return Posting(
        sums=[(words, money.text(amount, note.currency, locale)) for words, amount in amounts],
        differ=_lines_differ(note, locale),
        figures=[
            note_status(note, "POSTED"),
            free(note, row.available if row else None, note.amount, locale),
        ],
    )


def _lines_differ(note: CreditNote, locale: str) -> str:
    """The sentence where the lines do not add up to the note's amount; empty where they do."""
    added = totals(CreditNoteLine.objects.filter(credit_note_id=note.pk))
    if not added.differs_from(note.amount):
        return ""
    if added.unknown:
        return _("A line has no gross amount, so the lines cannot be compared with its amount.")
    return _("Its lines add up to %(lines)s, but its amount is %(amount)s.") % {
        "lines": money.text(added.gross, note.currency, locale),
        "amount": money.text(note.amount, note.currency, locale),
    }


def problems(
    note: CreditNote, found: Iterable[usable.No], twins: Iterable[CreditNote]
) -> list[Problem]:
    """What stands in the way of a posting, each with the place where it is put right."""
    return [_problem(note, one, next(iter(twins), None)) for one in found]


def _problem(note: CreditNote, no: usable.No, twin: CreditNote | None) -> Problem:
    here = reverse("credit_note", args=[note.pk])
    if no.code in {"no_vendor", "no_entity", "no_currency", "no_line"}:
        return Problem(no.sentence, reverse("edit_note", args=[note.pk]), _("Complete the draft"))
    if no.code == "duplicate" and twin:
        url = reverse("duplicate", args=[note.pk, twin.pk])
        return Problem(no.sentence, url, _("Compare the two"))
    if no.code == "open_line":
        line = Instruction.objects.filter(
            credit_note_id=note.pk, state__in=Instruction.OPEN
        ).first()
        if line:
            url = reverse("proposal", args=[line.proposal_id])
            return Problem(no.sentence, url, _("See the proposal"))
    return Problem(no.sentence, here, _("See the credit note"))


# --- undoing -----------------------------------------------------------------------------------
def cleared(note: CreditNote, invoice: InvoicePayable, locale: str) -> Cleared | None:
    """What this note has cleared on this invoice; None where nothing is left of it."""
    entries = list(Clearing.objects.filter(invoice_payable_id=invoice.pk, gone_at=None))
    ours = [one for one in entries if one.type == "CN" and one.credit_note_id == note.pk]
    if not ours:
        return None
    amount = sum(one.amount for one in ours)
    day = max((one.payment_date for one in ours if one.payment_date), default=None)
    row = Months.objects.filter(pk=invoice.entity_id).first() if invoice.entity_id else None
    text = money.text(amount, invoice.currency, locale)
    return Cleared(
        amount=amount,
        text=text,
        day=labels.day(day) if day else "",
        month=months.standing_in(row, day).words if day else "",
        words=_(
            "%(invoice)s will show %(amount)s unpaid again and can be picked up by the next "
            "payment."
        )
        % {"invoice": invoice, "amount": text},
        also_bank=any(one.type == "BP" for one in entries),
    )


def of_undo(note: CreditNote, invoice: InvoicePayable, *, archive: bool, locale: str) -> Undoing:
    """What undoing this clearing does; with `archive` the credit note is cancelled, too."""
    found = cleared(note, invoice, locale)
    planned = Link.objects.filter(
        credit_note_id=note.pk, invoice_payable_id=invoice.pk, gone_at=None,
        fate=Link.Fate.PLANNED,
    )  # fmt: skip
    pair = [note.pk, invoice.pk]
    return Undoing(
        cleared=found,
        figures=_undone(note, invoice, found.amount, archive, locale) if found else [],
        posted_into=changes.posted_into(note),
        remove_url=reverse("remove_link", args=pair) if not found and planned.exists() else "",
    )


def _undone(
    note: CreditNote, invoice: InvoicePayable, amount: int, archive: bool, locale: str
) -> list[Figure]:
    """Both documents before and after an undoing of this amount."""
    left = documents.balances([note.pk])
    before = left[note.pk].available if note.pk in left else None
    after = 0 if archive else None if before is None else before + amount
    return [
        reopened_state(invoice, amount),
        unpaid(invoice, amount, locale),
        note_status(note, "ARCHIVED" if archive else status_after(note, invoice)),
        free(note, before, after, locale),
    ]


def status_after(note: CreditNote, invoice: InvoicePayable) -> str:
    """The status of a note once this clearing is undone: by what else it has cleared."""
    others = Clearing.objects.filter(type="CN", gone_at=None, credit_note_id=note.pk).exclude(
        invoice_payable_id=invoice.pk
    )
    return "PARTIALLY_CLEARED" if others.exists() else "POSTED"


def outstanding(invoice: InvoicePayable) -> int | None:
    """What of an invoice is unpaid in Light: nothing of a settled one, which is seldom read."""
    if invoice.outstanding_balance is None and invoice.state in SETTLED:
        return 0
    return invoice.outstanding_balance


def reopened_state(invoice: InvoicePayable, amount: int) -> Figure:
    """The state Light gives an invoice of which this amount is unpaid again."""
    left = (outstanding(invoice) or 0) + amount
    after = "UNPAID" if invoice.amount is None or left >= invoice.amount else "PARTIALLY_PAID"
    if usable.is_posted(invoice.state) and invoice.state not in SETTLED:
        after = invoice.state if after == "PARTIALLY_PAID" else after
    return state(invoice, after)


def unpaid(invoice: InvoicePayable, amount: int, locale: str) -> Figure:
    before = outstanding(invoice)
    after = None if before is None else before + amount
    return figure(_("Unpaid on %(name)s"), invoice, before, after, locale)


def state(invoice: InvoicePayable, after: str) -> Figure:
    return Figure(
        _("State of %(name)s") % {"name": invoice},
        str(labels.invoice(invoice.state).word), str(labels.invoice(after).word), money=False,
    )  # fmt: skip


def note_status(note: CreditNote, after: str) -> Figure:
    return Figure(
        _("Status of %(name)s") % {"name": note},
        str(labels.credit_note(note.status).word), str(labels.credit_note(after).word),
        money=False,
    )  # fmt: skip


def free(note: CreditNote, before: int | None, after: int | None, locale: str) -> Figure:
    return figure(_("Free to use on %(name)s"), note, before, after, locale)


def figure(
    words: str, document: CreditNote | InvoicePayable, before: int | None, after: int | None,
    locale: str,
) -> Figure:  # fmt: skip
    now, afterwards = (
        _("not known") if one is None else money.text(one, document.currency, locale)
        for one in (before, after)
    )
    return Figure(words % {"name": document}, now, afterwards)
