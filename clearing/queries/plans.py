"""The plans that were made, and what a new one can be asked for."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clearing import labels, matching, money
from clearing.models import Balance, Plan, Vendor
from clearing.workflow import name_of

MOST = 20  # plans that the list shows
FOUND = 8  # vendors that a search shows
S = Plan.State
LABELS = {
    S.RUNNING: labels.Label(S.RUNNING.label, "info"),
    S.READY: labels.Label(S.READY.label, "good"),
    S.FAILED: labels.Label(S.FAILED.label, "bad"),
    S.DISCARDED: labels.Label(S.DISCARDED.label),
}
STRENGTHS = {
    matching.POSSIBLE: gettext_lazy("All suggestions"),
    matching.LIKELY: gettext_lazy("Likely or certain"),
    matching.CERTAIN: gettext_lazy("Certain only"),
}


@dataclass(frozen=True)
class Row:
    """A plan in the list."""

    number: int
    url: str
    label: labels.Label
    scope: str
    who: str
    at: datetime
    progress: str


@dataclass(frozen=True)
class VendorChoice:
    """A vendor that may be chosen."""

    id: str
    name: str
    hint: str
    chosen: bool


def rows(*, entities: Mapping[str, str], locale: str) -> list[Row]:
    """The latest plans (two queries)."""
    plans = list(Plan.objects.select_related("asked_by")[:MOST])
    names = vendor_names(plans)
    return [
        Row(
            number=plan.pk,
            url=reverse("plan", args=[plan.pk]),
            label=LABELS[plan.state],  # type: ignore[index]
            scope=scope_words(plan.scope, entities=entities, names=names),
            who=name_of(plan.asked_by),
            at=plan.asked_at,
            progress=progress_words(plan, locale),
        )
        for plan in plans
    ]


def vendor_names(plans: Iterable[Plan]) -> dict[str, str]:
    """The name of each plan's first vendor, where it names some."""
    first = {plan.scope["vendors"][0] for plan in plans if plan.scope["vendors"]}
    if not first:
        return {}
    return {str(one.pk): str(one) for one in Vendor.objects.filter(pk__in=first)}


def scope_words(
    scope: Mapping[str, Any], *, entities: Mapping[str, str], names: Mapping[str, str]
) -> str:
    """What a plan is for: "Nordlicht and 2 more · Acme GmbH · EUR · certain only"."""
    vendors = scope["vendors"]
    if scope["mine"]:
        who = ngettext("%(n)d vendor of mine", "%(n)d vendors of mine", len(vendors)) % {
            "n": len(vendors)
        }
    elif not vendors:
        who = _("All vendors")
    else:
        who, more = names.get(vendors[0], _("one vendor")), len(vendors) - 1
        if more:
            who = ngettext("%(who)s and %(n)d more", "%(who)s and %(n)d more", more) % {
                "who": who, "n": more,
            }  # fmt: skip
    parts = [who, entities.get(scope["entity"], ""), scope["currency"]]
    if scope["strength"] > matching.POSSIBLE:
        parts.append(str(STRENGTHS[scope["strength"]]).lower())
    return " · ".join(filter(None, parts))


def progress_words(plan: Plan, locale: str) -> str:
    """How far a plan is: "412 of 1,200 vendor accounts, 3,104 links suggested"."""
    done, total, lines = (
        money.plain(n, "JPY", locale)
        for n in (plan.groups_done, plan.groups_total, plan.lines_total)
    )
    links = ngettext(
        "%(lines)s link suggested", "%(lines)s links suggested", plan.lines_total
    ) % {"lines": lines}  # fmt: skip
    if plan.state == S.RUNNING and not plan.groups_total:
        return _("Waiting for the worker")
    if plan.groups_done < plan.groups_total:
        said = _("%(done)s of %(total)s vendor accounts") % {"done": done, "total": total}
    else:
        said = ngettext("%(n)s vendor account", "%(n)s vendor accounts", plan.groups_done) % {
            "n": done
        }
    return f"{said}, {links}"


# --- the form ------------------------------------------------------------------------------------
def currencies() -> list[str]:
    """The currencies of credit that can be used."""
    usable = Balance.objects.filter(kind=Balance.Kind.CREDIT_NOTE, usable=True)
    return sorted(usable.order_by().values_list("currency", flat=True).distinct())


def vendors(chosen: Collection[UUID], text: str) -> list[VendorChoice]:
    """The chosen vendors, and those whose name or number holds this text."""
    found = list(Vendor.objects.filter(pk__in=chosen)) if chosen else []
    if text:
        like = Q(name__icontains=text) | Q(number__icontains=text)
        found += Vendor.objects.filter(like, gone_at=None).exclude(pk__in=chosen)[:FOUND]
    return [VendorChoice(str(one.pk), str(one), one.number, one.pk in chosen) for one in found]
