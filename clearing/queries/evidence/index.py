"""The sheets of an evidence's index: the sample, the population, control totals, files, about."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clearing import labels
from clearing.models import Entity, Evidence, EvidenceFile, InvoicePayable, Movement
from clearing.queries.evidence import period, population
from clearing.queries.evidence.population import Control, Scope
from clearing.queries.evidence.sampled import SAMPLE, sampled
from clearing.queries.papers import scope as papers
from clearing.sampling import DoesNotTie
from clearing.sheets import DAY, MOMENT, MONEY, NUMBER, Cells, Column, Sheet

NUMBERED = gettext_lazy("Movement")
POPULATION = (
    Column("movement", NUMBERED, NUMBER),
    Column("note", gettext_lazy("Credit note")),
    Column("note_id", gettext_lazy("Credit note's id")),
    Column("invoice", gettext_lazy("Invoice")),
    Column("invoice_id", gettext_lazy("Invoice's id")),
    Column("vendor", gettext_lazy("Vendor")),
    Column("amount", gettext_lazy("Cleared"), MONEY, currency="currency"),
    Column("currency", gettext_lazy("Currency")),
    Column("day", gettext_lazy("Accounting date"), DAY),
    Column("assumed", gettext_lazy("Date assumed")),
    Column("made", gettext_lazy("Made")),
    Column("clearing", gettext_lazy("Clearing's id")),
    Column("known_at", gettext_lazy("Known since"), MOMENT),
    Column("sampled", gettext_lazy("In the sample")),
)
TOTALS = (
    Column("currency", gettext_lazy("Currency")),
    Column("what", gettext_lazy("What")),
    Column("count", gettext_lazy("Clearings"), NUMBER),
    Column("amount", gettext_lazy("Cleared"), MONEY, currency="currency"),
)
FILES = (
    Column("name", gettext_lazy("File")),
    Column("what", gettext_lazy("What")),
    Column("size", gettext_lazy("Bytes"), NUMBER),
    Column("digest", gettext_lazy("SHA-256")),
    Column("problem", gettext_lazy("Why there is none, or another")),
)
ABOUT = (Column("what", gettext_lazy("What")), Column("value", gettext_lazy("Value")))
CHUNK = 500
WITHOUT_PDF = gettext_lazy(
    "Here the links are web pages: this installation cannot make PDFs. Print them from a browser."
)


def scope_of(evidence: Evidence) -> Scope:
    return Scope(evidence.entity_id, evidence.first, evidence.last, evidence.movements_to)


def sheets(evidence: Evidence, now: datetime) -> list[Sheet]:
    """All sheets of the index. Raises DoesNotTie with a sentence, before anything is written."""
    of = scope_of(evidence)
    if population.digest(of) != evidence.digest:
        raise DoesNotTie(
            _("The books were still being written while the sample was drawn. Ask for it again.")
        )
    controls = population.controls(of)
    if bad := [one.currency for one in controls if one.difference]:
        raise DoesNotTie(
            _("The population in %(currency)s is not what the roll-forward shows as cleared.")
            % {"currency": ", ".join(bad)}
        )
    files = list(evidence.files.exclude(kind=EvidenceFile.Kind.INDEX).defer("content"))
    chosen = {one.movement_id for one in files if one.movement_id}
    return [
        Sheet("sample", _("Sample"), SAMPLE, sampled(evidence, files)),
        Sheet("population", _("Population"), POPULATION, _population(of, chosen)),
        Sheet("control-totals", _("Control totals"), TOTALS, _totals(controls)),
        Sheet("files", _("Files"), FILES, _files(files)),
        Sheet("about", _("About"), ABOUT, _about(evidence, controls, files, now)),
    ]


def _population(of: Scope, chosen: set[int]) -> Iterator[Cells]:
    """Every clearing, in the order of the movements."""
    rows: list[Movement] = []
    for row in population.standing(of).iterator(chunk_size=2_000):
        rows.append(row)
        if len(rows) == CHUNK:
            yield from _named(rows, chosen)
            rows = []
    yield from _named(rows, chosen)


def _named(rows: list[Movement], chosen: set[int]) -> Iterator[Cells]:
    notes = papers.notes(row.credit_note_id for row in rows)
    invoices = papers.invoices(row.invoice_payable_id for row in rows)
    for row in rows:
        note = notes.get(row.credit_note_id)
        yield (
            row.pk, str(note or ""), str(row.credit_note_id), _name(invoices, row),
            papers.text(row.invoice_payable_id), note.vendor_name if note else "", -row.amount,
            row.currency, row.day, _("yes") if row.assumed else "", population.maker(row),
            papers.text(row.clearing_id), row.known_at, _("yes") if row.pk in chosen else "",
        )  # fmt: skip


def _name(invoices: dict[UUID, InvoicePayable], row: Movement) -> str:
    found = invoices.get(row.invoice_payable_id) if row.invoice_payable_id else None
    return str(found or "")


def _totals(controls: list[Control]) -> Iterator[Cells]:
    """Who made them, their sum, and what the roll-forward shows; per currency."""
    for one in controls:
        for made, label in population.MAKERS.items():
            yield one.currency, str(label), *one.made[made]
        yield one.currency, _("Population"), one.count, one.amount
        if one.since:
            yield one.currency, _("Booked since the sample was drawn"), None, one.since
        yield one.currency, _("Roll-forward: cleared"), None, one.rolled
        yield one.currency, _("Difference"), None, one.difference


def _files(files: list[EvidenceFile]) -> Iterator[Cells]:
    for one in files:
        yield (
            one.name, str(one.get_kind_display()), one.size or None, one.digest, one.problem,
        )  # fmt: skip


def _about(
    evidence: Evidence, controls: list[Control], files: list[EvidenceFile], now: datetime
) -> Iterator[Cells]:
    entity = Entity.objects.filter(pk=evidence.entity_id).first()
    missing = sum(1 for one in files if one.problem and not one.name)
    yield _("Evidence"), str(evidence.pk)
    yield _("Company entity"), str(entity) if entity else _("Without company entity")
    yield _("Entity's id"), str(evidence.entity_id)
    yield _("Period, by accounting date"), period.words(evidence.first, evidence.last)
    yield _("Population"), _("%(n)d clearings, by the movements up to %(last)d") % {
        "n": evidence.size, "last": evidence.movements_to,
    }  # fmt: skip
    yield _("SHA-256 of the population"), evidence.digest
    yield "", _("Of the ids in the column Movement, ascending, one on each line.")
    yield from how_sampled(evidence)
    yield (
        _("Population against the roll-forward"),
        _("They agree in every currency: %(codes)s")
        % {"codes": ", ".join(one.currency for one in controls) or "–"},
    )
    yield (
        "",
        _("What took a clearing back, and what it took back, are both left out: they add up to 0."),
    )
    yield _("Asked for by"), evidence.asked_by_name
    yield _("Asked for at"), labels.moment(evidence.asked_at)
    yield _("This index made at"), labels.moment(now)
    copy = labels.moment(evidence.copy_at) if evidence.copy_at else _("Nothing read yet")
    yield _("Copy of Light as of"), copy
    yield _("Head of the audit trail"), evidence.head or _("The trail is not sealed yet.")
    yield _("Files that there are not"), _("%(n)d; the sheet Files says why") % {"n": missing}
    pages = [one for one in files if one.name.endswith(".html")]
    if any(not one.problem for one in pages):
        yield _("Links"), str(WITHOUT_PDF)
    for one in pages:
        if one.problem:
            yield _("Link that is no PDF"), f"{one.name}: {one.problem}"


def how_sampled(evidence: Evidence) -> Iterator[Cells]:
    """How the sample came about, so that it can be drawn again."""
    if not evidence.seed:
        numbers: list[Any] = evidence.numbers
        yield _("Sample"), _("By %(n)d numbers, %(links)d links") % {
            "n": len(numbers), "links": evidence.links_total,
        }  # fmt: skip
        yield _("Numbers"), ", ".join(map(str, numbers))
        return
    yield _("Sample"), _("%(n)d of %(all)d by chance") % {
        "n": evidence.links_total, "all": evidence.size,
    }  # fmt: skip
    yield _("Seed"), evidence.seed
    yield (
        _("To draw it again"),
        _("In Python: sorted(random.Random(%(seed)d).sample(ids, %(n)d)), ids ascending")
        % {"seed": int(evidence.seed), "n": evidence.links_total},
    )
