"""Which clearings of a population pasted numbers name."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from clearing.models import CreditNote, InvoicePayable
from clearing.queries.evidence.population import Scope, standing
from clearing.queries.papers.scope import chunks

MOST = 200  # links of one evidence
LONGEST = 200  # characters of a line
Found = dict[UUID, Any]


def lines_of(text: str) -> list[str]:
    """The numbers in a pasted text, each once: one on a line, whatever stands around it."""
    found = (line.strip(" \t\r,;\"'")[:LONGEST] for line in text.replace("\x00", "").split("\n"))
    return list(dict.fromkeys(line for line in found if line))


def choose(of: Scope, numbers: list[str]) -> tuple[list[int], list[str]]:
    """The movements that these numbers (or ids) name, and a sentence for each that names none
    or several documents. At most five queries for every 500 clearings of the population."""
    by_note, by_invoice = defaultdict(list), defaultdict(list)
    for pk, note, invoice in standing(of).values_list("pk", "credit_note_id", "invoice_payable_id"):
        by_note[note].append(pk)
        by_invoice[invoice].append(pk)
    documents = _named(CreditNote, "document_number", numbers, by_note)
    for key, found in _named(InvoicePayable, "invoice_number", numbers, by_invoice).items():
        documents[key] |= found
    chosen: set[int] = set()
    problems = []
    for number in numbers:
        found = documents[number.lower()]
        if len(found) == 1:
            (id,) = found
            chosen.update(by_note.get(id, []) + by_invoice.get(id, []))
        else:
            problems.append(_problem(number, found))
    return sorted(chosen), problems


def _named(
    model: Any, column: str, numbers: list[str], within: dict[Any, list[int]]
) -> defaultdict[str, Found]:
    """By number (or id), in small letters, the documents of the population that carry it."""
    found: defaultdict[str, Found] = defaultdict(dict)
    wanted = {form for one in numbers for form in (one, one.lower(), one.upper())}
    for some in chunks(sorted(wanted)):
        rows = model.objects.filter(Q(**{f"{column}__in": some}) | Q(pk__in=_ids(some)))
        for row in rows:
            if row.pk in within:
                found[str(getattr(row, column)).lower()][row.pk] = row
                found[str(row.pk)][row.pk] = row
    return found


def _ids(texts: Iterable[str]) -> set[UUID]:
    found = set()
    for one in texts:
        if len(one) == 36:
            try:
                found.add(UUID(one))
            except ValueError:
                continue
    return found


def _problem(number: str, found: Found) -> str:
    if not found:
        return _(
            "“%(number)s” names no credit note and no invoice that was cleared in this period."
        ) % {"number": number}
    which = "; ".join(
        _("%(vendor)s: %(id)s") % {"vendor": one.vendor_name or _("no vendor"), "id": id}
        for id, one in list(found.items())[:5]
    )
    return _("“%(number)s” names %(n)d documents. Paste the id of one instead: %(which)s.") % {
        "number": number, "n": len(found), "which": which,
    }  # fmt: skip
