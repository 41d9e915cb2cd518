"""A sandbox with a small company, its client, and the copy's verbs at their shortest."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from clearing import gateway, workflow
from clearing.light.client import LightClient
from clearing.models import SyncRun
from clearing.sandbox import records
from clearing.sandbox.server import Sandbox
from clearing.services import mirroring
from tests.light.no_pace import NoPace


class Company:
    """One vendor, one entity, EUR: documents are added before `start`."""

    def __init__(self) -> None:
        self.entity = records.entity()
        self.vendor = records.vendor(identifier="V-7")
        self.lists: dict[str, list[Any]] = {
            "entities": [self.entity], "vendors": [self.vendor], "credit_notes": [],
            "invoice_payables": [], "links": [], "clearings": [],
        }  # fmt: skip

    def note(self, amount: int = 10000, **over: Any) -> str:
        fields = {
            "companyEntityId": self.entity["id"],
            "businessPartnerId": self.vendor["vendorId"],
            "businessPartnerName": self.vendor["name"],
            "amount": amount,
        }
        self.lists["credit_notes"].append(records.credit_note(**fields | over))
        return self.lists["credit_notes"][-1]["id"]

    def invoice(self, amount: int = 20000, **over: Any) -> str:
        fields = {"companyEntityId": self.entity["id"], "vendorId": self.vendor["vendorId"],
                  "amount": amount, "state": "IN_DRAFT"}  # fmt: skip
        self.lists["invoice_payables"].append(records.invoice_payable(**fields | over))
        return self.lists["invoice_payables"][-1]["id"]

    def link(self, note: str, invoice: str, amount: int) -> None:
        self.lists["links"].append(
            records.link(creditNoteId=note, invoicePayableId=invoice, amount=amount)
        )

    def open(self, **options: Any) -> Sandbox:
        return Sandbox(dataset=records.dataset(**self.lists), **options)


def client(sandbox: Sandbox, **options: Any) -> LightClient:
    return LightClient(
        sandbox.url, key=options.pop("key", sandbox.key), pace=NoPace(), guard=gateway.guard,
        max_retries=0, max_wait=0, **options,
    )  # fmt: skip


def sync(light: LightClient, *, full: bool = False, most: int = 300) -> SyncRun:
    """Start a run and do its slices to the end."""
    run = mirroring.start(full=full, now=workflow.now())
    for _ in range(most):
        if run.state != SyncRun.State.RUNNING:
            return run
        SyncRun.objects.filter(pk=run.pk).update(not_before=None)
        mirroring.slice(run, light, worker="test", now=workflow.now())
    raise AssertionError(f"The run does not end: {run.phase}, {run.problem}")


def read_all(light: LightClient, later: float = 0) -> int:
    """Read every detail that is due, or will be in `later` seconds."""
    total = 0
    while done := mirroring.read_wanted(light, now=workflow.now() + timedelta(seconds=later)):
        total += done
        if total > 500:
            raise AssertionError("Reading details does not end.")
    return total


def paths(sandbox: Sandbox) -> list[str]:
    """The paths asked for, without ids' noise."""
    return [f"{asked.method} {asked.path}" for asked in sandbox.requests]


def uid(text: str) -> UUID:
    return UUID(text)
