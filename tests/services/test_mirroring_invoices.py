"""What the copy keeps of an invoice for the engine: its number as a key, its rate, its tax."""

import pytest

from clearing.models import InvoicePayable
from tests.services.mirroring_world import Company as World
from tests.services.mirroring_world import client, sync

pytestmark = pytest.mark.django_db


def test_number_rate_and_tax_of_an_invoice():
    world = World()
    world.note()
    taxed = world.invoice(
        invoiceNumber="Inv 2026/0481", localCurrencyFxRate=0.9231, state="UNPAID",
        lineItems=[{"amount": 119, "netAmount": 100, "taxAmount": 19}],
    )  # fmt: skip
    free = world.invoice(invoiceNumber=None, lineItems=[{"amount": 100, "taxAmount": 0}])
    unread = world.invoice(state="COMPLETED", invoiceNumber="INV-7", localCurrencyFxRate=2)
    with world.open() as sandbox:
        light = client(sandbox)
        sync(light)
        row = InvoicePayable.objects.get(id=taxed)
        assert (row.number_key, row.local_fx_rate, row.has_tax) == ("INV20260481", "0.9231", True)
        row = InvoicePayable.objects.get(id=free)
        assert (row.number_key, row.local_fx_rate, row.has_tax) == ("", "", False)
        row = InvoicePayable.objects.get(id=unread)
        assert (row.number_key, row.local_fx_rate, row.has_tax) == ("INV7", "", None)
        sync(light, full=True)  # lists leave these out, and take nothing back
    row = InvoicePayable.objects.get(id=taxed)
    assert (row.local_fx_rate, row.has_tax) == ("0.9231", True)
