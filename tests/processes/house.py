"""Our side of a run: a database of its own, people who ask and approve, and their notebook."""

import io
import math
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connections
from django.db.utils import load_backend
from django.test import override_settings

from clearing import gateway, workflow
from clearing.management.commands import worker
from clearing.models import CreditNote, Instruction, InvoicePayable
from clearing.sandbox.server import Sandbox
from clearing.services import changing, correcting, mirroring, reviewing
from clearing.services.proposing import Wanted, propose
from tests import factories
from tests.processes import company
from tests.processes.checker import Approval

# Seconds, on an idle machine, for what takes minutes in a company. The quarantine is longer than
# any late commit of these runs.
TIMES = {"LEASE": 4.0, "QUARANTINE": 3.0, "LIGHT_TIMEOUT": 1}
STEADY = {"LOOK_AGAIN": 0.3, "WORKER_IDLE": 0.5, "SYNC_INTERVAL": 3600.0}
TEMPLATE = 5  # seconds that a template takes on an idle machine
_one_at_a_time = threading.Lock()


class Databases:
    """Makes databases that hold what the first sync has read; on the server of the tests."""

    def __init__(self, settings: dict[str, Any], folder: Path) -> None:
        self._settings, self.folder = settings, folder
        self.light = folder / "light.sqlite3"
        self._template = self._new("template")
        self.slowness = 1.0  # of this machine now: a busy one needs longer leases

    @property
    def times(self) -> dict[str, float]:
        """The settings of a house, in seconds."""
        stretched = {name: math.ceil(seconds * self.slowness) for name, seconds in TIMES.items()}
        return STEADY | stretched

    @property
    def lock_wait(self) -> float:
        """Seconds that whoever writes waits for a lock of another: all of SQLite is one lock."""
        return math.inf if self.on_postgresql else self._settings["OPTIONS"]["timeout"]

    @property
    def on_postgresql(self) -> bool:
        return self._settings["ENGINE"].endswith("postgresql")

    def _new(self, name: str) -> str:
        if not self.on_postgresql:
            return str(self.folder / f"{name}.sqlite3")
        return f"{self._settings['NAME']}_{name}"

    def settings(self, name: str) -> dict[str, Any]:
        return self._settings | {"NAME": name}

    def make_template(self) -> None:
        """Migrate, hire, and read a Light that no run will change."""
        began = time.monotonic()
        if self.on_postgresql:
            self.server(f'DROP DATABASE IF EXISTS "{self._template}" WITH (FORCE)')
            self.server(f'CREATE DATABASE "{self._template}"')
        with Sandbox(company.dataset, store=str(self.light)) as sandbox:
            company.load(sandbox)
            here = {"LIGHT_API_URL": sandbox.url, "LIGHT_API_KEY": sandbox.key}
            with at_home(self.settings(self._template)), override_settings(**here):
                call_command("migrate", verbosity=0)
                factories.person("preparer")
                factories.person("approver")
                call_command("sync", full=True, stdout=io.StringIO())
                _read_all()
        self.slowness = max(1.0, (time.monotonic() - began) / TEMPLATE)

    def copy(self, name: str) -> dict[str, Any]:
        """Another one like the template, as Django's settings name it."""
        made = self._new(name)
        with _one_at_a_time:
            if self.on_postgresql:
                self.server(f'CREATE DATABASE "{made}" TEMPLATE "{self._template}"')
            else:
                shutil.copyfile(self._template, made)
        return self.settings(made)

    def drop(self, settings: dict[str, Any]) -> None:
        if self.on_postgresql:
            self.server(f'DROP DATABASE "{settings["NAME"]}" WITH (FORCE)')
        else:
            for file in self.folder.glob(f"{Path(settings['NAME']).name}*"):
                file.unlink()

    def end(self) -> None:
        self.drop(self.settings(self._template))

    def server(self, statement: str) -> None:
        """One statement on PostgreSQL, beside the database of the run."""
        known = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
        login = {ours: self._settings[name] or None for ours, name in known.items()}
        with psycopg.connect(dbname="postgres", autocommit=True, **login) as connection:
            connection.execute(statement)  # type: ignore[call-overload]


@contextmanager
def at_home(settings: dict[str, Any]) -> Iterator[None]:
    """What this thread asks the database goes to this one, not to the tests' own."""
    own = connections["default"]
    wrapper = load_backend(settings["ENGINE"]).DatabaseWrapper(settings, "default")
    connections["default"] = wrapper
    try:
        yield
    finally:
        wrapper.close()
        connections["default"] = own


def _read_all() -> None:
    """Also what a sync reads of documents only once they matter; then think it through."""
    posted = InvoicePayable.objects.exclude(state="IN_DRAFT").values_list("id", flat=True)
    notes = CreditNote.objects.values_list("id", flat=True)
    client = gateway.client()
    for _ in range(2):  # payments are asked for once the invoice is known as posted
        mirroring.want(credit_notes=list(notes), invoices=list(posted), now=workflow.now())
        while mirroring.read_wanted(client, now=workflow.now()):
            pass
    while worker.think(workflow.now()):
        pass


class House:
    """The people of one run, at home in its database; what they let be done, they note."""

    def __init__(self) -> None:
        people = get_user_model().objects
        self.preparer = people.get(username="preparer")
        self.approver = people.get(username="approver")
        self.notebook: list[Approval] = []

    def let(self, kind: str, part: int = 0) -> list[int]:
        """Ask for one thing of this kind and approve it; the ids of its lines."""
        lines = getattr(self, f"_{kind}")(part)
        if not lines[0].exempt_rule:
            reviewing.approve(lines[0], seen_hash=lines[0].content_hash, by=self.approver)
        self.notebook += [_noted(line) for line in lines]
        return [line.pk for line in lines]

    def states(self) -> dict[int, str]:
        """How far each approved line has come; a line that is lost is not in it."""
        return dict(Instruction.objects.values_list("pk", "state"))

    def at_rest(self) -> bool:
        """Nothing is left that a worker will do by itself."""
        busy = Instruction.objects.filter(state__in=("ready", "sending", "unknown"))
        decided = Instruction.objects.filter(state="needs_person").exclude(decision="")
        return not busy.exists() and not decided.exists()

    def waits_for_person(self) -> Instruction | None:
        return Instruction.objects.filter(state="needs_person", decision="").first()

    def says(self, line: Instruction, decision: str) -> None:
        reviewing.settle(line, decision=decision, by=self.approver)

    # --- one of each kind ------------------------------------------------------------------
    def _link(self, part: int) -> list[Instruction]:
        note, invoice = _note("link"), _invoice("link" if part == 0 else "other")
        proposal = propose(
            vendor_id=note.vendor_id, entity_id=note.entity_id, currency="EUR",
            wanted=[Wanted(note.id, invoice.id, 3000)], by=self.preparer,
        )  # fmt: skip
        return list(proposal.lines.all())

    def _amend(self, _: int) -> list[Instruction]:
        return [changing.change_amount(amount=6000, **self._pair("amend", "wrong_amount"))]

    def _unlink(self, _: int) -> list[Instruction]:
        return [changing.remove(**self._pair("unlink", "wrong_invoice"))]

    def _reverse(self, _: int) -> list[Instruction]:
        return [correcting.undo(**self._pair("reverse", "refund"))]

    def _move(self, _: int) -> list[Instruction]:
        proposal = correcting.move(
            credit_note_id=_note("move").id, from_invoice_id=_invoice("move").id,
            to_invoice_id=_by_number(company.TARGET).id, amount=company.CREDIT,
            reason_code="wrong_invoice", reason="", by=self.preparer,
        )  # fmt: skip
        return list(proposal.lines.all())

    def _archive(self, _: int) -> list[Instruction]:
        note = _note("archive")
        return [
            changing.archive(
                credit_note_id=note.id, reason_code="duplicate", reason="", by=self.preparer
            )
        ]

    def _post(self, _: int) -> list[Instruction]:
        note = _note("post")
        seen = correcting.fingerprint(note)
        return [correcting.post(credit_note_id=note.id, seen=seen, by=self.preparer)]

    def _pair(self, kind: str, reason_code: str) -> dict[str, Any]:
        return {
            "credit_note_id": _note(kind).id, "invoice_payable_id": _invoice(kind).id,
            "reason_code": reason_code, "reason": "", "by": self.preparer,
        }  # fmt: skip


def _note(kind: str) -> CreditNote:
    return CreditNote.objects.get(document_number=company.NOTES[kind])


def _invoice(kind: str) -> InvoicePayable:
    return _by_number(company.INVOICES[kind])


def _by_number(number: str) -> InvoicePayable:
    return InvoicePayable.objects.get(invoice_number=number)


def _noted(line: Instruction) -> Approval:
    return Approval(
        line=line.pk,
        kind=str(line.kind),
        note=str(line.credit_note_id),
        invoice=str(line.invoice_payable_id or ""),
        amount=line.amount or 0,
        clearing=str(line.clearing_id or ""),
    )
