"""Which credit can't be used yet, and the filters of its list."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clearing import causes
from clearing.models import CreditNote, Decision, Outlook
from clearing.queries import documents
from clearing.queries.filters import Filters
from clearing.roles import User

USABLE = "usable"  # as a filter's value: decided about, and there is a suggestion by now
CAUSES = causes.STUCK | {
    USABLE: causes.label(""), causes.IN_REVIEW: causes.label(causes.IN_REVIEW),
}  # fmt: skip
DECISIONS = dict(Decision.Kind.choices)
AGES = {str(n): gettext_lazy("More than %(n)d days") % {"n": n} for n in (30, 60, 90)}
RESTS = {"only": gettext_lazy("Small rests only"), "with": gettext_lazy("With small rests")}
DUE = {"1": gettext_lazy("Due today or earlier")}


def held() -> QuerySet[Decision]:
    """The decision that holds about an outlook."""
    return Decision.objects.filter(credit_note_id=OuterRef("pk"), ended_at=None)


def stuck() -> QuerySet[Outlook]:
    """What can't be used yet; and what was decided about, until nothing is left of it."""
    return Outlook.objects.filter((Q(strength=0) & ~Q(cause=causes.IN_REVIEW)) | Q(Exists(held())))


def filtered(
    filters: Filters, *, user: User, entities: Mapping[str, str], owners: Mapping[str, Any]
) -> tuple[QuerySet[Outlook], QuerySet[Outlook]]:
    """The rows that a query string asks for; the second ignores its cause and its currency."""
    rows = stuck()
    cause = filters.choice("cause", _("Why"), CAUSES)
    rows = _decided(rows, filters.choice("decision", _("Decision"), DECISIONS))
    rows = _owned(rows, filters.choice("owner", _("Looked after by"), owners), user)
    if filters.choice("due", _("Follow-up"), DUE):
        rows = rows.filter(Exists(held().filter(follow_up_on__lte=timezone.localdate())))
    if age := filters.choice("age", _("Age"), AGES):
        rows = rows.filter(day__lt=timezone.localdate() - timedelta(days=int(age)))
    if entity := filters.choice("entity", _("Entity"), entities):
        rows = rows.filter(entity_id=entity)
    if vendor := filters.uuid("vendor", _("Vendor")):
        rows = rows.filter(vendor_id=vendor)
    rows = _rests(rows, filters.choice("rests", _("Small rests"), RESTS))
    rows = _searched(rows, filters.text("q", _("Text")))
    currency = filters.code("currency", _("Currency"))
    chosen = rows.filter(cause="" if cause == USABLE else cause) if cause else rows
    return (chosen.filter(currency=currency) if currency else chosen), rows


def _decided(rows: QuerySet[Outlook], kind: str) -> QuerySet[Outlook]:
    if kind == Decision.Kind.NONE:  # whether somebody looks after it or not
        return rows.exclude(Exists(held().exclude(kind=kind)))
    return rows.filter(Exists(held().filter(kind=kind))) if kind else rows


def _owned(rows: QuerySet[Outlook], owner: str, user: User) -> QuerySet[Outlook]:
    if owner == "nobody":
        return rows.exclude(Exists(held().filter(owner__isnull=False)))
    if owner:
        looks_after: Any = user.pk if owner == "me" else owner
        return rows.filter(Exists(held().filter(owner_id=looks_after)))
    return rows


def _rests(rows: QuerySet[Outlook], rests: str) -> QuerySet[Outlook]:
    """Small rests stand apart, unless somebody has decided about one."""
    if rests == "only":
        return rows.filter(small=True)
    return rows if rests else rows.filter(Q(small=False) | Q(Exists(held())))


def _searched(rows: QuerySet[Outlook], text: str) -> QuerySet[Outlook]:
    if not text:
        return rows
    fields = ("document_number", "vendor_name", "description", "document_name")
    notes = documents.search(CreditNote.objects.filter(pk=OuterRef("pk")), text, *fields)
    return rows.filter(Exists(notes))
