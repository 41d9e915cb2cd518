"""A small company in the sandbox, the copy of it, and people at the pages: Light as it answers."""

import re
import time
from collections.abc import Callable
from html import unescape
from typing import Any

from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from clearing import gateway, workflow
from clearing.models import CreditNote, Instruction
from clearing.sandbox.server import Sandbox
from clearing.services import correcting, mirroring, proposing, sending
from tests import factories
from tests.light_books import StoryBooks, uid
from tests.views.pages import words

SETTINGS = {
    "LIGHT_REQUESTS_PER_MINUTE": 60_000, "LIGHT_REQUESTS_PER_DAY": 10_000_000,
    "LIGHT_TIMEOUT": 0.4, "QUARANTINE": 0, "LOOK_AGAIN": 0,
}  # fmt: skip


class House:
    """The story's books behind the sandbox; everybody works through the pages."""

    def __init__(self, sandbox: Sandbox, books: StoryBooks) -> None:
        self.light, self.books = sandbox, books
        self.people = {role: factories.person(role) for role in ("preparer", "approver")}
        self.line: Instruction | None = None

    # --- Light and the worker --------------------------------------------------------------
    def sync(self) -> None:
        call_command("sync", verbosity=0)

    def send(self) -> None:
        """One line through to its outcome, or to what is not known yet."""
        sending.send_one(gateway.client(retries=0), worker="test", now=workflow.now())

    def settle(self) -> None:
        """What the worker does about unclear lines, until nothing is due."""
        client = gateway.client(retries=0)
        while sending.settle_one(client, worker="test", now=workflow.now()):
            pass
        mirroring.read_wanted(client, now=workflow.now())

    def wait_for(self, true: Callable[[], bool], seconds: float = 5) -> None:
        """Until Light has done what it does late."""
        until = time.monotonic() + seconds
        while not true() and time.monotonic() < until:
            time.sleep(0.05)
        assert true()

    @property
    def writes(self) -> list[str]:
        return [asked.method for asked in self.light.requests if asked.is_write]

    def note(self, record: Any) -> CreditNote:
        return CreditNote.objects.get(pk=record["id"])

    def in_light(self, record: Any) -> Any:
        """The credit note as Light keeps it."""
        return self.light.books.get("credit_note", record["id"])

    # --- people ----------------------------------------------------------------------------
    def as_(self, role: str) -> Client:
        client = Client()
        client.force_login(self.people[role])
        return client

    def post(self, role: str, name: str, *args: Any, **data: Any) -> Any:
        return self.as_(role).post(reverse(name, args=args), data)

    def approve(self, line: Instruction) -> None:
        answer = self.post("approver", "approve", line.pk, seen=line.content_hash)
        assert answer.status_code == 302, words(answer)

    # --- the kinds of lines, each asked for and approved -----------------------------------
    def ask(self, kind: str) -> Instruction:
        """A line of this kind that is ready to be sent."""
        getattr(self, f"_{kind}")()
        line = Instruction.objects.latest("pk")
        if line.state == "proposed":
            self.approve(line)
            line.refresh_from_db()
        assert (line.kind, line.state) == (kind, "ready")
        self.light.forget_requests()
        return line

    def _pair(self) -> tuple[Any, Any]:
        return uid(self.books.usd_note), uid(self.books.usd_one)

    def _linked(self) -> None:
        self.light.act(
            "link", creditNote=self.books.usd_note["id"],
            invoicePayable=self.books.usd_one["id"], amount=30000,
        )  # fmt: skip
        self.sync()

    def _link(self) -> None:
        self.sync()
        note = CreditNote.objects.get(pk=self.books.usd_note["id"])
        proposing.propose(
            vendor_id=note.vendor_id, entity_id=note.entity_id, currency="USD",
            wanted=[proposing.Wanted(*self._pair(), 30000)], by=self.people["preparer"],
        )  # fmt: skip

    def _amend(self) -> None:
        self._linked()
        self.post("preparer", "change_amount", *self._pair(), amount="100.00",
                  reason_code="wrong_amount")  # fmt: skip

    def _unlink(self) -> None:
        self._linked()
        self.post("preparer", "remove_link", *self._pair(), reason_code="wrong_invoice")

    def _archive(self) -> None:
        self.sync()
        self.post("preparer", "archive", uid(self.books.usd_note), reason_code="duplicate")

    def _reverse(self) -> None:
        self._linked()
        self.light.act("post_invoice", invoicePayable=self.books.usd_one["id"])
        self.sync()
        self.sync()
        self.post("preparer", "undo_clearing", *self._pair(), reason_code="wrong_invoice")

    def _post(self) -> None:
        self.sync()
        note = self.note(self.books.draft_note)
        self.post("approver", "post_note", note.pk, seen=correcting.fingerprint(note))

    def happened(self, kind: str) -> bool:
        """Whether Light did what a line of this kind asks for."""
        links = [row["amount"] for row in self.light.books.link_rows()]
        clearings = [row for row in self.light.books.all("clearing") if not row["reversed"]]
        return {
            "link": links == [30000],
            "amend": links == [10000],
            "unlink": links == [] and not clearings,
            "archive": self.in_light(self.books.usd_note)["status"] == "ARCHIVED",
            "reverse": clearings == [] and not links,
            "post": self.in_light(self.books.draft_note)["status"] == "POSTED",
        }[kind]

    # --- what everybody sees ----------------------------------------------------------------
    def pages_about(self, line: Instruction) -> dict[str, str]:
        """The text of every page that shows this line; each of them answers."""
        urls = {
            "proposal": reverse("proposal", args=[line.proposal_id]),
            "note": reverse("credit_note", args=[line.credit_note_id]),
            "exceptions": reverse("exceptions"),
            "activity": reverse("activity"),
            "today": reverse("today"),
        }
        if line.invoice_payable_id:
            urls["invoice"] = reverse("invoice_payable", args=[line.invoice_payable_id])
        client, said = self.as_("approver"), {}
        for name, url in urls.items():
            answer = client.get(url)
            assert answer.status_code == 200, f"{name}: {answer.status_code}"
            said[name] = words(answer)
        return said


def form_of(text: str, action: str) -> dict[str, str]:
    """The fields of the form on a page that leads to this address."""
    leads = rf'<form\b[^>]*\baction="{re.escape(action)}(?:#[^"]*)?".*?</form>'
    (form,) = re.findall(leads, text, re.S)
    return fields_of(form)


def fields_of(text: str) -> dict[str, str]:
    """The values of a page's form fields, as a browser would send them back untouched."""
    found = {}
    for tag in re.findall(r"<input\b[^>]*>", text):
        name, value = re.search(r'\bname="([^"]*)"', tag), re.search(r'\bvalue="([^"]*)"', tag)
        unchecked = 'type="radio"' in tag or 'type="checkbox"' in tag
        if name and (not unchecked or re.search(r"\bchecked\b", tag)):
            found[name[1]] = unescape(value[1]) if value else ""
    for name, body in re.findall(
        r'<textarea\b[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', text, re.S
    ):
        found[name] = unescape(body.removeprefix("\n"))
    for name, body in re.findall(r'<select\b[^>]*name="([^"]*)"[^>]*>(.*?)</select>', text, re.S):
        chosen = re.search(r'<option value="([^"]*)"[^>]*\bselected', body)
        first = re.search(r'<option value="([^"]*)"', body)
        found[name] = (chosen or first)[1] if (chosen or first) else ""
    return found
