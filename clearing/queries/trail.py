"""What a row of the audit trail says beyond its verb: what was changed, and both balances."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clearing import labels, money
from clearing.models import AuditEvent, Edit
from clearing.questions import QUESTIONS
from clearing.workflow import EDIT_ENDED

MOST = 20  # changes of one row that are shown
EDITS = frozenset(Edit.Kind.values)
FIELDS = {
    "entity_id": gettext_lazy("Company entity"),
    "vendor_id": gettext_lazy("Vendor"),
    "document_number": gettext_lazy("Number"),
    "document_date": gettext_lazy("Document date"),
    "description": gettext_lazy("Description"),
    "currency": gettext_lazy("Currency"),
    "amount": gettext_lazy("Amount"),
    "are_lines_with_tax": gettext_lazy("Tax"),
    "local_fx_rate": gettext_lazy("Rate to the entity's currency"),
    "group_fx_rate": gettext_lazy("Rate to the group's currency"),
    "custom_properties": gettext_lazy("Custom properties"),
    "net": gettext_lazy("Net"),
    "tax": gettext_lazy("Tax"),
    "gross": gettext_lazy("Gross"),
    "ledger_account_id": gettext_lazy("Account"),
    "ledger_tax_id": gettext_lazy("Tax code"),
    "accrual_template_id": gettext_lazy("Accrual template"),
    "accrual_start_date": gettext_lazy("Accrual from"),
    "accrual_end_date": gettext_lazy("Accrual to"),
    "invoice": gettext_lazy("Invoice"),
    "closed_through": gettext_lazy("Books closed through"),
    "vat_filed_through": gettext_lazy("VAT filed through"),
    "ledger_amount": gettext_lazy("Ledger's figure"),
    "explained": gettext_lazy("Explained part of the difference"),
    "decision": gettext_lazy("Decision"),
    "owner": gettext_lazy("Looked after by"),
    "follow_up_date": gettext_lazy("Follow-up"),
}
BALANCES = (  # the words, and the keys of before and after; the first pair found is shown
    (gettext_lazy("Free to use"), (("free_before", "free_after"), ("free_to_use", ""))),
    (gettext_lazy("Open on the invoice"), (("open_before", "open_after"), ("open_amount", ""))),
)


def changes(row: AuditEvent, locale: str = "en_US") -> tuple[str, ...]:
    """What was changed, each as "Amount: EUR 1.00 → EUR 2.00"; nothing where nothing was."""
    return tuple(
        f"{words} {was} → {now or '–'}" if was else f"{words} {now or '–'}"
        for words, was, now in told(row, locale)
    )


def told(row: AuditEvent, locale: str = "en_US") -> list[tuple[str, str, str]]:
    """Each field that was changed ("Amount:"), before and after; at most MOST."""
    if row.verb in EDIT_ENDED:  # what it changed stands at its beginning
        return []
    found = row.details.get("changes")
    entries = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    for name in ("closed_through", "vat_filed_through"):
        if isinstance(value := row.details.get(name), dict) and value.get("was") != value.get(
            "now"
        ):
            entries.append({"field": name} | value)
    previous = row.details.get("previous_amount")
    if isinstance(previous, int):
        was, now = (money.text(one, row.currency, locale) for one in (previous, row.amount))
        entries.append({"field": "amount", "was": was, "now": now})
    return [_change(one) for one in entries[:MOST]]


def _change(entry: dict[str, Any]) -> tuple[str, str, str]:
    name = str(entry.get("field", ""))
    was, now = (str(entry.get(key) or "") for key in ("was", "now"))
    if name.endswith(("_date", "_through")):
        was, now = _day(was), _day(now)
    if name in QUESTIONS:
        asked = QUESTIONS[name]
        was, now = (str(asked.answers.get(one, one)) or _("Not known") for one in (was, now))
        return str(asked.ask), was, now
    return f"{FIELDS.get(name, name)}:", was, now


def balances(row: AuditEvent, locale: str) -> str:
    """Both balances as the step found and left them; empty where the trail holds none.

    The worker's are Light's own figures, which our other open lines do not lower.
    """
    currency = row.currency or str(row.details.get("currency") or "")
    found = " · ".join(
        f"{words}: {text}"
        for words, keys in BALANCES
        if (text := _balance(row.details, keys, currency, locale))
    )
    by_light = bool(found) and row.by_id is None
    return _("%(balances)s, by Light’s figures") % {"balances": found} if by_light else found


def _balance(
    details: dict[str, Any], keys: tuple[tuple[str, str], ...], currency: str, locale: str
) -> str:
    for before, after in keys:
        was, now = details.get(before), details.get(after)
        shown = [
            money.text(one, currency, locale)
            for one in (was, None if now == was else now)
            if isinstance(one, int)
        ]
        if shown:
            return " → ".join(shown)
    return ""


def named(row: AuditEvent) -> list[str]:
    """What a row is about where its columns do not say it: the other note, the entity."""
    found = (row.details.get(key) for key in ("other_number", "entity_name"))
    return [one for one in found if isinstance(one, str)]


def _day(iso: str) -> str:
    """An ISO date as people read it; the text itself where it is none."""
    try:
        return labels.day(date.fromisoformat(iso))
    except ValueError:
        return iso
