"""What stands in the way of signing a month: sentences, from what its paper says. Pure."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clearing import money


def unexplained(figures: Mapping[str, Any], locale: str = "en_US") -> list[str]:
    """What is not tied to the ledger, one sentence per currency with an open amount or a figure."""
    found = []
    closings = {one["currency"]: one["closing"]["amount"] for one in figures["rolled"]}
    ledger = figures["ledger"]
    for currency in sorted({*ledger, *(code for code, open_ in closings.items() if open_)}):
        entry = ledger.get(currency)
        if entry is None:
            found.append(_("The ledger's figure in %(code)s is missing.") % {"code": currency})
        elif left := entry["amount"] - closings.get(currency, 0) - entry["explained"]:
            words = _("%(amount)s of the difference to the ledger are not explained.")
            found.append(words % {"amount": money.text(left, currency, locale)})
    return found


def obstacles(
    figures: Mapping[str, Any], facts: Mapping[str, Any], locale: str = "en_US"
) -> list[str]:
    """Every sentence; none where the month can be signed.

    facts: see queries.papers.facts, and facts_to_sign, which counts what has come up since.
    """
    found = []
    if not facts["over"]:
        found.append(_("The month is not over."))
    elif not facts["read_whole"]:
        found.append(_("Light's history was not read to its end yet."))
    elif not facts["read_since"]:
        found.append(_("Light was not read since the month's end. Sync first."))
    if n := facts["unknown"]:
        words = ngettext(
            "%(n)d change in Light has no clear outcome yet.",
            "%(n)d changes in Light have no clear outcome yet.", n,
        )  # fmt: skip
        found.append(words % {"n": n})
    if n := facts.get("exceptions", figures["lists"]["exceptions"]["count"]):
        words = ngettext(
            "%(n)d exception is not acknowledged.", "%(n)d exceptions are not acknowledged.", n
        )
        found.append(words % {"n": n})
    if n := facts.get("undecided", figures["lists"]["undecided"]["count"]):
        words = ngettext(
            "%(n)d credit note is open for more than 30 days without a decision.",
            "%(n)d credit notes are open for more than 30 days without a decision.", n,
        )  # fmt: skip
        found.append(words % {"n": n})
    return found + unexplained(figures, locale)
