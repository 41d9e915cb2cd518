"""Rests of partly used credit notes, as long as Light is not known to link them: told apart."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, Q, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clearing import causes, known, money
from clearing.models import Balance, CreditNote
from clearing.queries import sums

# Of a Balance; whether Light links them shows in `usable`.
_PARTLY = CreditNote.objects.filter(status="PARTIALLY_CLEARED", gone_at=None)
REST = Q(
    kind=Balance.Kind.CREDIT_NOTE, usable=False, available__gt=0,
    document_id__in=_PARTLY.exclude(adjusts_payables=False).values("id"),
)  # fmt: skip
IS_REST = Case(When(REST, then=Value(True)), default=Value(False))


@dataclass(frozen=True)
class Apart:
    """What is left of such notes per currency, and what stands in its way."""

    words: str
    totals: list[tuple[str, str]]  # "EUR 70.00", "in 1 credit note"
    notes_url: str
    light_url: str  # where the question is; empty where it is answered


def apart(*, locale: str, **where: Any) -> Apart | None:
    """Of the balances with these columns; None where there is nothing. Two queries at most."""
    if known.answers().partly_linkable:
        return None
    rows = Balance.objects.filter(REST, **where).order_by("currency").values("currency")
    found = list(rows.annotate(n=Count("pk"), **sums.halves("available")))
    if not found:
        return None
    is_open = known.answers().rest_is_open
    cause = causes.PARTLY_CLEARED if is_open else causes.REST_REFUSED
    vendor = f"&vendor={where['vendor_id']}" if "vendor_id" in where else ""
    return Apart(
        words=_("Usable if your Light allows it:") if is_open
        else _("Your Light does not link the rest of partly used credit notes:"),
        totals=[_total(row, locale) for row in found],
        notes_url=f"{reverse('stuck')}?cause={cause}{vendor}&rests=with",
        light_url=reverse("your_light") if is_open else "",
    )  # fmt: skip


def _total(row: Any, locale: str) -> tuple[str, str]:
    amount = money.text(sums.whole(row, "available"), row["currency"], locale)
    words = ngettext("in %(n)d credit note", "in %(n)d credit notes", row["n"])
    return amount, words % {"n": row["n"]}
