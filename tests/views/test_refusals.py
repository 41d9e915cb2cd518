"""Every refusal that Light's contract names: before asking, and when Light changed meanwhile.

Not a draft, no line, active links, over the balance, other vendor, entity or currency, not
posted: each at its place, in Light's or better words, and without a call that changes anything.
"""

import re

import pytest
from django.urls import reverse

from clearing.forms import cell_name
from clearing.models import CreditNote, CreditNoteLine, Instruction
from clearing.sandbox import records
from clearing.sandbox.server import Sandbox
from clearing.services import correcting
from tests.light_books import StoryBooks, uid
from tests.views.house import SETTINGS, House
from tests.views.pages import words

pytestmark = pytest.mark.same_on_each


class Books(StoryBooks):
    """With documents of another vendor, another entity, and of none."""

    def __init__(self):
        super().__init__()
        self.other_vendor = records.vendor(name="Sund Emballage ApS", identifier="V-2002")
        self.other_entity = records.entity(name="Acme SAS", displayName="Acme SAS", code="FR01")
        self.of_other_vendor = self.invoice(
            "INV-V", 90000, "EUR", vendorId=self.other_vendor["vendorId"]
        )
        self.of_other_entity = self.invoice(
            "INV-E", 90000, "EUR", companyEntityId=self.other_entity["id"]
        )

        self.large = self.invoice("INV-L", 200000, "EUR")

    def dataset(self, **more):
        invoices = [self.of_other_vendor, self.of_other_entity, self.large]
        found = super().dataset(invoice_payables=invoices, **more)
        found["vendors"].append(self.other_vendor)
        found["entities"].append(self.other_entity)
        return found


@pytest.fixture
def house(db, settings):
    books = Books()
    with Sandbox(books.dataset()) as sandbox:
        settings.LIGHT_API_URL, settings.LIGHT_API_KEY = sandbox.url, sandbox.key
        for name, value in SETTINGS.items():
            setattr(settings, name, value)
        yield House(sandbox, books)


# --- before anything is asked: a link ------------------------------------------------------------
OTHER = "It names a document that is not of this vendor, entity and currency."
LINKS = {  # the credit note, the invoice, the amount: what the clearing page says
    "not posted": ("draft_note", "eur_two", "10.00", "Not posted yet"),
    "over the credit": (
        "eur_note",
        "large",
        "1,000.01",
        "Only EUR 1,000.00 of CR-2026-8213 is free",
    ),
    "over the invoice": (
        "eur_note",
        "eur_two",
        "900.01",
        "Only EUR 900.00 of INV-4712 is open, not EUR 900.01",
    ),
    "another vendor": ("eur_note", "of_other_vendor", "10.00", OTHER),
    "another entity": ("eur_note", "of_other_entity", "10.00", OTHER),
    "another currency": ("eur_note", "usd_one", "10.00", OTHER),
}


@pytest.mark.parametrize("case", LINKS)
def test_a_link_that_light_would_refuse_is_not_proposed(house, case):
    note, invoice, amount, sentence = LINKS[case]
    house.sync()
    books = house.books
    cell = cell_name((uid(getattr(books, note)), uid(getattr(books, invoice))))
    url = reverse("propose", args=[books.vendor["vendorId"]])
    answer = house.as_("preparer").post(
        f"{url}?entity={books.entity['id']}&currency=EUR", {cell: amount}
    )
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert 'role="alert"' in answer.text
    assert not Instruction.objects.exists()


# --- before anything is asked: posting and cancelling -------------------------------------------
def test_posting_names_everything_that_is_missing(house):
    house.light.act(
        "edit_credit_note", creditNote=house.books.draft_note["id"], companyEntityId=None,
        businessPartnerId=None, businessPartnerName=None, currency=None, lines=[],
    )  # fmt: skip
    house.sync()
    note = house.note(house.books.draft_note)
    dialog = house.as_("approver").get(reverse("post_note", args=[note.pk]))
    missing = ("It has no vendor.", "It has no company entity.", "It has no currency.",
               "It has no line.")  # fmt: skip
    for sentence in missing:
        assert sentence in words(dialog)
    assert not re.search(r'<button class="btn (primary|danger)">', dialog.text)
    answer = house.post("approver", "post_note", note.pk, seen=correcting.fingerprint(note))
    assert answer.status_code == 409
    assert all(sentence in words(answer) for sentence in missing)
    assert not Instruction.objects.exists()


def test_what_is_posted_is_not_posted_again(house):
    house.sync()
    note = house.note(house.books.eur_note)
    dialog = house.as_("approver").get(reverse("post_note", args=[note.pk]))
    assert "It is not a draft any more." in words(dialog)
    answer = house.post("approver", "post_note", note.pk, seen=correcting.fingerprint(note))
    assert answer.status_code == 409
    assert not Instruction.objects.exists()


def test_cancelling_while_a_link_is_active(house):
    house._linked()
    note = house.note(house.books.usd_note)
    dialog = house.as_("preparer").get(reverse("archive", args=[note.pk]))
    assert "It is still linked to 1 invoice. Remove that link first." in words(dialog)
    answer = house.post("preparer", "archive", note.pk, reason_code="duplicate")
    assert answer.status_code == 409
    assert "It is still linked" in words(answer)
    assert not Instruction.objects.exists()


def test_a_new_amount_over_the_balance(house):
    house._linked()
    pair = uid(house.books.usd_note), uid(house.books.usd_one)
    answer = house.post(
        "preparer", "change_amount", *pair, amount="500.01", reason_code="wrong_amount"
    )
    assert answer.status_code == 422
    assert "At most USD 500.00" in words(answer)
    assert 'aria-invalid="true"' in answer.text and 'value="500.01"' in answer.text
    assert not Instruction.objects.exists()


# --- Light changed between the approval and the call --------------------------------------------
def _note(record, **fields):
    return lambda house: house.light.act(
        "edit_credit_note", creditNote=getattr(house.books, record)["id"],
        **{key: value(house.books) if callable(value) else value for key, value in fields.items()},
    )  # fmt: skip


def _invoice(**fields):
    return lambda house: house.light.act(
        "edit_invoice", invoicePayable=house.books.usd_one["id"],
        **{key: value(house.books) if callable(value) else value for key, value in fields.items()},
    )  # fmt: skip


def _link_elsewhere(house):
    """Somebody uses the credit for another invoice, so that less is left than was approved."""
    house.light.act("add", kind="invoice_payable", **house.books.invoice("INV-X", 40000, "USD"))
    other = house.light.books.all("invoice")[-1]
    house.light.act(
        "link", creditNote=house.books.usd_note["id"], invoicePayable=other["id"], amount=30000
    )


def _act(action, **given):
    return lambda house: house.light.act(
        action, **{key: getattr(house.books, name)["id"] for key, name in given.items()}
    )


def _paid(house):
    for action in ("post_invoice", "pay"):
        house.light.act(action, invoicePayable=house.books.usd_one["id"])


def _undo(house):
    house.light.act(
        "reverse_clearing", invoicePayable=house.books.usd_one["id"],
        accountingDocument=house.books.usd_note["id"], type="CN",
    )  # fmt: skip


MEANWHILE = {
    "link: not posted": ("link", _note("usd_note", status="DRAFT"), "posted"),
    "link: cancelled": ("link", _note("usd_note", status="ARCHIVED"), "cancelled"),
    "link: over the balance": ("link", _link_elsewhere, "what is left is not certain"),
    "link: another vendor": (
        "link", _invoice(vendorId=lambda books: books.other_vendor["vendorId"]), "vendor",
    ),
    "link: another entity": (
        "link", _note("usd_note", companyEntityId=lambda books: books.other_entity["id"]), "entity",
    ),
    "link: another currency": ("link", _note("usd_note", currency="EUR"), "currency"),
    "link: paid": ("link", _paid, "paid"),
    "amend: removed": (
        "amend", _act("unlink", creditNote="usd_note", invoicePayable="usd_one"), "link",
    ),
    "archive: active link": ("archive", _link_elsewhere, "linked"),
    "post: no line": ("post", _note("draft_note", lines=[]), "line"),
    "post: another amount": ("post", _note("draft_note", amount=1), "amount"),
    "post: no vendor": (
        "post", _note("draft_note", businessPartnerId=None, businessPartnerName=None), "vendor",
    ),
    "post: cancelled": ("post", _note("draft_note", status="ARCHIVED"), ""),
    "reverse: undone": ("reverse", _undo, "no longer shows this clearing"),
}  # fmt: skip


@pytest.mark.parametrize("case", MEANWHILE)
def test_what_no_longer_fits_is_not_sent(house, case):
    kind, change, sentence = MEANWHILE[case]
    line = house.ask(kind)
    change(house)
    house.send()
    line.refresh_from_db()
    said = house.pages_about(line)
    assert (line.state, house.writes) == ("fallen", []), line.outcome
    assert line.outcome and line.outcome in said["proposal"]
    assert sentence in line.outcome
    assert "Has to be proposed again" in said["proposal"]


# --- Light refuses what our look let pass ---------------------------------------------------------
def test_lights_own_words_stand_where_only_light_knows_better(house):
    """Another mode of Light: it takes no link to an invoice that is posted."""
    house.light.act("post_invoice", invoicePayable=house.books.usd_one["id"])
    house.light.switch(link_on_posted="refuse")
    line = house.ask("link")
    house.send()
    line.refresh_from_db()
    assert (line.state, house.writes) == ("refused", ["POST"])
    said = house.pages_about(line)
    assert f"Light said no: “{line.outcome}”" in said["proposal"]
    assert line.outcome in said["exceptions"]


def test_the_copy_of_a_draft_without_lines_offers_no_posting(house):
    house.light.act("edit_credit_note", creditNote=house.books.draft_note["id"], lines=[])
    house.sync()
    note = CreditNote.objects.get(pk=house.books.draft_note["id"])
    assert not CreditNoteLine.objects.filter(credit_note_id=note.pk).exists()
    page = words(house.as_("approver").get(reverse("credit_note", args=[note.pk])))
    assert "no line" in page
