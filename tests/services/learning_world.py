"""A fresh sandbox with a partly used credit note, and everything that our side does with it."""

from datetime import timedelta
from typing import Any

from django.conf import settings

from clearing import workflow
from clearing.models import Balance, Instruction, Known, Looked
from clearing.services import learning, reviewing, sending
from tests.services.mirroring_world import Company, client, read_all, sync, uid


class World:
    """Partly used: EUR 100.00 of which 30.00 has cleared. Whole: EUR 80.00. In the same group
    a draft of EUR 200.00 and a posted invoice of EUR 50.00."""

    def __init__(self, controller: Any, approver: Any, **switches: Any) -> None:
        self.controller, self.approver, self.later = controller, approver, 0.0
        company = Company()
        self.partly, self.whole = company.note(10000), company.note(8000)
        used = company.invoice(3000)
        self.draft, self.posted = company.invoice(20000), company.invoice(5000, state="UNPAID")
        company.link(self.partly, used, 3000)
        self.sandbox = company.open().start()
        self.sandbox.switch(**switches)
        self.sandbox.act("post_invoice", invoicePayable=used)
        self.client = client(self.sandbox)
        self.read()

    def now(self) -> Any:
        return workflow.now() + timedelta(seconds=self.later)

    def read(self) -> None:
        """Two syncs and every detail, so that what became of each link is clear."""
        sync(self.client)
        for _ in range(2):  # a link is called not honoured after two
            read_all(self.client, later=2 * settings.LOOK_AGAIN)

    def work(self) -> None:
        """What the worker does, until nothing is left to send, settle, read or learn."""
        while sending.send_one(self.client, worker="w", now=self.now()):
            pass
        while sending.settle_one(self.client, worker="w", now=self.now()):
            self.later += settings.LOOK_AGAIN
        self.read()
        self.learn()

    def learn(self) -> None:
        """Every look, and all that follows from it."""
        Looked.objects.filter(kind="known_seen").update(looked_at=None)
        while learning.look(self.now()):
            pass

    def trial(self, question: str, *, amount: int | None = None) -> Instruction:
        """Propose the first pair that is offered, and have a second person approve it."""
        line = self.proposed(question, amount=amount)
        reviewing.approve(line, seen_hash=line.content_hash, by=self.approver)
        return line

    def proposed(self, question: str, *, amount: int | None = None) -> Instruction:
        pair = learning.pairs(question)[0]
        proposal = learning.propose(
            question=question, note_id=pair.note.pk, invoice_id=pair.invoice.pk,
            amount=amount or pair.most, reason="to know", by=self.controller,
        )  # fmt: skip
        return proposal.lines.get()

    def balance(self, document: str) -> Balance:
        return Balance.objects.get(pk=uid(document))


def said() -> list[tuple[str, str, str]]:
    """Every answer that was kept: question, answer, how."""
    return list(Known.objects.order_by("pk").values_list("question", "answer", "how"))
