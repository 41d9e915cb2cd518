"""The page of one credit note: where every cent went."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from clearing import money, usable
from clearing.models import Balance, CreditNote, Entity, Vendor
from clearing.queries import details, documents, history


@dataclass(frozen=True)
class Shown:
    """A credit note with everything around it. `problem` says why it cannot be used."""

    entity: Entity | None
    vendor: Vendor | None
    figures: list[details.Fact]
    facts: list[details.Fact]
    problem: usable.No | None
    next_step: str
    vendor_warning: str
    summary: str
    clear_url: str
    bar: list[details.Part]
    links: list[details.LinkRow]
    clearings: list[details.ClearingRow]
    lines: list[details.LineRow]
    history: list[history.Event]


def read(note: CreditNote, *, never: str, locale: str) -> Shown:
    """Everything the page shows; a fixed number of queries."""
    entity = Entity.objects.filter(pk=note.entity_id).first() if note.entity_id else None
    vendor = Vendor.objects.filter(pk=note.vendor_id).first() if note.vendor_id else None
    balance = Balance.objects.filter(pk=note.pk).first()
    links = details.links_of(credit_note_id=note.pk)
    entries = details.clearings_of(credit_note_id=note.pk)
    lines = history.lines_of(note.pk, of_note=True)
    seen, done = history.of(note.pk, of_note=True)
    names = history.documents_named(
        {one.invoice_payable_id for rows in (links, entries, lines) for one in rows}
        | history.others(seen, done, note.pk)
    )
    problem = documents.note_problem(note, balance)
    parts = _bar(note, balance, locale)
    return Shown(
        entity=entity,
        vendor=vendor,
        figures=_figures(note, balance, locale),
        facts=_facts(note, entity, vendor),
        problem=problem,
        next_step=str(documents.NEXT_STEP.get(problem.code, "")) if problem else "",
        vendor_warning=usable.vendor_warning(vendor) if note.vendor_id else "",
        summary=", ".join(f"{part.amount} {part.words}" for part in parts),
        clear_url=documents.clear_url(note),
        bar=parts,
        links=details.link_rows(links, names, lines, of_note=True, never=never, locale=locale),
        clearings=details.clearing_rows(entries, names, of_note=True, locale=locale),
        lines=details.line_rows(lines, names, of_note=True, locale=locale),
        history=history.merged(
            seen, done, document_id=note.pk, names=names, currency=note.currency, locale=locale
        ),
    )


def _figures(note: CreditNote, balance: Balance | None, locale: str) -> list[details.Fact]:
    free = balance.available if balance else None
    known = money.text(free, note.currency, locale) if free is not None else _("not known")
    amount = documents.amount(note.amount, note.currency, locale)
    return [details.fact(_("Amount"), amount), details.fact(_("Free to use"), known)]


def _facts(note: CreditNote, entity: Entity | None, vendor: Vendor | None) -> list[details.Fact]:
    adjusts = {True: _("Yes"), False: _("No"), None: _("Light did not say")}
    return [
        details.vendor_fact(vendor, note.vendor_name, note.vendor_id),
        details.fact(_("Company entity"), entity or note.entity_id),
        details.fact(_("Currency"), note.currency),
        details.fact(_("Document date"), note.document_date),
        details.fact(_("Posting date"), note.posting_date),
        details.fact(_("Adjusts payables"), adjusts[note.adjusts_payables]),
        details.fact(_("Description"), note.description),
        details.fact(_("File"), note.document_name),
        details.fact(_("First seen"), note.first_seen_at),
        details.fact(_("Links read"), note.links_read_at),
    ]


def _bar(note: CreditNote, balance: Balance | None, locale: str) -> list[details.Part]:
    """Cleared, planned, held, free; the rest with its reason."""
    if balance is None:
        return []
    parts = [
        (_("cleared"), balance.cleared, "b-good"),
        (_("planned"), balance.planned, "b-planned"),
        (_("held by proposals"), balance.held, "b-warn"),
        (_("free to use"), balance.available or 0, "b-open"),
    ]
    rest = {
        "DRAFT": (_("not posted"), "b-mute"),
        "APPROVAL_PENDING": (_("not posted"), "b-mute"),
        "APPROVED": (_("not posted"), "b-mute"),
        "ARCHIVED": (_("cancelled"), "b-mute"),
        "CLEARED": (_("used in Light, not read where"), "b-mute"),
        "PARTIALLY_CLEARED": (_("not known: its clearings were not read yet"), "b-warn"),
    }.get(note.status, (_("not known"), "b-warn"))
    return details.bar(note.amount, parts, rest, note.currency, locale)
