"""What the buttons of a clearing page do: start over, rebalance, leave out, add, replace."""

from uuid import UUID

from django.utils.translation import gettext as _

from clearing import known, usable
from clearing.forms import Cell, cell_name, cell_of
from clearing.queries.bench import Document
from clearing.views.access import as_uuid
from clearing.views.desk import Desk


def press(desk: Desk) -> bool:
    """Do what the pressed button says; whether there was one."""
    form = desk.form.cleaned_data
    left_out = cell_of(form.get("leave_out") or "")
    name, _colon, invoice = (form.get("instead") or "").partition(":")
    if form.get("start"):
        _start(desk, form["start"])
    elif left_out:
        _leave_out(desk, left_out)
    elif form.get("add"):
        _add(desk, form["add"], form.get("credit"))
    elif (cell := cell_of(name)) and (other := as_uuid(invoice)):
        _instead(desk, cell, other)
    else:
        return False
    desk.lay()
    return True


def _start(desk: Desk, how: str) -> None:
    if how == "rest":
        desk.refill(desk.rest(), keep=desk.own)
    elif how == "suggest":
        desk.engine.found = desk.engine.everything()
        desk.refill(desk.engine.found)
    else:
        desk.write({}, {})


def _leave_out(desk: Desk, cell: Cell) -> None:
    """The suggestion, if it was one, stays known as left out: rebalancing does not bring it."""
    desk.write({c: t for c, t in desk.form.typed.items() if c != cell}, desk.form.filled)


def _add(desk: Desk, invoice_id: UUID, credit_id: UUID | None) -> None:
    """More lines for one invoice, from the chosen credit or the oldest with some left."""
    credits = [one for one in desk.bench.credits if credit_id in (None, one.id)]
    invoice = next((one for one in desk.bench.invoices if one.id == invoice_id), None)
    _put(desk, _taken(desk, credits, invoice), why_none=_why_none(desk, credits, invoice))


def _instead(desk: Desk, cell: Cell, invoice_id: UUID) -> None:
    """The same credit to another invoice: the line is replaced, its suggestion left out."""
    typed = dict(desk.form.typed)
    credits = [one for one in desk.bench.credits if one.id == cell[0]]
    invoice = next((one for one in desk.bench.invoices if one.id == invoice_id), None)
    _leave_out(desk, cell)
    desk.lay()
    found, why_none = _taken(desk, credits, invoice), _why_none(desk, credits, invoice)
    if not found:
        desk.write(typed, desk.form.filled)
    _put(desk, found, why_none=why_none)


def _taken(desk: Desk, credits: list[Document], invoice: Document | None) -> dict[Cell, int]:
    """What these credits, the oldest first, can pay of what an invoice has left."""
    found: dict[Cell, int] = {}
    left = dict(desk.sheet.left)
    bound = desk.bench.posted_taken | desk.sheet.posted_used
    if invoice is None:
        return found
    for one in credits:
        amount = min(left[one.id], left[invoice.id])
        taken = (one.id, invoice.id) in desk.bench.taken | desk.form.typed.keys()
        second = invoice.posted and one.id in bound and not known.answers().partly_linkable
        if amount > 0 and not (taken or second or one.suspect):
            found[one.id, invoice.id] = amount
            left[invoice.id] -= amount
    return found


def _put(desk: Desk, found: dict[Cell, int], *, why_none: str) -> None:
    """Lines that a person has asked for: they count as typed."""
    if not found:
        desk.said = why_none
        return
    texts = {cell: desk.plain(amount) for cell, amount in found.items()}
    filled = {c: t for c, t in desk.form.filled.items() if c not in texts}
    desk.write(desk.form.typed | texts, filled)
    desk.focus = cell_name(next(iter(found)))


def _why_none(desk: Desk, credits: list[Document], invoice: Document | None) -> str:
    left = desk.sheet.left
    if not credits or not invoice:
        return _("This document can no longer be used here.")
    if left[invoice.id] <= 0:
        return _("%(invoice)s is paid in full by the lines here.") % {"invoice": invoice.number}
    rest = [one for one in credits if left[one.id] > 0]
    if not rest:
        return _("No credit is left. Lower or clear another line first.")
    if twin := next((one.suspect for one in rest if all(o.suspect for o in rest)), None):
        return _("%(note)s may be the same as %(twin)s. Compare the two first.") % {
            "note": rest[0].number, "twin": twin.name,
        }  # fmt: skip
    if invoice.posted and not known.answers().partly_linkable:
        return str(usable.ONE_POSTED)
    return _("These two are together already.")
