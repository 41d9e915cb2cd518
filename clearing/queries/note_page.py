"""The page of one credit note: where every cent went, its lines, and what can be done with it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from clearing import money, roles, usable
from clearing.models import Balance, CreditNote, Entity, Vendor
from clearing.queries import details, documents, duplicates, history, light_dates, note_lines, pairs
from clearing.queries.editing import held_words

NOT_POSTED = ("DRAFT", "APPROVAL_PENDING", "APPROVED")


@dataclass(frozen=True)
class Shown:
    """A credit note with everything around it. `problem` says why it cannot be used."""

    entity: Entity | None
    vendor: Vendor | None
    figures: list[details.Fact]
    facts: list[details.Fact]
    problem: usable.No | None
    next_step: str
    being_edited: str
    twins: list[duplicates.Twin]
    vendor_warning: str
    summary: str
    clear_url: str
    light_url: str
    bar: list[details.Part]
    note_lines: note_lines.Lines
    bound: pairs.Bound
    lines: list[details.LineRow]
    history: list[history.Event]


def read(note: CreditNote, *, user: roles.User, locale: str) -> Shown:
    """Everything the page shows; a fixed number of queries."""
    entity = Entity.objects.filter(pk=note.entity_id).first() if note.entity_id else None
    vendor = Vendor.objects.filter(pk=note.vendor_id).first() if note.vendor_id else None
    balance = Balance.objects.filter(pk=note.pk).first()
    links = pairs.links_of(credit_note_id=note.pk)
    entries = pairs.clearings_of(credit_note_id=note.pk)
    lines = history.lines_of(note.pk, of_note=True)
    seen, done = history.of(note.pk, of_note=True)
    names = history.documents_named(
        {one.invoice_payable_id for rows in (links, entries, lines) for one in rows}
        | history.others(seen, done, note.pk)
    )
    problem = documents.note_problem(note, balance)
    parts = _bar(note, balance, locale)
    never = pairs.Never.of(user)
    return Shown(
        entity=entity,
        vendor=vendor,
        figures=_figures(note, balance, locale),
        facts=_facts(note, entity, vendor),
        problem=problem,
        next_step=str(documents.NEXT_STEP.get(problem.code, "")) if problem else "",
        being_edited=held_words(credit_note_id=note.pk),
        twins=duplicates.twins_of(note),
        vendor_warning=usable.vendor_warning(vendor) if note.vendor_id else "",
        summary=", ".join(f"{part.amount} {part.words}" for part in parts),
        clear_url=documents.clear_url(note),
        light_url=documents.light_url(note),
        bar=parts,
        note_lines=note_lines.read(note, locale),
        bound=pairs.bound(
            links, entries, lines, names, of_note=True, never=never, locale=locale
        ),
        lines=details.line_rows(lines, names, of_note=True, locale=locale),
        history=history.merged(
            seen, done, document_id=note.pk, names=names, currency=note.currency, locale=locale,
            dates=light_dates.of_note(note, entries, seen, names, locale),
        ),
    )  # fmt: skip


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
        details.fact(_("Posting date"), note.posting_date or _not_posted(note)),
        details.fact(_("Adjusts payables"), adjusts[note.adjusts_payables]),
        details.fact(_("Description"), note.description),
        details.fact(_("File"), note.document_name),
        *_rates(note),
        details.fact(_("First seen"), note.first_seen_at),
        details.fact(_("Links read"), note.links_read_at or _("not yet")),
    ]


def _not_posted(note: CreditNote) -> str | None:
    return _("not posted yet") if note.status in NOT_POSTED else None


def _rates(note: CreditNote) -> list[details.Fact]:
    """Rates of exchange as Light booked them, where it names any."""
    rates = (
        (_("Rate to the entity's currency"), note.local_fx_rate),
        (_("Rate to the group's currency"), note.group_fx_rate),
    )
    return [
        details.fact(words, rate)
        for words, rate in rates
        if rate and rate.rstrip("0") not in ("1", "1.")
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
