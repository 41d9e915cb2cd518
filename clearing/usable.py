"""Which documents may be used, and the sentence for each that may not. Pure.

Every function takes anything with our field names: a mirror row or a record just read from
Light, so the same rule speaks when a link is proposed, approved and about to be sent.
"""

from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

POSTED = frozenset(
    "UNPAID PARTIALLY_PAID READY_FOR_PAYMENT_RELEASE PENDING_PAYMENT_APPROVAL SCHEDULED "
    "PAYMENT_PAUSED PAYMENT_PENDING PAID COMPLETED".split()
)
USABLE = frozenset(
    "IN_DRAFT APPROVAL_REQUESTED APPROVAL_PENDING APPROVED_ACCOUNTING_ENTRY_PENDING UNPAID "
    "PARTIALLY_PAID".split()
)
USABLE_WITH_WARNING = frozenset(
    "READY_FOR_PAYMENT_RELEASE PENDING_PAYMENT_APPROVAL SCHEDULED PAYMENT_PAUSED".split()
)
IN_LEDGER = frozenset({"POSTED", "PARTIALLY_CLEARED", "CLEARED"})  # statuses of a posted note
LARGEST = 10**15  # an amount beyond this is a mistake somewhere; sums stay within int64

NEVER = {
    "PAYMENT_PENDING": gettext_lazy("Its payment is already under way."),
    "PAID": gettext_lazy("It is already paid."),
    "COMPLETED": gettext_lazy("It is already settled."),
    "CANCELLED": gettext_lazy("It was cancelled in Light."),
    "CANCELLATION_PENDING": gettext_lazy("It is being cancelled in Light."),
    "RESET_PENDING": gettext_lazy("Light is resetting it; wait until that is done."),
    "DECLINED": gettext_lazy("It was declined in Light."),
    "DUPLICATED": gettext_lazy("Light marked it as a duplicate."),
    "INIT": gettext_lazy("Light is still taking it in."),
    "CREATED": gettext_lazy("Light is still taking it in."),
    "IMPORT_PENDING": gettext_lazy("Light is still importing it."),
}
NOTE_NEVER = {
    "DRAFT": gettext_lazy("Not posted yet. Post it first."),
    "APPROVAL_PENDING": gettext_lazy("Not posted yet: it waits for approval in Light."),
    "APPROVED": gettext_lazy("Not posted yet: it is approved and waits to be posted in Light."),
    "PARTIALLY_CLEARED": gettext_lazy(
        "Partly used already, and your Light is not known to link the rest. See “Your Light”."
    ),
    "CLEARED": gettext_lazy("Used up: it is fully cleared."),
    "ARCHIVED": gettext_lazy("It was cancelled in Light."),
}
# Why a pair of usable documents cannot be linked.
LINKED = gettext_lazy("These two are linked already. Change that link's amount instead.")
CLEARED = gettext_lazy("These two have cleared each other already. Choose another invoice.")
POSTED_NEVER = gettext_lazy("It is posted, and your Light does not use credit for it any more.")
ONE_POSTED = gettext_lazy(
    "A credit note can pay only one invoice that is already posted, because it counts as partly "
    "used afterwards. Choose one of them."
)


class No(NamedTuple):
    """Why not: a stable code for filters and tests, and a sentence for people."""

    code: str
    sentence: str


def is_posted(state: str) -> bool:
    """Whether an invoice in this state stands in the ledger; an unknown state does not."""
    return state in POSTED


def _missing(document: Any) -> No | None:
    """What any document needs before it can be used."""
    if getattr(document, "gone_at", None):
        return No("gone", _("Light no longer shows it."))
    if document.entity_id is None:
        return No("no_entity", _("Its company entity is missing. Add it in Light."))
    if document.vendor_id is None:
        return No("no_vendor", _("Its vendor is missing. Add it in Light."))
    if not document.currency:
        return No("no_currency", _("Its currency is missing. Add it in Light."))
    if document.amount is None:
        return No("no_amount", _("Its amount is missing. Add it in Light."))
    if not 0 < document.amount <= LARGEST:
        return No("amount_out_of_range", _("Its amount is not one that can be cleared."))
    return None


def credit_note_problem(note: Any, *, partially_cleared_linkable: bool = False) -> No | None:
    """Why this credit note cannot be linked, or None. Needs status and the fields of both."""
    if getattr(note, "adjusts_payables", None) is False:
        return No("adjusts_other", _("It does not adjust payables, so it cannot pay an invoice."))
    if note.status == "PARTIALLY_CLEARED" and partially_cleared_linkable:
        return _missing(note)
    if note.status in NOTE_NEVER:
        return No(note.status.lower(), str(NOTE_NEVER[note.status]))
    if note.status != "POSTED":
        return No(
            "unknown_status",
            _("Light gives it the status “%(status)s”, which is not known here.")
            % {"status": note.status or "–"},
        )
    return _missing(note)


def invoice_problem(invoice: Any, *, posted_linkable: bool = True) -> No | None:
    """Why this invoice cannot be cleared by credit, or None. Needs type, state and amounts."""
    if invoice.type != "VENDOR_INVOICE":
        if invoice.type == "REIMBURSEMENT":
            return No("reimbursement", _("It is an employee's reimbursement, not an invoice."))
        return No(
            "unknown_type",
            _("Light gives it the type “%(type)s”, which is not known here.")
            % {"type": invoice.type or "–"},
        )
    if invoice.state in NEVER:
        return No(invoice.state.lower(), str(NEVER[invoice.state]))
    if invoice.state not in USABLE | USABLE_WITH_WARNING:
        return No(
            "unknown_state",
            _("Light gives it the state “%(state)s”, which is not known here.")
            % {"state": invoice.state or "–"},
        )
    if is_posted(invoice.state) and not posted_linkable:
        return No("posted", str(POSTED_NEVER))
    return _missing(invoice)


def pair_problem(note: Any, invoice: Any) -> No | None:
    """Why these two cannot be linked with each other, each being usable by itself."""
    if note.vendor_id != invoice.vendor_id:
        return No("other_vendor", _("The credit note and the invoice are of different vendors."))
    if note.entity_id != invoice.entity_id:
        return No(
            "other_entity",
            _("The credit note and the invoice belong to different company entities."),
        )
    if note.currency != invoice.currency:
        return No(
            "other_currency",
            _("The credit note is in %(one)s, the invoice in %(other)s.")
            % {"one": note.currency, "other": invoice.currency},
        )
    return None


def payment_warning(invoice: Any, pays_on: str) -> str:
    """The sentence for an invoice whose payment is prepared; empty where none is."""
    if invoice.state not in USABLE_WITH_WARNING:
        return ""
    if invoice.state == "PAYMENT_PAUSED":
        return _("Its payment is paused; when it goes on, it must be lowered.")
    if not pays_on:
        return _("Its payment is being prepared; it must be lowered.")
    return _("Pays on %(day)s; the payment must be lowered.") % {"day": pays_on}


def vendor_warning(vendor: Any) -> str:
    """The sentence for a vendor that is not active; empty where it is, or is not known."""
    if vendor is None or vendor.status == "ACTIVE":
        return ""
    return _("Light gives this vendor the status “%(status)s”.") % {"status": vendor.status or "–"}
