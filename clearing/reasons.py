"""The short lists of reasons that a change asks for, and the check that one was given."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

REASONS: dict[str, dict[str, object]] = {
    "remove": {
        "wrong_invoice": gettext_lazy("Wrong invoice"),
        "wrong_amount": gettext_lazy("Wrong amount"),
        "refund": gettext_lazy("The vendor refunds instead"),
        "payment_first": gettext_lazy("The invoice is paid in full"),
        "other": gettext_lazy("Other"),
    },
    "change": {
        "wrong_amount": gettext_lazy("Wrong amount"),
        "split": gettext_lazy("Part of it goes to another invoice"),
        "vendor_asked": gettext_lazy("Agreed with the vendor"),
        "other": gettext_lazy("Other"),
    },
    "archive": {
        "duplicate": gettext_lazy("Entered twice"),
        "vendor_withdrew": gettext_lazy("The vendor withdrew it"),
        "wrong_document": gettext_lazy("Not a credit note of ours"),
        "other": gettext_lazy("Other"),
    },
    "undo": {
        "wrong_invoice": gettext_lazy("Wrong invoice"),
        "wrong_amount": gettext_lazy("Wrong amount"),
        "refund": gettext_lazy("The vendor refunds instead"),
        "disputed": gettext_lazy("Disputed with the vendor"),
        "other": gettext_lazy("Other"),
    },
    "move": {
        "wrong_invoice": gettext_lazy("Wrong invoice"),
        "due_first": gettext_lazy("The other invoice is paid first"),
        "vendor_asked": gettext_lazy("Agreed with the vendor"),
        "other": gettext_lazy("Other"),
    },
    "post": {  # into a closed month
        "came_late": gettext_lazy("It came after the month was closed"),
        "correction": gettext_lazy("The books of that month are corrected"),
        "audit": gettext_lazy("Asked for by the auditor or tax adviser"),
        "other": gettext_lazy("Other"),
    },
    "reject": {
        "wrong_invoice": gettext_lazy("Wrong invoice"),
        "wrong_amount": gettext_lazy("Wrong amount"),
        "disputed": gettext_lazy("Disputed with the vendor"),
        "wait": gettext_lazy("Wait for another invoice"),
        "other": gettext_lazy("Other"),
    },
}
LONGEST = 1000


def check_reason(what: str, code: str, words: str) -> None:
    """Raise ValueError with a sentence unless a listed reason was chosen (and told, if Other)."""
    if code not in REASONS[what]:
        raise ValueError(_("Choose a reason from the list."))
    if code == "other" and not words.strip():
        raise ValueError(_("Say in a few words what the other reason is."))
    if len(words) > LONGEST:
        raise ValueError(_("Shorten the words to %(longest)d characters.") % {"longest": LONGEST})


def label(code: str) -> str:
    """The words of a reason's code; the code itself where it is of no list."""
    for codes in REASONS.values():
        if code in codes:
            return str(codes[code])
    return code
