"""The ledger's figure of a month, as a person has read it in Light."""

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clearing import money, months, roles, workflow
from clearing.models import number_format
from clearing.queries import month_end as queries
from clearing.queries import papers
from clearing.queries.month_end.place import Place
from clearing.services import tying
from clearing.views import dialogs
from clearing.views.access import clean_text, done, needs
from clearing.views.dialogs import Asked
from clearing.views.month_end import asked_for

LONGEST_AMOUNT = 60


@require_http_methods(["GET", "HEAD", "POST"])
@needs("see")
def month_ledger(request: HttpRequest, month: str) -> HttpResponse:
    """What the ledger shows in one currency, and what explains the difference."""
    filters, place, first = asked_for(request, month)
    codes = {code: code for code in (*place.currencies, place.local) if code}
    currency = filters.choice("currency", _("Currency"), codes) or place.local
    if not currency or filters.notices:
        raise Http404
    if request.method == "POST":
        return _enter(request, place, first, currency)
    return _ledger(request, place, first, currency)


@needs("tie")
def _enter(request: HttpRequest, place: Place, month: date, currency: str) -> HttpResponse:
    asked = Asked(reason=clean_text(request.POST.get("reason")))
    typed = {name: clean_text(request.POST.get(name)) for name in ("amount", "explained")}
    locale = number_format(request.user)
    amounts = {name: _amount(typed[name], name, currency, locale, asked) for name in typed}
    if not asked.errors:
        try:
            tying.enter(
                entity_id=place.id, month=month, currency=currency, amount=amounts["amount"],
                explained=amounts["explained"], words=asked.reason, by=request.user,
            )  # fmt: skip
        except workflow.Conflict as problem:
            more = {"asked": asked, "conflict": str(problem)}
            return _ledger(request, place, month, currency, typed=typed, status=409, **more)
        except ValueError as problem:
            asked.errors["reason"] = str(problem)
    if asked.errors:
        return _ledger(request, place, month, currency, asked=asked, typed=typed, status=422)
    message = _("Noted. The difference is told as soon as the lists are made anew.")
    return done(request, to=queries.address("month", place, month), message=message)


def _amount(typed: str, name: str, currency: str, locale: str, asked: Asked) -> int:
    """A signed amount; 0 with a sentence among the errors. What explains nothing is empty."""
    if not typed.strip() and name == "explained":
        return 0
    try:
        if len(typed) > LONGEST_AMOUNT:
            raise ValueError(_("This amount is too large."))
        return money.parse_signed(typed, currency, locale)
    except ValueError as problem:
        asked.errors[name] = str(problem)
        return 0


def _ledger(
    request: HttpRequest, place: Place, month: date, currency: str, *,
    typed: dict[str, str] | None = None, status: int = 200, **more: Any,
) -> HttpResponse:  # fmt: skip
    locale = number_format(request.user)
    scope = papers.Scope(place.id, month, workflow.now(), place.local, place.zone)
    now = papers.ledger(scope).get(currency)
    shown = {"amount": "", "explained": ""}
    if now:
        shown = {name: money.plain(now[name], currency, locale) for name in shown}
    rolled = {one.currency: one for one in queries.roll_forward(place.id, month)}
    closing = rolled[currency].closing.amount if currency in rolled else 0
    context = {
        "place": place,
        "name": months.name(month),
        "currency": currency,
        "closing": money.text(closing, currency, locale),
        "example": money.plain(-123456, currency, locale),
        "typed": typed or shown,
        "asked": Asked(reason=now["words"] if now else ""),
        "never": roles.why_not(request.user, "tie"),
        "action": queries.address("month_ledger", place, month, currency=currency),
        "back": queries.address("month", place, month),
    }
    return dialogs.show(request, "clearing/month_end/_ledger.html", context | more, status=status)
