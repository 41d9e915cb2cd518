"""One small company, and a client that knows nothing but HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from clearing.sandbox import records
from clearing.sandbox.server import Sandbox

ENTITY = records.entity(id="e0000000-0000-4000-8000-000000000001")
VENDOR = records.vendor(vendorId="f0000000-0000-4000-8000-000000000001")
GROUP = {"companyEntityId": ENTITY["id"], "currency": "EUR"}


def note(**over: Any) -> records.Record:
    """A posted credit note of 100.00 EUR of the vendor."""
    name = {"businessPartnerId": VENDOR["vendorId"], "businessPartnerName": VENDOR["name"]}
    return records.credit_note(**{"amount": 10000, **GROUP, **name, **over})


def invoice(**over: Any) -> records.Record:
    """A draft invoice of 250.00 EUR of the vendor."""
    mine = {"vendorId": VENDOR["vendorId"], "amount": 25000, "state": "IN_DRAFT"}
    return records.invoice_payable(**{**GROUP, **mine, **over})


class Light:
    """Calls a sandbox over HTTP and gives back the answer."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Authorization"] = f"Basic {sandbox.key}"

    def __call__(self, method: str, path: str, **kwargs: Any) -> requests.Response:
        return self.session.request(method, self.sandbox.url + path, timeout=10, **kwargs)

    def get(self, path: str, **kwargs: Any) -> Any:
        answer = self("GET", path, **kwargs)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def pair(self, note: records.Record, invoice: records.Record) -> str:
        return f"/v1/credit-notes/{note['id']}/invoice-payables/{invoice['id']}"

    def link(self, note: records.Record, invoice: records.Record, amount: Any) -> requests.Response:
        return self("POST", self.pair(note, invoice), json={"amount": amount})

    def post_invoice(self, invoice: records.Record) -> requests.Response:
        return self("POST", f"/v1/invoice-payables/{invoice['id']}/post")

    def status(self, note: records.Record) -> str:
        return str(self.get(f"/v1/credit-notes/{note['id']}")["status"])

    def state(self, invoice: records.Record) -> tuple[str, int]:
        """(state, outstanding balance)"""
        path = f"/v1/invoice-payables/{invoice['id']}?includeOutstandingBalance=true"
        body = self.get(path)
        return body["state"], body["outstandingBalance"]

    def payments(self, invoice: records.Record) -> Any:
        return self.get(f"/v1/invoice-payables/{invoice['id']}/payments")

    def links(self, note: records.Record) -> Any:
        return self.get(f"/v1/credit-notes/{note['id']}/invoice-payables")


@pytest.fixture
def open_light() -> Iterator[Callable[..., Light]]:
    """open_light(notes, invoices, **options of Sandbox) -> Light; closed after the test."""
    opened: list[Light] = []

    def start(
        notes: list[records.Record] = (), invoices: list[records.Record] = (), **options: Any
    ) -> Light:
        data = records.dataset(
            entities=[ENTITY], vendors=[VENDOR], credit_notes=notes, invoice_payables=invoices
        )
        light = Light(Sandbox(data, **options).start())
        opened.append(light)
        return light

    yield start
    for light in opened:
        light.session.close()
        light.sandbox.stop()
