"""The kinds of exceptions, in the order of the page, each with what to do about it."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _


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
    Kind("edit", _("Edits to look at"), _(
        "Changes of drafts without a clear answer. What is being checked is settled by reading; "
        "of the others look at the draft in Light, and edit it again if it is not as it should "
        "be."), "warn"),
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
    Kind("lost", _("Gone from Light"), _(
        "Links of ours that somebody took away in Light. Ask who did; propose them again, or "
        "acknowledge that they are gone."), "bad"),
    Kind("changed", _("Another amount in Light"), _(
        "Light shows another amount than the one that was approved here. Ask who changed it, and "
        "put it right or acknowledge it."), "bad"),
    Kind("undone", _("Undone in Light"), _(
        "Somebody took these back in Light, so the credit is free again. Ask who did; propose "
        "them again, or acknowledge it."), "bad"),
    Kind("document", _("Changed under a planned link"), _(
        "A document of a planned link is not what it was when the link was approved. Remove the "
        "link, or acknowledge that it may stay."), "warn"),
    Kind("by_light", _("Light did this by itself"), _(
        "When these invoices were posted, Light used credit that nobody had planned for them, or "
        "more than planned. Undo the clearing where the credit was meant for something else."),
        "bad"),
    Kind("made_in_light", _("Made directly in Light"), _(
        "Somebody linked these in Light, so no second person has approved them here."), "warn"),
    Kind("foreign", _("Cleared directly in Light"), _(
        "Somebody used this credit in Light for an invoice that is posted, so no second person "
        "has approved it here. Undo the clearing where the credit was meant for something "
        "else."), "warn"),
    Kind("planned", _("Planned for long"), _(
        "Their invoices are still not posted. Have the invoice posted, or remove the link and "
        "use the credit elsewhere."), "warn"),
]  # fmt: skip


def how_late() -> str:
    """When what others do in Light is seen, by the settings."""
    return gettext(
        "What others do in Light is seen when its lists are read, every %(short)s; a link that "
        "leaves no trace in them, when Light is read as a whole, every %(long)s."
    ) % {"short": _length(settings.SYNC_INTERVAL), "long": _length(settings.FULL_SYNC_INTERVAL)}


def _length(seconds: float) -> str:
    minutes = max(round(seconds / 60), 1)
    if minutes < 120:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    hours = round(minutes / 60)
    return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
