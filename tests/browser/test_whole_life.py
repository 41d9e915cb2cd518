"""The whole life of a credit note through the pages: with JavaScript and without.

A draft without a vendor and with a wrong line is completed by a preparer and posted by a
controller. A link is proposed and approved: planned. Another user of Light posts the invoice:
cleared. It is moved to another invoice, undone there, and the credit note is cancelled, each time
by two people of whom none had posted or edited it. The trail tells who, what, why and both
balances. Light's own API is asked after each step.
"""

import re
from datetime import date

import pytest
from playwright.sync_api import expect

from clearing.sandbox import records
from tests.browser.stack import Stack
from tests.browser.story import Story
from tests.browser.test_axe import check
from tests.light_books import StoryBooks

NUMBER = "GS-2026-77"


class Books(StoryBooks):
    """One vendor, an invoice of EUR 600.00, and a draft that nobody can use yet."""

    def __init__(self):
        super().__init__()
        line = records.credit_note_line(
            description="Returned pallets",
            netTransactionAmount={"amount": 84034, "dcSign": "C"},
            taxTransactionAmount={"amount": 15966, "dcSign": "C"},
            grossTransactionAmount={"amount": 100000, "dcSign": "C"},
        )
        self.draft = self.note(
            NUMBER, 119000, "EUR", status="DRAFT", businessPartnerId=None,
            businessPartnerName=None, lines=[line], documentDate=date.today().isoformat(),
            areLinesWithTax=True, description="Returned pallets",
        )  # fmt: skip
        self.first = self.invoice("INV-100", 60000, "EUR", dueDate="2027-01-20")
        self.second = self.invoice("INV-200", 90000, "EUR", state="UNPAID", dueDate="2027-02-20")

    def dataset(self, **more):
        return records.dataset(
            entities=[self.entity], vendors=[self.vendor], credit_notes=[self.draft],
            invoice_payables=[self.first],
        )  # fmt: skip


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def scripts(request):
    return request.param


@pytest.fixture
def books():
    return Books()


@pytest.fixture
def stack(tmp_path, books):
    running = Stack(tmp_path, books.dataset())
    yield running
    running.stop()


class Life(Story):
    """One person at the pages of the one credit note."""

    def __init__(self, someone, stack, scripts, note):
        super().__init__(someone, stack, scripts)
        self.path = f"/credit-notes/{note['id']}/"

    def note(self):
        self.page.goto(self.path)
        return self.page.locator("main")

    def choose_vendor(self, typed, name):
        """Search by name and choose; a button searches where no script does."""
        self.page.get_by_label("Search: Vendor").fill(typed)
        if not self.scripts:
            self.page.get_by_role("button", name="Search Vendor").click()
        self.page.get_by_role("radio", name=re.compile(name)).check()

    def correct_line(self, gross, tax):
        self.page.get_by_role("link", name="Edit Returned pallets").click()
        form = self.page.get_by_role("form", name=re.compile("^Line Returned"))
        expect(form).to_be_visible()
        expect(self.page.locator(".htmx-settling, .htmx-request")).to_have_count(0)
        fields = {form.get_by_label("Gross"): gross, form.get_by_label("Tax").first: tax}
        for field, text in fields.items():
            field.fill(text)
        for field, text in fields.items():
            expect(field).to_have_value(text)
        form.get_by_role("button", name="Save line").last.click()

    def asked_for(self, label, button):
        """Give the reason in the open dialog, and lead to the proposal: its path."""
        self.give_reason(label, button)
        expect(self.page.get_by_role("heading", level=1)).to_contain_text("Proposal")
        return self.page.url.removeprefix(self.url)

    def approve_and_wait(self, proposal, words):
        self.approve_all(proposal, words)


def complete(paula, stack, note):
    """The vendor by search, the line corrected, until everything agrees."""
    main = paula.note()
    expect(main).to_contain_text("It has no vendor.")
    paula.page.get_by_role("link", name=re.compile("^Edit")).first.click()
    expect(paula.page.locator("#line-differ")).to_contain_text("The lines add up to EUR 1,000.00")
    paula.choose_vendor("Nordl", "Nordlicht Logistik GmbH")
    paula.page.get_by_role("button", name="Save", exact=True).last.click()
    expect(paula.page.get_by_text(re.compile("Saved in Light")).first).to_be_visible(timeout=20_000)
    paula.correct_line("1,190.00", "190.00")
    expect(paula.page.locator("#line-totals")).to_contain_text("1,190.00")
    expect(paula.page.locator("#line-differ")).not_to_contain_text("The lines add up")
    draft = stack.light(f"/v1/credit-notes/{note['id']}")
    assert draft["businessPartnerName"] == "Nordlicht Logistik GmbH"
    (line,) = draft["lines"]
    assert line["grossTransactionAmount"] == {"amount": 119000, "dcSign": "C"}
    assert line["netTransactionAmount"]["amount"] == 100000
    assert draft["description"] == "Returned pallets", "what was left alone stays"


def post(carla, stack, note):
    carla.note()
    carla.page.get_by_role("link", name=re.compile("^Post")).first.click()
    dialog = carla.dialog()
    for amount in ("EUR 1,000.00", "EUR 190.00", "EUR 1,190.00"):
        expect(dialog).to_contain_text(amount)
    expect(dialog).to_contain_text("Linking does not change VAT; posting and archiving do.")
    dialog.get_by_role("button", name="Post credit note").click()
    carla.until(carla.page.locator("#states"), "In Light")
    assert stack.light(f"/v1/credit-notes/{note['id']}")["status"] == "POSTED"


def clearings(stack, invoice):
    """What has cleared an invoice, as Light's own API shows it."""
    rows = stack.light(f"/v1/invoice-payables/{invoice['id']}/payments")
    return [(one["payment"]["type"], one["amount"]) for one in rows]


def wait_for(person, section, words):
    """Reload the note's page until a section of it says this."""
    place = person.page.locator(f"section[aria-labelledby={section}]")
    person.reload_until(place, words)


def test_the_whole_life_of_a_credit_note(stack, books, person, scripts):
    def come(role):
        someone = person(stack, role, java_script_enabled=scripts)
        return Life(someone, stack, scripts, books.draft)

    paula, anton, carla = come("preparer"), come("approver"), come("controller")
    note, first, second = books.draft, books.first, books.second

    complete(paula, stack, note)
    post(carla, stack, note)

    # Planned, then cleared by another user of Light.
    anton.approve_and_wait(paula.clear("Nordlicht", "EUR"), "In Light")
    assert [one["amount"] for one in stack.links(note["id"])] == [60000]
    paula.note()
    wait_for(paula, "links", "INV-100")
    stack.act("post_invoice", invoicePayable=first["id"])
    wait_for(paula, "clearings", "INV-100")
    assert clearings(stack, first) == [("CN", 60000)]

    # Moved to another invoice: one proposal, two steps, one approval.
    dated = ("invoiceCreatedAt", "updatedAt")  # it is made now
    added = {key: value for key, value in second.items() if key not in dated}
    stack.act("add", kind="invoice_payable", **added)
    paula.reload_until(paula.page.locator("main"), "INV-100")
    move(paula, second)
    proposal = paula.asked_for("Wrong invoice", "Move the clearing")
    carla.page.goto(proposal)
    expect(carla.page.locator("main")).to_contain_text(
        "You have edited or posted this credit note yourself."
    )
    if scripts:
        check(carla.page)  # axe, on the two steps
    anton.approve_and_wait(proposal, "2 In Light")
    assert (clearings(stack, first), clearings(stack, second)) == ([], [("CN", 60000)])

    # Undone there.
    paula.note()
    wait_for(paula, "clearings", "INV-200")
    paula.page.get_by_role("link", name="Undo clearing INV-200").click()
    expect(paula.dialog()).to_contain_text(re.compile("INV-200 will show EUR 600.00 unpaid again"))
    anton.approve_and_wait(paula.asked_for("Disputed with the vendor", "Undo clearing"), "In Light")
    assert clearings(stack, second) == []

    # Cancelled and reversed in the ledger.
    paula.note()
    paula.reload_until(paula.page.locator("h1"), "Posted")
    paula.page.get_by_role("link", name=re.compile("Cancel and reverse")).first.click()
    proposal = paula.asked_for("The vendor withdrew it", re.compile("Cancel and reverse"))
    anton.approve_and_wait(proposal, "In Light")
    assert stack.light(f"/v1/credit-notes/{note['id']}")["status"] == "ARCHIVED"

    tells_the_story(paula)
    history = paula.note().locator("section[aria-labelledby=history]")
    for words in (PAULA, ANTON, CARLA, "Wrong invoice", "The vendor withdrew it", "In Light:"):
        expect(history).to_contain_text(words)


def move(paula, second):
    """Open the dialog until the copy knows the new invoice, and choose it."""
    for _attempt in range(20):
        paula.note()
        paula.page.get_by_role("link", name="Move INV-100").click()
        paula.dialog().first.wait_for()
        if paula.page.get_by_role("radio", name="INV-200").count():
            break
        paula.page.wait_for_timeout(500)
    paula.page.get_by_role("radio", name="INV-200").check()
    expect(paula.dialog()).to_contain_text("Two steps, one approval")
    expect(paula.page.get_by_label("Amount to link there")).to_have_value("600.00")


PAULA, ANTON, CARLA, WORKER = "Paula Prepare", "Anton Approve", "Carla Control", "Worker"
PLANNED = "Free to use: EUR 1,190.00 → EUR 590.00 · Open on the invoice: EUR 600.00 → EUR 0.00"
STORY = [  # who, what, and what else the line shows: of which invoice, why, both balances
    (PAULA, "edited the draft", "Vendor: Nordlicht Logistik GmbH"),
    (PAULA, "saw the change in Light"),
    (PAULA, "changed a line", "Gross: EUR 1,000.00 credit → EUR 1,190.00 credit"),
    (CARLA, "proposed", "Posting", "Free to use: EUR 0.00"),
    (WORKER, "in Light", "Posting", "Free to use: EUR 0.00 → EUR 1,190.00"),
    (PAULA, "proposed", "Link", "INV-100", PLANNED),
    (ANTON, "approved", "Link", "INV-100", "EUR 590.00 · Open on the invoice: EUR 0.00"),
    (WORKER, "in Light", "Link", "INV-100", PLANNED),
    (PAULA, "proposed", "Undoing of the clearing", "INV-100", "Wrong invoice",
     "Open on the invoice: EUR 0.00"),
    (PAULA, "proposed", "Link", "INV-200", "Wrong invoice", "EUR 900.00 → EUR 300.00"),
    (ANTON, "approved", "Undoing of the clearing", "INV-100", "Open on the invoice"),
    (ANTON, "approved", "Link", "INV-200", "Open on the invoice"),
    (WORKER, "in Light", "Undoing of the clearing", "INV-100", "EUR 0.00 → EUR 600.00"),
    (WORKER, "in Light", "Link", "INV-200", "EUR 900.00 → EUR 300.00"),
    (PAULA, "proposed", "Undoing of the clearing", "INV-200", "Disputed with the vendor"),
    # What is free on a partly used credit note is not known while its clearings are read again.
    (ANTON, "approved", "Undoing of the clearing", "INV-200", "Open on the invoice: EUR 300.00"),
    (WORKER, "in Light", "Undoing of the clearing", "INV-200",
     "Free to use: EUR 590.00 → EUR 1,190.00 · Open on the invoice: EUR 300.00 → EUR 900.00"),
    (PAULA, "proposed", "Cancellation", "The vendor withdrew it", "Free to use: EUR 1,190.00"),
    (ANTON, "approved", "Cancellation", "Free to use: EUR 1,190.00"),
    (WORKER, "in Light", "Cancellation", "Free to use: EUR 1,190.00 → EUR 0.00"),
]  # fmt: skip


def tells_the_story(paula):
    """The activity page, oldest first: each step in this order."""
    paula.page.goto("/activity/")
    rows = [row.inner_text() for row in paula.page.locator("tbody tr").all()][::-1]
    place = 0
    for step in STORY:
        behind = range(place, len(rows))
        fits = [n for n in behind if all(words in rows[n] for words in step)]
        assert fits, f"{step}, behind line {place} of:\n" + "\n".join(rows)
        place = fits[0] + 1
