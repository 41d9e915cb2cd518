"""What other users of Light do while we work: on our documents, without asking us."""

import random
from typing import Any

from clearing.sandbox.errors import Refused
from tests.interleaving.house import House


def somebody_acts(house: House, dice: random.Random) -> None:
    """One deed on documents of this schedule; Light may refuse it."""
    note, invoice = str(dice.choice(house.notes).id), str(dice.choice(house.invoices).id)
    if house.light.store.get("credit_note", note) is None:
        return
    deeds: list[tuple[str, dict[str, Any]]] = [
        ("link", {"creditNote": note, "invoicePayable": invoice, "amount": 4000}),
        ("link", {"creditNote": note, "invoicePayable": invoice, "amount": 1500}),
        ("unlink", {"creditNote": note, "invoicePayable": invoice}),
        ("change_link", {"creditNote": note, "invoicePayable": invoice, "amount": 2500}),
        ("post_invoice", {"invoicePayable": invoice}),
        ("pay", {"invoicePayable": invoice, "amount": 500}),
        ("archive", {"creditNote": note}),
        ("edit_credit_note", {"creditNote": note, "description": "Somebody was here"}),
        ("edit_invoice", {"invoicePayable": invoice, "amount": 7000}),
        ("set_state", {"invoicePayable": invoice, "state": dice.choice(["CANCELLED", "NEW_ONE"])}),
        ("set_status", {"creditNote": note, "status": "SOMETHING_NEW"}),
    ]
    action, given = dice.choice(deeds)
    try:
        house.light.act(action, **given)
    except Refused:
        return
    house.light.tell(f"Another user of Light: {action} {given}")
