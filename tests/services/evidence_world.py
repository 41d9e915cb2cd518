"""An October with clearings of every kind, in a sandbox that holds their documents."""

import base64
import io
import zipfile
from datetime import UTC, date, datetime, timedelta
from typing import Any

from clearing import sampling, workflow
from clearing.models import Clearing, CreditNote, Evidence, Movement, Seen
from clearing.queries import evidence as content
from clearing.queries.evidence import population
from clearing.sandbox import pdf
from clearing.services import booking, evidencing, reviewing
from tests import factories
from tests.factories import NOW
from tests.services.sending_world import World

OCT, DAY = date(2026, 10, 1), date(2026, 10, 20)
LATER = datetime(2026, 11, 9, 10, 0, tzinfo=UTC)


class October(World):
    """One vendor's clearings in October 2026; each kind by a method."""

    def documents(self, *records: Any) -> None:
        """A paper for each of these, naming it."""
        for one in records:
            paper = base64.b64encode(pdf.build([f"Paper of {one}"])).decode()
            self.sandbox.act(
                "set_document", id=str(one.id), content_base64=paper,
                content_type="application/pdf",
            )  # fmt: skip

    def pair(self, **over: Any) -> tuple[Any, Any]:
        """A posted credit note of EUR 100.00 and an invoice, both with a paper."""
        note = self.note(**{"posting_date": OCT} | over)
        invoice = self.invoice()
        self.documents(note, invoice)
        return note, invoice

    def cleared(
        self, note: Any, invoice: Any, amount: int = 4000, *, now: datetime = NOW, **over: Any
    ) -> Clearing:
        """What Light shows once the invoice is posted, booked."""
        one = factories.clearing(invoice, note, amount, **{"payment_date": DAY} | over)
        booking.book([note.id], now=now)
        return one

    def made_here(self, **over: Any) -> tuple[Any, Any, Clearing]:
        """Proposed, approved by a second person, sent, cleared."""
        note, invoice = self.pair(**over)
        line = factories.line(
            self.preparer, note, invoice, reason="agreed on the phone",
            suggestion=factories.suggested(4000),
        )  # fmt: skip
        reviewing.approve(line, seen_hash=line.content_hash, by=self.approver)
        assert self.send()
        return note, invoice, self.cleared(note, invoice, now=workflow.now())

    def made_in_light(self, **over: Any) -> tuple[Any, Any, Clearing]:
        note, invoice = self.pair(**over)
        factories.link(note, invoice, 4000, made_here=False, fate="cleared")
        return note, invoice, self.cleared(note, invoice)

    def by_itself(self, **over: Any) -> tuple[Any, Any, Clearing]:
        note, invoice = self.pair(**over)
        return note, invoice, self.cleared(note, invoice)

    def undone(self, clearing: Clearing) -> None:
        """Somebody reverses it in Light, in November."""
        Clearing.objects.filter(pk=clearing.pk).update(gone_at=LATER)
        Seen.objects.create(
            what="clearing", document_id=clearing.credit_note_id,
            other_id=clearing.invoice_payable_id, field="clearing", before="4000", at=LATER,
        )  # fmt: skip
        booking.book([clearing.credit_note_id], now=LATER)

    def archived(self, note: Any) -> None:
        """Its clearing is undone, and the credit note is cancelled in Light."""
        CreditNote.objects.filter(pk=note.pk).update(status="ARCHIVED", changed_at=LATER)
        Seen.objects.create(
            what="credit_note", document_id=note.pk, field="status", before="POSTED",
            after="ARCHIVED", at=LATER,
        )  # fmt: skip
        booking.book([note.pk], now=LATER)

    # --- evidence ------------------------------------------------------------------------------
    def scope(self) -> population.Scope:
        return population.scope(self.books.entity.id, OCT, OCT)

    def ask(self, by: Any, n: int | None = None, seed: str = "482913") -> Evidence:
        """Evidence of n of October's clearings, or of all."""
        of = self.scope()
        ids = population.ids(of)
        return evidencing.start(
            evidencing.Drawn(
                entity_id=of.entity_id, first=OCT, last=OCT, movements_to=of.upto, size=len(ids),
                digest=sampling.digest(ids), seed=seed,
                movements=sampling.sample(ids, len(ids) if n is None else n, seed),
            ),
            by=by,
        )  # fmt: skip

    def slice(self, *, worker: str = "w1", later: float = 0, client: Any = None) -> bool:
        now = workflow.now() + timedelta(seconds=later)
        return evidencing.make(now, worker=worker, client=client or self.client, content=content)

    def make(self, evidence: Evidence, *, worker: str = "w1", most: int = 200) -> Evidence:
        """Slice by slice to the end; the time passes that a second try waits for."""
        for number in range(most):
            evidence.refresh_from_db()
            if evidence.state != "running":
                return evidence
            self.slice(worker=worker, later=100 * number)
        raise AssertionError("it does not end")


def unpacked(evidence: Evidence) -> dict[str, bytes]:
    """The files of its ZIP by their names, without the folder."""
    with zipfile.ZipFile(io.BytesIO(b"".join(evidencing.pieces(evidence)))) as packed:
        assert packed.testzip() is None
        folder = f"evidence-{evidence.pk}/"
        return {name.removeprefix(folder): packed.read(name) for name in packed.namelist()}


def cleared() -> list[Movement]:
    return list(Movement.objects.filter(kind="cleared", takes_back=None).order_by("pk"))
