"""Documents and lines of one schedule, in Light and in the copy, and what people do with them."""

import random
from collections.abc import Callable
from typing import Any
from uuid import UUID

from clearing import workflow
from clearing.light.client import LightClient
from clearing.models import CreditNote, Instruction, InvoicePayable
from clearing.roles import NotAllowed
from clearing.sandbox import records
from clearing.services import correcting, editing, mirroring, reviewing
from tests import factories
from tests.interleaving.light import KEY, URL, Light
from tests.interleaving.witness import Key, key_of_line
from tests.light.no_pace import NoPace
from tests.services.sending_world import World

SAYS = ("says_done", "says_absent")


class People:
    """Who asks and who approves; made once, like the vendor."""

    def __init__(self) -> None:
        self.preparer = factories.person("preparer", first_name="Paula")
        self.approver = factories.person("approver", first_name="Anton")
        self.controller = factories.person("controller", first_name="Carla")
        self.books = factories.Books()


class House(World):
    """One vendor's documents; every line's content is remembered as it was asked for."""

    def __init__(self, light: Light, people: People, dice: random.Random) -> None:
        self.light, self.dice, self.books = light, dice, people.books
        self.sandbox: Any = light
        self.preparer, self.approver = people.preparer, people.approver
        self.controller = people.controller
        self.asked: dict[int, Key] = {}
        self.notes: list[Any] = []
        self.invoices: list[Any] = []
        self.draft: UUID | None = None

    def new_client(self, **over: Any) -> LightClient:
        clock = self.light.clock
        return LightClient(
            URL, key=KEY, pace=NoPace(), guard=self.light.guard, max_retries=1,
            sleep=clock.forward, clock=clock.monotonic,
        )  # fmt: skip

    def note(self, **over: Any) -> Any:
        amount = 10000 + 100 * len(self.notes)  # no two of them look alike
        self.notes.append(super().note(**{"amount": amount} | over))
        return self.notes[-1]

    def invoice(self, **over: Any) -> Any:
        self.invoices.append(super().invoice(**over))
        return self.invoices[-1]

    # --- what there is at first -------------------------------------------------------------

    def furnish(self, stories: "Stories | None" = None) -> None:
        """These stories, or one to three of those below."""
        self.client = self.new_client()
        self.note()
        self.invoice(amount=self.dice.choice([8000, 12000]))
        for story in stories or self.dice.sample(STORIES, self.dice.choice([1, 1, 2, 3])):
            story(self)
        for line in Instruction.objects.filter(state="proposed"):
            if self.dice.random() < 0.85:
                self.approve(line.pk)

    def ask(self, note: Any, invoice: Any, amount: int | None, **over: Any) -> Instruction | None:
        """A line that waits for its approver; None where another one is in the way."""
        try:
            line = factories.line(self.preparer, note, invoice, amount, **over)
        except workflow.Conflict:
            return None
        return self._remember(line)

    def _remember(self, line: Instruction) -> Instruction:
        self.asked[line.pk] = key_of_line(line)
        self.light.tell(f"Paula asks for line {line.pk}: {line.kind} {line.amount}")
        return line

    def links(self) -> None:
        notes, invoices = [self.notes[0], self.note()], [self.invoices[0], self.invoice()]
        pairs = [(note, invoice) for note in notes for invoice in invoices]
        for note, invoice in self.dice.sample(pairs, self.dice.choice([2, 3, 4])):
            self.ask(note, invoice, self.dice.choice([1500, 2500, 4000]))
        if self.dice.random() < 0.4:  # somebody was faster in Light, and the copy does not know
            pair = {"creditNote": str(note.id), "invoicePayable": str(invoice.id)}
            self.light.act("link", amount=self.dice.choice([1500, 4000]), **pair)
            self.light.tell("Another user of Light has linked the last pair")

    def link_to_posted(self) -> None:
        self.ask(self.notes[0], self.invoice(state="UNPAID"), 4000)

    def change(self) -> None:
        note, invoice = self.note(), self.invoice()
        self.link(note, invoice, 4000)
        amount = self.dice.choice([1000, 6000])
        self.ask(note, invoice, amount, kind="amend", previous_amount=4000)

    def remove(self) -> None:
        note, invoice = self.note(), self.invoice()
        self.link(note, invoice, 4000)
        exempt = self.dice.choice(["", "one_person_removes"])
        self.ask(note, invoice, 4000, kind="unlink", exempt=exempt)

    def cancel(self) -> None:
        note = self.note(**self.dice.choice([{}, {"status": "DRAFT"}]))
        self.ask(note, None, note.amount, kind="archive", of_draft=note.status == "DRAFT")

    def post(self) -> None:
        note = self._complete_draft()
        self._remember(
            correcting.post(
                credit_note_id=note.id, seen=correcting.fingerprint(note), by=self.preparer
            )
        )

    def edit_draft(self) -> None:
        self.draft = self._complete_draft().id

    def undo(self) -> None:
        note, invoice = self._cleared()
        self._remember(
            correcting.undo(
                credit_note_id=note.id, invoice_payable_id=invoice.id,
                archive=self.dice.choice([False, True]), reason_code="refund", reason="",
                by=self.preparer,
            )
        )  # fmt: skip

    def move(self) -> None:
        note, invoice = self._cleared()
        proposal = correcting.move(
            credit_note_id=note.id, from_invoice_id=invoice.id, to_invoice_id=self.invoice().id,
            amount=5000, reason_code="wrong_invoice", reason="", by=self.preparer,
        )  # fmt: skip
        for line in proposal.lines.all():
            self._remember(line)

    def _cleared(self) -> tuple[Any, Any]:
        """A note that Light has used up on a posted invoice, as a read of Light shows them."""
        note, invoice = self.note(), self.invoice(amount=30000)
        pair = {"creditNote": str(note.id), "invoicePayable": str(invoice.id)}
        self.light.act("link", amount=note.amount, **pair)
        self.light.act("post_invoice", invoicePayable=pair["invoicePayable"])
        entry = self.light.store.clearing_rows()[-1]
        CreditNote.objects.filter(pk=note.id).update(status="CLEARED")
        InvoicePayable.objects.filter(pk=invoice.id).update(
            state="UNPAID", outstanding_balance=30000 - note.amount
        )
        factories.clearing(invoice, note, note.amount, id=UUID(entry["id"]))
        return note, invoice

    def _complete_draft(self) -> CreditNote:
        note = self.note(status="DRAFT", amount=11900)
        sides = {"net": 10000, "tax": 1900, "gross": 11900}
        line = records.credit_note_line(
            description="Returned goods",
            **{f"{k}TransactionAmount": {"amount": v, "dcSign": "C"} for k, v in sides.items()},
        )
        self.light.act(
            "edit_credit_note", creditNote=str(note.id), documentDate="2026-10-05",
            postingDate="2026-10-05", lines=[line],
        )  # fmt: skip
        mirroring.take_credit_note(self.client.credit_note(note.id), workflow.now())
        return CreditNote.objects.get(pk=note.id)

    # --- what people do meanwhile -------------------------------------------------------------

    def somebody(self) -> None:
        """One thing that a person may do now; told no is fine."""
        self.dice.choice(DEEDS)(self)

    def approve(self, pk: int) -> None:
        line = Instruction.objects.select_related("proposal", "after").get(pk=pk)
        self._try(
            f"Anton approves {pk}",
            lambda: reviewing.approve(line, seen_hash=line.content_hash, by=self.approver),
        )

    def approve_one(self) -> None:
        if line := self._any("proposed"):
            self.approve(line.pk)

    def reject_one(self) -> None:
        if line := self._any("proposed"):
            self._try(
                f"Anton rejects {line.pk}",
                lambda: reviewing.reject(
                    line, reason_code="wrong_amount", reason="", by=self.approver
                ),
            )

    def take_back_one(self) -> None:
        if line := self._any("proposed", "ready"):
            self._try(
                f"Paula takes {line.pk} back", lambda: reviewing.take_back(line, by=self.preparer)
            )

    def decide_one(self) -> None:
        """Says something of a line that reading cannot tell, rightly or wrongly."""
        if line := self._any("needs_person"):
            said = self.dice.choice(SAYS)
            self._try(
                f"Anton says of {line.pk}: {said}",
                lambda: reviewing.settle(line, decision=said, by=self.approver),
            )

    def ask_again(self) -> None:
        line = self._any("not_applied", "refused", "fallen")
        if line and line.kind == "link" and not line.after_id:
            note = next(one for one in self.notes if one.id == line.credit_note_id)
            invoice = next(one for one in self.invoices if one.id == line.invoice_payable_id)
            self.ask(note, invoice, line.amount)

    def tamper(self) -> None:
        """Somebody changes an approved row behind everybody's back."""
        line = self._any("ready")
        if line and line.amount and line.kind in ("link", "amend") and self.dice.random() < 0.3:
            content = line.content | {"amount": line.amount + 1}
            Instruction.objects.filter(pk=line.pk).update(amount=line.amount + 1, content=content)
            self.light.tell(f"Somebody changes the row of line {line.pk}")

    def edits(self) -> Callable[[], None] | None:
        """A person's edit of the draft, as a request of its own."""
        if self.draft is None:
            return None
        return self.dice.choice([self._changes_it, self._adds_a_line])

    def _changes_it(self) -> None:
        note = CreditNote.objects.get(pk=self.draft)
        shown = editing.note_values(note)
        wanted = shown | {"description": f"Wish {self.dice.randrange(1000)}"}
        editing.change_note(
            self.new_client(), note_id=note.id, shown=shown, wanted=wanted, by=self.preparer
        )

    def _adds_a_line(self) -> None:
        amount = [self.dice.randrange(1, 9) * 100, "C"]
        given = {"gross": amount, "net": amount, "description": "More"}
        assert self.draft
        editing.add_line(self.new_client(), note_id=self.draft, values=given, by=self.preparer)

    def _any(self, *states: str) -> Instruction | None:
        found = list(Instruction.objects.filter(state__in=states).select_related("proposal"))
        return self.dice.choice(found) if found else None

    def _try(self, words: str, deed: Callable[[], Any]) -> None:
        try:
            deed()
        except (workflow.Conflict, NotAllowed) as problem:
            words += f", and is told: {problem}"
        self.light.tell(words)


Stories = list[Callable[[House], None]]
STORIES: Stories = [
    House.links, House.links, House.link_to_posted, House.change, House.remove, House.cancel,
    House.post, House.undo, House.move, House.edit_draft,
]  # fmt: skip
DEEDS: list[Callable[[House], None]] = [
    House.approve_one, House.approve_one, House.approve_one, House.reject_one,
    House.take_back_one, House.decide_one, House.decide_one, House.ask_again, House.tamper,
]  # fmt: skip
