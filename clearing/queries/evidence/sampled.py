"""The sampled links, one row each, with everything that leads to them."""

from collections import defaultdict
from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clearing import labels
from clearing.models import Clearing, Entity, Evidence, EvidenceFile, Instruction, Movement
from clearing.models.movement import NO_ENTITY
from clearing.queries import made_by, story
from clearing.queries.evidence.population import K, maker
from clearing.queries.papers import scope as papers
from clearing.sheets import DAY, MOMENT, MONEY, NUMBER, Cells, Column
from clearing.workflow import name_of

Kind = EvidenceFile.Kind
SAMPLE = (
    Column("n", gettext_lazy("Link"), NUMBER),
    Column("note", gettext_lazy("Credit note")),
    Column("invoice", gettext_lazy("Invoice")),
    Column("vendor", gettext_lazy("Vendor")),
    Column("amount", gettext_lazy("Cleared"), MONEY, currency="currency"),
    Column("currency", gettext_lazy("Currency")),
    Column("local", gettext_lazy("Cleared, entity's currency"), MONEY, currency="local_currency"),
    Column("local_currency", gettext_lazy("Entity's currency")),
    Column("day", gettext_lazy("Accounting date"), DAY),
    Column("assumed", gettext_lazy("Date assumed")),
    Column("made", gettext_lazy("Made")),
    Column("later", gettext_lazy("What came later")),
    Column("proposal", gettext_lazy("Proposal"), NUMBER),
    Column("line", gettext_lazy("Line"), NUMBER),
    Column("asked_by", gettext_lazy("Proposed by")),
    Column("asked_at", gettext_lazy("Proposed at"), MOMENT),
    Column("approved_by", gettext_lazy("Approved by")),
    Column("approved_at", gettext_lazy("Approved at"), MOMENT),
    Column("rule", gettext_lazy("Rule, where one person was enough")),
    Column("sent_at", gettext_lazy("Sent at"), MOMENT),
    Column("answer", gettext_lazy("Light's answer")),
    Column("request", gettext_lazy("Light's request")),
    Column("done_at", gettext_lazy("In Light since"), MOMENT),
    Column("payment_date", gettext_lazy("Payment date"), DAY),
    Column("seen_at", gettext_lazy("Clearing first seen at"), MOMENT),
    Column("movement", gettext_lazy("Movement"), NUMBER),
    Column("clearing", gettext_lazy("Clearing's id")),
    Column("document", gettext_lazy("Clearing's accounting document")),
    Column("note_id", gettext_lazy("Credit note's id")),
    Column("invoice_id", gettext_lazy("Invoice's id")),
    Column("file", gettext_lazy("File of the link")),
    Column("file_digest", gettext_lazy("SHA-256")),
    Column("note_file", gettext_lazy("File of the credit note")),
    Column("note_digest", gettext_lazy("SHA-256, credit note")),
    Column("invoice_file", gettext_lazy("File of the invoice")),
    Column("invoice_digest", gettext_lazy("SHA-256, invoice")),
)


def sampled(evidence: Evidence, files: list[EvidenceFile]) -> Iterator[Cells]:
    """One row for each link; a dozen queries, whatever their number."""
    links = [one for one in files if one.kind == Kind.LINK]
    movements = Movement.objects.in_bulk([one.movement_id for one in links])
    rows = [movements[one.movement_id] for one in links if one.movement_id]
    notes = papers.notes(row.credit_note_id for row in rows)
    invoices = papers.invoices(row.invoice_payable_id for row in rows)
    clearings = Clearing.objects.in_bulk([row.clearing_id for row in rows if row.clearing_id])
    lines, later = made_by.lines(rows), _later(rows)
    by_document = {one.document_id: one for one in files if one.document_id}
    entity = Entity.objects.filter(pk=evidence.entity_id).first()
    local = entity.local_currency if entity else ""
    for n, (file, row) in enumerate(zip(links, rows, strict=True), start=1):
        note = notes.get(row.credit_note_id)
        invoice = invoices.get(row.invoice_payable_id) if row.invoice_payable_id else None
        clearing = clearings.get(row.clearing_id) if row.clearing_id else None
        yield (
            n, str(note or ""), str(invoice or ""), note.vendor_name if note else "",
            -row.amount, row.currency, None if row.local is None or not local else -row.local,
            local, row.day, _("yes") if row.assumed else "", maker(row),
            "; ".join(later[row.pk]), *_of_line(lines.get(row.pk)),
            clearing.payment_date if clearing else None,
            clearing.first_seen_at if clearing else None,
            row.pk, papers.text(row.clearing_id),
            papers.text(clearing.accounting_document_id if clearing else None),
            str(row.credit_note_id), papers.text(row.invoice_payable_id),
            file.name, file.digest,
            *_file(by_document.get(row.credit_note_id)),
            *_file(by_document.get(row.invoice_payable_id or NO_ENTITY)),
        )  # fmt: skip


def _file(one: EvidenceFile | None) -> tuple[str, str]:
    """Its name and digest, or why there is none."""
    return (one.name or one.problem, one.digest) if one else ("", "")


def _of_line(line: Instruction | None) -> Cells:
    """Who asked, who approved, what Light answered; empty where it was not made here."""
    if line is None:
        return (None, None, "", None, "", None, "", None, "", "", None)
    sent = [one for one in line.attempts.all() if one.sent_at]
    last = sent[-1] if sent else None
    rule = str(Instruction.Exempt(line.exempt_rule).label) if line.exempt_rule else ""
    return (
        line.proposal_id, line.pk, name_of(line.asked_by), line.asked_at,
        name_of(line.approved_by) if line.approved_by else "", line.approved_at, rule,
        last.sent_at if last else None, story.answer(last) if last else "",
        last.request_id if last else "", line.done_at,
    )  # fmt: skip


def _later(rows: list[Movement]) -> dict[int, list[str]]:
    """By movement, what took it back, undid it or cancelled its credit note."""
    found: dict[int, list[str]] = defaultdict(list)
    notes = {row.credit_note_id for row in rows}
    after = Movement.objects.filter(credit_note_id__in=notes).order_by("pk")
    others = [one for one in after if one.kind in (K.UNDONE, K.CANCELLED) or one.takes_back]
    back = {one.takes_back for one in others}
    for row in rows:
        for one in others:
            if one.takes_back == row.pk:
                found[row.pk].append(_("Taken back: Light shows it otherwise now"))
            elif one.takes_back or one.pk in back or one.credit_note_id != row.credit_note_id:
                continue
            elif one.kind == K.CANCELLED:
                found[row.pk].append(_("Cancelled %(day)s") % {"day": labels.day(one.day)})
            elif one.clearing_id and one.clearing_id == row.clearing_id:
                found[row.pk].append(_("Undone %(day)s") % {"day": labels.day(one.day)})
    return found
