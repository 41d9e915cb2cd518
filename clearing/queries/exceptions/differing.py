"""Rows of differences: what we believe, what Light shows, and whose line it was."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clearing import labels, money
from clearing.models import CreditNote, Difference, Instruction, InvoicePayable
from clearing.queries import documents
from clearing.queries.history import Documents
from clearing.workflow import name_of

SENTENCES = {  # by the codes of services.reconciling.comparing
    "removed": gettext_lazy("Linked here with %(amount)s. Light shows no link any more."),
    "link": gettext_lazy("Linked here with %(amount)s. Light shows %(shown)s."),
    "cleared": gettext_lazy("Linked here with %(amount)s. Light has cleared %(shown)s."),
    "reversed": gettext_lazy(
        "%(amount)s was cleared. Light shows it no more, and nobody here undid it."
    ),
    "unarchived": gettext_lazy("Cancelled here. Light shows the credit note as: %(note)s."),
    "unposted": gettext_lazy("Posted here. Light shows the credit note as: %(note)s."),
    "note_gone": gettext_lazy("%(amount)s is planned. Light no longer shows the credit note."),
    "invoice_gone": gettext_lazy("%(amount)s is planned. Light no longer shows the invoice."),
    "status": gettext_lazy("%(amount)s is planned. The credit note is now: %(note)s."),
    "invoice_dead": gettext_lazy("%(amount)s is planned. The invoice is now: %(invoice)s."),
    "note_amount": gettext_lazy(
        "The credit note was %(amount)s when its link was approved. Light shows %(shown)s."
    ),
    "moved": gettext_lazy(
        "%(amount)s is planned. The credit note now has another vendor, entity or currency than "
        "when that was approved."
    ),
}
LINKED_STILL = frozenset({"link", "status", "invoice_dead", "note_amount", "moved"})


def of_difference(
    one: Difference, names: Documents, lines: dict[int, Instruction], locale: str
) -> dict[str, Any]:
    """What a Row says of one difference, beside its documents and its amount."""
    pair = (one.credit_note_id, one.invoice_payable_id)
    line = lines.get(one.line_id or 0)
    linked = one.invoice_payable_id and one.why in LINKED_STILL
    cleared = one.invoice_payable_id and one.why == "cleared"
    return {
        "key": f"difference-{one.pk}",
        "what": "",
        "at": one.at,
        "why": words(one, names, locale),
        "who": name_of(line.asked_by) if line else str(_("Not from here")),
        "proposal_id": line.proposal_id if line else None,
        "clear_url": documents.clear_url(names.get(one.credit_note_id)),
        "remove_url": reverse("remove_link", args=pair) if linked else "",
        "undo_url": reverse("undo_clearing", args=pair) if cleared else "",
        "seen_url": reverse("acknowledge_difference", args=[one.pk]),
    }


def words(one: Difference, names: Documents, locale: str) -> str:
    """What we believe and what Light shows, as one or two sentences."""
    sentence = str(SENTENCES.get(one.why, ""))

    def text(amount: int | None) -> str:
        words = "–" if amount is None else money.text(amount, one.currency, locale)
        return words.replace(" ", "\u00a0")  # an amount never wraps

    return sentence % {
        "amount": text(one.amount),
        "shown": text(one.shown),
        "note": _state(names.get(one.credit_note_id), CreditNote, "status", labels.credit_note),
        "invoice": _state(
            names.get(one.invoice_payable_id) if one.invoice_payable_id else None,
            InvoicePayable, "state", labels.invoice,
        ),
    }  # fmt: skip


def _state(
    document: Any, model: type, name: str, label: Callable[[str], labels.Label]
) -> str:  # fmt: skip
    return str(label(getattr(document, name)).word) if isinstance(document, model) else "–"


def lines_of(records: Any) -> dict[int, Instruction]:
    """The lines that differences name, by id; one query where there are any."""
    wanted = {one.line_id for one in records if isinstance(one, Difference) and one.line_id}
    if not wanted:
        return {}
    return Instruction.objects.select_related("asked_by").in_bulk(wanted)
