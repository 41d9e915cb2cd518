"""People in our house: those who propose, approve, change their mind and decide."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from clearing.deciding import Content, Invoice, Note
from clearing.questions import ON_POSTED, PARTLY
from tests.simulation.books import DIGEST, TAKES_LINKS, asked
from tests.simulation.house import Conflict, Line
from tests.simulation.judge import Approved

if TYPE_CHECKING:
    from tests.simulation.run import Run

PREPARER, APPROVERS = 1, (2, 3)
AMOUNTS = (100, 200, 300)
KINDS = ("link",) * 6 + ("amend", "unlink", "reverse") * 2 + ("archive", "post", "move")
RULES = {"unlink": "one_person_removes", "post": "one_person_posts", "link": "under_limit"}
AGAIN = ("not_applied", "refused", "fallen")


class People:
    """What each of them does, at a time of their own."""

    def __init__(self, run: "Run") -> None:
        self.run, self.rng, self.house, self.light = run, run.rng, run.house, run.light
        self.judge, self.proposals = run.judge, 0

    def begin(self) -> None:
        """Put everybody's day into the calendar."""
        last = self.run.weather.calm_at
        for _ in range(self.rng.randint(1, 4)):
            self.run.at(self.rng.uniform(0, last / 3), self._propose)

    # --- asking -------------------------------------------------------------------------------
    def _propose(self) -> None:
        kind = self.rng.choice(KINDS)
        if kind == "move":
            return self._propose_move()
        content = self.content(kind)
        if content is not None:
            self._ask(content)
        return None

    def _propose_move(self) -> None:
        """Undo a clearing, then link what becomes free to another invoice."""
        first = self.content("reverse")
        if first is None or first.archives:
            return
        others = [
            one
            for one in self.light.state.invoices.values()
            if one.state == "IN_DRAFT"
            and (first.amount or 0) <= self.light.open(one.id) - self.house.held(invoice=one.id)
        ]
        if not others:
            return
        then = asked(
            self.light.state, "link", first.credit_note_id, self.rng.choice(others).id, first.amount
        )
        line = self._ask(first, approve=False)
        if line is not None:
            follower = self._ask(then, after=line, approve=False)
            steps = [line, follower] if follower else [line]
            self._soon(1, 60, lambda: [self._approve(one, 2) for one in steps])

    def content(self, kind: str) -> Content | None:
        """Something of this kind that the page would let a preparer ask for now."""
        state = self.light.state
        if kind == "link":
            return self.link()
        if kind in ("amend", "unlink"):
            return self._of_link(kind)
        if kind == "reverse":
            return self._undoing()
        wanted = ("DRAFT",) if kind == "post" else ("DRAFT", "POSTED")
        notes = [note for note in state.notes.values() if note.status in wanted]
        if not notes:
            return None
        note = self.rng.choice(notes)
        parts: dict[str, object] = {"lines": DIGEST, "day": note.day}
        if kind == "archive":
            parts = {"of_draft": note.status == "DRAFT", "status_seen": note.status}
        return asked(state, kind, note.id, None, note.amount, **parts)

    def _of_link(self, kind: str) -> Content | None:
        """Remove a planned link, or change its amount."""
        state = self.light.state
        rows = [row for row in state.links if not row.posted]
        if not rows:
            return None
        row = self.rng.choice(rows)
        if kind == "unlink":
            return asked(state, kind, row.note, row.invoice, row.amount)
        amount = self.rng.choice(AMOUNTS)
        more = amount - row.amount
        if not more or more > self._left(row.note, row.invoice):
            return None
        was = row.amount
        return asked(state, kind, row.note, row.invoice, amount, previous_amount=was)

    def _undoing(self) -> Content | None:
        state = self.light.state
        if not state.cleared:
            return None
        one = self.rng.choice(state.cleared)
        return asked(
            state, "reverse", one.note, one.invoice, self.light.clearing(one.note, one.invoice),
            clearing_id=self.light.id_of(one.note), archives=self.rng.random() < 0.5,
        )  # fmt: skip

    def link(self) -> Content | None:
        state, rng = self.light.state, self.rng
        notes = [n for n in state.notes.values() if n.status in ("POSTED", "PARTIALLY_CLEARED")]
        invoices = [i for i in state.invoices.values() if i.state in TAKES_LINKS]
        if not notes or not invoices:
            return None
        note, invoice = rng.choice(notes), rng.choice(invoices)
        amount = rng.choice(AMOUNTS)
        if self.light.rows(note.id, invoice.id) or amount > self._left(note.id, invoice.id):
            return None
        return asked(state, "link", note.id, invoice.id, amount, trial=self._trial(note, invoice))

    def _trial(self, note: Note, invoice: Invoice) -> str:
        """The open question that a link of these two would answer."""
        rules = self.run.rules
        if invoice.posted and not rules.posted_linkable:
            return ON_POSTED
        if note.status == "PARTIALLY_CLEARED" and not rules.partially_cleared_linkable:
            return PARTLY
        return ""

    def _left(self, note: UUID, invoice: UUID) -> int:
        """What neither Light nor an open line has taken."""
        return min(
            self.light.free(note) - self.house.held(note=note),
            self.light.open(invoice) - self.house.held(invoice=invoice),
        )

    def _ask(
        self, content: Content, *, after: Line | None = None, approve: bool = True
    ) -> Line | None:
        """Propose a line; None where its pair has an open one already."""
        line = Line(len(self.house.lines) + 1, content, content, PREPARER, after=after)
        rule = self._rule(content) if approve else ""
        slips = approve and self.rng.random() < self.run.weather.tampering
        if rule:
            line.state, line.exempt_rule, line.order = "ready", rule, self.run.time
        elif slips:
            self._slip(line)
        try:
            self.house.propose(line)
        except Conflict:
            return None
        self.proposals += 1
        self.run.tell("preparer", "proposes line %s: %s", line.pk, words(content))
        if rule:
            self.judge.approved[line.pk] = Approved(content, PREPARER, None, rule)
        elif approve and not slips:
            self._review(line)
        return line

    def _rule(self, content: Content) -> str:
        """The rule that lets one person do this, if any and if they use it."""
        rule = RULES.get(content.kind, "")
        if content.kind == "amend" and (content.amount or 0) < (content.previous_amount or 0):
            rule = "one_person_lowers"
        if content.kind == "archive" and content.of_draft:
            rule = "one_person_discards"
        if content.kind == "link" and (content.amount or 0) >= 150:
            rule = ""
        if content.trial:
            rule = ""
        allowed = not self.run.rules.second_person_always and self.rng.random() < 0.5
        return rule if allowed else ""

    def _slip(self, line: Line) -> None:
        """A faulty page lets it through, without a second person or by a rule that is none."""
        line.state, line.order = "ready", self.run.time
        line.approved_by = self.rng.choice((None, PREPARER))
        rules = (
            "",
            "under_limit",
            "one_person_lowers",
            "one_person_discards",
            "one_person_removes",
        )
        line.exempt_rule = "" if line.approved_by else self.rng.choice(rules)
        asked = Approved(line.content, PREPARER, line.approved_by, line.exempt_rule)
        self.judge.approved[line.pk] = asked

    # --- reviewing ----------------------------------------------------------------------------
    def _review(self, line: Line) -> None:
        """One or two people decide, perhaps at once; the preparer may change their mind."""
        self._soon(1, 60, lambda: self._approve(line, 2))
        what = self.rng.random()
        if what < 0.1:
            self._soon(1, 60, lambda: self._approve(line, 3))
        elif what < 0.2:
            self._soon(1, 60, lambda: self._step(line, "reject"))
        elif what < 0.3:
            self._soon(1, 120, lambda: self._step(line, "take_back"))

    def _approve(self, line: Line, by: int) -> None:
        try:
            self.house.advance(line, "approve", approved_by=by, order=self.run.time)
        except Conflict:
            return
        self.run.tell("approver", "approves line %s", line.pk)
        self.judge.approved[line.pk] = Approved(line.content, PREPARER, by, "")
        if self.rng.random() < self.run.weather.tampering:
            self._soon(0, 2, lambda: self._tamper(line))

    def _tamper(self, line: Line) -> None:
        """Somebody changes the row of an approved line in the database."""
        if line.state == "ready":
            other = self.rng.choice([amount for amount in AMOUNTS if amount != line.content.amount])
            line.content = replace(line.content, amount=other)
            self.run.tell("somebody", "changes the row of line %s: %s", line.pk, other)

    def _step(self, line: Line, step: str) -> None:
        try:
            self.house.advance(line, step)
        except Conflict:
            return
        self.run.tell("people", "line %s: %s", line.pk, step)

    # --- deciding, and asking again -----------------------------------------------------------
    def stepped(self, line: Line) -> None:
        """A line has changed its state: who has to act now?"""
        if line.state == "needs_person":
            self._soon(5, 400, lambda: self._decide(line, 3))
        elif line.state == "done":
            self._soon(1, 30, lambda: setattr(line, "shown", True))
        elif line.state in AGAIN and self.proposals < 8 and self.rng.random() < 0.5:
            self._soon(5, 100, lambda: self._again(line))

    def _decide(self, line: Line, visits: int) -> None:
        """Say what became of it; mostly the truth, and the others come back to it."""
        truth = any(e.by == line.pk and e.stands(self.run.time) for e in self.light.effects)
        says = truth if self.rng.random() < 0.6 else not truth
        if line.state == "needs_person" and not line.decision:
            decision = "says_done" if says else "says_absent"
            self.house.decide(line, decision, self.run.now())
            self.run.tell("approver", "says of line %s: %s", line.pk, decision)
        if line.state == "needs_person" and visits:
            self._soon(60, 400, lambda: self._decide(line, visits - 1))

    def _again(self, line: Line) -> None:
        """The same once more, as a new line with a new approval, if the page still allows it."""
        content = line.seal
        if content.kind == "link":
            pair = (content.credit_note_id, content.invoice_payable_id)
            if self.light.rows(*pair) or (content.amount or 0) > self._left(*pair):
                return
        if content.kind != "reverse" and line.after is None:
            self._ask(self._refreshed(content))

    def _refreshed(self, content: Content) -> Content:
        state, invoice = self.light.state, content.invoice_payable_id
        return replace(
            content,
            credit_note_amount=state.notes[content.credit_note_id].amount,
            invoice_amount=state.invoices[invoice].amount if invoice else None,
        )

    def _soon(self, least: float, most: float, do: Callable[[], object]) -> None:
        self.run.at(self.run.time + self.rng.uniform(least, most), do)


def words(content: Content) -> str:
    """A line of the story."""
    pair = f"note {content.credit_note_id.int}"
    if content.invoice_payable_id:
        pair += f" and invoice {content.invoice_payable_id.int}"
    return f"{content.kind} {content.amount} of {pair}"
