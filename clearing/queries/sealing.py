"""How far the audit trail is sealed, as its page says it."""

from dataclasses import dataclass

from django.db.models import Count, OuterRef, Subquery, Value
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clearing import labels, money
from clearing.models import AuditEvent, AuditSeal

DIGITS = 16  # of the digest; `audit_verify --head` takes them


@dataclass(frozen=True)
class Shown:
    """The head, whole and short (empty where nothing is sealed), and what waits, in words."""

    words: str
    head: str = ""
    short: str = ""
    waiting: str = ""


def shown(locale: str) -> Shown:
    """One query."""
    later = AuditEvent.objects.filter(pk__gt=OuterRef("event_id")).order_by("pk")
    counted = later.order_by().values(all=Value(1)).annotate(n=Count("pk")).values("n")
    newest = AuditSeal.objects.order_by("-seq")
    head = newest.annotate(
        waiting=Subquery(counted), since=Subquery(later.values("at")[:1])
    ).first()
    if head is None:
        return Shown(_("No step is sealed yet; the worker does it."))
    waiting = ""
    if head.waiting:
        waiting = ngettext(
            "%(n)s step is not sealed yet, since %(since)s.",
            "%(n)s steps are not sealed yet, the first since %(since)s.",
            head.waiting,
        ) % {"n": money.plain(head.waiting, "JPY", locale), "since": labels.time_of(head.since)}
    event = money.plain(head.event_id, "JPY", locale)
    words = _("Sealed against changes up to event %(event)s, head") % {"event": event}
    return Shown(words, str(head), f"{head.seq}:{head.digest[:DIGITS]}", waiting)
