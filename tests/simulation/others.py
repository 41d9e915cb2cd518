"""Other users of Light: they link, change, post and pay without asking us."""

from typing import TYPE_CHECKING

from clearing.deciding import Content, Invoice, Note
from tests.simulation.books import asked
from tests.simulation.house import Line

if TYPE_CHECKING:
    from tests.simulation.run import Run

AMOUNTS = (100, 200, 300)
WHAT = ("link", "link", "amend", "unlink", "unlink", "post", "pay", "change", "archive", "reverse")
ON_A_LINE = ("link", "link", "amend", "unlink", "unlink", "post", "change")


class Others:
    """They act at times of their own, and sometimes just where we are at work."""

    def __init__(self, run: "Run") -> None:
        self.run, self.rng, self.light = run, run.rng, run.light

    def begin(self) -> None:
        """What stands in Light already, and what they will do during the day."""
        rng, light = self.rng, self.light
        for _ in range(rng.choice((0, 1, 1, 2))):
            state = light.state
            note = rng.choice([one for one in state.notes.values() if one.status == "POSTED"])
            invoice = rng.choice(list(state.invoices.values()))
            if not light.rows(note.id, invoice.id):
                amount = rng.choice(AMOUNTS)
                if amount <= min(light.free(note.id), light.open(invoice.id)):
                    light.do(asked(state, "link", note.id, invoice.id, amount), -1e8)
        if rng.random() < 0.5:
            linked = {row.invoice for row in light.state.links if not row.posted}
            for invoice_id in sorted(linked)[:1]:
                light.post_invoice(light.state.invoices[invoice_id], -1e7, honoured=True)
        for _ in range(rng.choice((0, 0, 1, 2))):
            self.run.at(rng.uniform(0, self.run.weather.calm_at), self._somewhere)

    def stepped(self, line: Line) -> None:
        """Somebody meddles with the documents of a line that was approved, or is being checked."""
        rough = self.run.time < self.run.weather.calm_at
        if line.state not in ("ready", "unknown") or not rough or self.rng.random() > 0.2:
            return
        longest = 20 if line.state == "ready" else 1.5 * self.run.rules.quarantine
        self.run.at(self.run.time + self.rng.uniform(0, longest), lambda: self._meddle(line))

    def _meddle(self, line: Line) -> None:
        state, content = self.light.state, line.content
        note, invoice = content.credit_note_id, content.invoice_payable_id
        amount = self.rng.choice((content.amount or 100, *AMOUNTS))
        what = self.rng.choice(ON_A_LINE)
        if invoice is None or self.rng.random() < 0.3:  # the same note with another invoice
            invoice = self.rng.choice(list(state.invoices))
        if what == "post" and state.invoices[invoice].state == "IN_DRAFT":
            self._post(invoice)
        elif what == "change":
            document = self.rng.choice((state.notes[note], state.invoices[invoice]))
            self._change(document)
        elif what in ("link", "amend", "unlink"):
            self._call(asked(state, what, note, invoice, amount))
        self.run.tell("another user of Light", "%s, where line %s is at work", what, line.pk)

    def _somewhere(self) -> None:
        light, rng = self.light, self.rng
        state = light.state
        what = rng.choice(WHAT)
        rows = [row for row in state.links if not row.posted]
        invoice = rng.choice(list(state.invoices.values()))
        note = rng.choice(list(state.notes.values()))
        if what == "link":
            self._call(asked(state, "link", note.id, invoice.id, rng.choice(AMOUNTS)))
        elif what in ("amend", "unlink") and rows:
            row = rng.choice(rows)
            self._call(asked(state, what, row.note, row.invoice, rng.choice(AMOUNTS)))
        elif what == "archive":
            self._call(asked(state, "archive", note.id, None, note.amount))
        elif what == "reverse" and state.cleared:
            one = rng.choice(state.cleared)
            self._call(asked(state, "reverse", one.note, one.invoice, one.amount))
        elif what == "post" and invoice.state == "IN_DRAFT":
            self._post(invoice.id)
        elif what == "pay" and invoice.state == "UNPAID":
            light.change(invoice, self.run.time, state="PAID", outstanding=0)
        elif what == "change":
            self._change(rng.choice((note, invoice)))
        self.run.tell("another user of Light", "%s", what)

    def _post(self, invoice: object) -> None:
        light, at = self.light, self.run.time
        light.post_invoice(light.state.invoices[invoice], at, self.rng.random() < 0.8)
        if self.rng.random() < 0.2:
            light.allocate(light.state.invoices[invoice], at)

    def _change(self, document: Note | Invoice) -> None:
        amount = self.rng.choice((100, 500))
        self.light.change(document, self.run.time, amount=amount)
        self.run.largest[document.id] = max(amount, self.run.largest[document.id])

    def _call(self, content: Content) -> None:
        self.light.do(content, self.run.time)
