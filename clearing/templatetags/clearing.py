"""Amounts, dates and states as they stand on every page."""

from datetime import date, datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from clearing import labels, money
from clearing.models import number_format

register = template.Library()


def _locale(context: Any) -> str:
    """The number format of the person who reads."""
    return number_format(getattr(context.get("request"), "user", None))


@register.simple_tag(takes_context=True)
def amount(context: Any, value: int | None, currency: str) -> SafeString:
    """An amount in the smallest unit as "EUR 1,240.00", in the reader's number format."""
    return format_html(
        '<span class="money">{}</span>', money.text(value, currency, _locale(context))
    )


@register.simple_tag(takes_context=True)
def number(context: Any, value: int | None, currency: str) -> str:
    """An amount without its currency, as it stands in an amount field."""
    return "" if value is None else money.plain(value, currency, _locale(context))


@register.simple_tag(takes_context=True)
def number_symbols(context: Any) -> tuple[str, str]:
    """The decimal and the grouping sign of the reader, for sums made in the browser."""
    return money.symbols(_locale(context))


@register.filter
def can_choose(rows: Any) -> bool:
    """Whether several of these rows can be selected, to be changed together."""
    return sum(1 for row in rows if row.pick) > 1


@register.filter
def day(value: date | datetime | None) -> SafeString | str:
    """A date with its month's name, "2 Nov 2026"; a dash where it is missing."""
    if value is None:
        return "–"
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), labels.day(value))


@register.filter
def moment(value: datetime | None) -> SafeString | str:
    """A time with its date and zone, "2 Nov 2026, 14:32 UTC"."""
    if value is None:
        return "–"
    local = timezone.localtime(value)
    return format_html('<time datetime="{}">{}</time>', local.isoformat(), labels.moment(value))


@register.filter
def second(value: datetime) -> SafeString:
    """A time to the second: "2 Nov 2026, 14:32:07 UTC"."""
    local = timezone.localtime(value)
    words = f"{labels.day(local.date())}, {local:%H:%M:%S %Z}"
    return format_html('<time datetime="{}">{}</time>', local.isoformat(), words)


@register.filter
def tag(label: "labels.Label") -> SafeString:
    """A state as a word in a tag; the colour is never alone."""
    classes = f"tag {label.tone}".strip()
    return format_html('<span class="{}">{}</span>', classes, label.word)


@register.filter
def note_tag(status: str) -> SafeString:
    return tag(labels.credit_note(status))


@register.filter
def invoice_tag(state: str) -> SafeString:
    return tag(labels.invoice(state))


@register.filter
def line_tag(state: str) -> SafeString:
    return tag(labels.line(state))


@register.filter
def fate_tag(fate: str) -> SafeString:
    return tag(labels.fate(fate))


@register.filter
def or_dash(value: Any) -> Any:
    return value if value not in (None, "") else _("–")
