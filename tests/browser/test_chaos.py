"""`manage.py demo --faults chaos`: one request in ten goes wrong, and people clear every link.

Everything is done through the pages: proposing, approving, deciding what reading could not
settle, proposing again what Light did not take. In the end Light's books hold each approved link
once, with its amount, and nothing else. CHAOS_LINKS says how many (100).
"""

import os
import re
import time
from datetime import date

import pytest
from playwright.sync_api import expect

from tests.browser.books_check import ties_out
from tests.browser.chaos_company import Company
from tests.browser.stack import Stack
from tests.browser.story import Story

LINKS = int(os.environ.get("CHAOS_LINKS", "100"))
LONGEST = 300  # seconds until every line has to be final
HOUSE = {"QUARANTINE": "6", "LOOK_AGAIN": "1", "LIGHT_TIMEOUT": "1", "LEASE": "10"}
RELEASED, IN_LIGHT = 0, 1  # the lines that need a person, whatever the dice say
PROPOSE = re.compile(r"^Propose \d+ links? for")


@pytest.fixture
def company():
    return Company(LINKS, date.today())


@pytest.fixture
def stack(tmp_path, company):
    running = Stack(tmp_path, company.dataset(), faults="chaos", **HOUSE)
    yield running
    running.stop()


class Chaos:
    """Paula, who proposes, and Anton, who approves and decides; both look into Light's books."""

    def __init__(self, stack, company, person):
        self.stack, self.company = stack, company
        self.paula = Story(person(stack, "preparer"), stack, True)
        self.anton = Story(person(stack, "approver"), stack, True)
        self.decided = []
        self.again = 0
        self.ends_at = time.monotonic() + LONGEST

    # --- in Light ------------------------------------------------------------------------
    def links(self):
        """The numbers of the credit notes that Light has linked."""
        books = self.stack.light("/admin/books")
        numbers = {one["id"]: one["documentNumber"] for one in books["creditNotes"]}
        return [numbers[one["creditNoteId"]] for one in books["links"] if one["active"]]

    def unclear(self, n):
        """The call for this pair fails without an answer that says anything, and is not done."""
        path = f"{self.company.notes[n]['id']}/invoice-payables"
        self.stack.light("/admin/faults", {"status": 500, "method": "POST", "path": path})

    def change_meanwhile(self, n):
        """While Light's outcome is being checked, somebody changes the invoice there."""
        line = self.anton.line(self.company.notes[n]["_documentNumber"])
        expect(line).to_contain_text("Light has not confirmed yet", timeout=60_000)
        assert "In Light" not in line.inner_text()
        self.stack.act("edit_invoice", **self.company.raise_invoice(n))

    # --- at the pages --------------------------------------------------------------------
    def propose(self, address, least=1):
        """What the clearing page suggests; the proposal's path."""
        page = self.paula.page
        page.goto(address)
        button = page.get_by_role("button", name=PROPOSE)
        while not (button.count() and int(re.findall(r"\d+", button.inner_text())[0]) >= least):
            self.hurry("waiting for what can be proposed")
            time.sleep(0.5)
            page.reload()
        button.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Proposal", timeout=60_000)
        return page.url.removeprefix(self.stack.url)

    def approve(self, proposal):
        """All of it; what fits no longer stays behind."""
        page = self.anton.page
        page.goto(proposal)
        one_by_one = page.locator("#exceptions button[id^=approve-]:enabled")
        while n := one_by_one.count():
            one_by_one.first.click()
            expect(one_by_one).to_have_count(n - 1, timeout=60_000)
        if page.locator("#approve-all").count():
            page.locator("#approve-all").click()
            self.anton.dialog().get_by_role("button", name=re.compile("^Approve")).click()
            expect(page.locator("#messages")).to_contain_text("approved.", timeout=60_000)

    def decide(self):
        """Each line that needs a person: look into Light's books, and say what is there."""
        page = self.anton.page
        page.goto("/exceptions/?kind=needs_person")
        rows = page.locator("tr[id^=line-]").filter(has=page.locator("a[id^=settle-]"))
        for key in rows.evaluate_all("all => all.map((row) => row.id)"):
            row = page.locator(f"#{key}")
            number = row.locator("th a").inner_text()
            if number == self.company.notes[IN_LIGHT]["_documentNumber"]:
                self.link_by_hand(IN_LIGHT)
            answer = "It is in Light" if number in self.links() else "It is not; release it"
            row.locator("a[id^=settle-]").click()
            self.anton.dialog().get_by_role("button", name=answer).click()
            expect(page.locator("#messages")).to_contain_text("Noted.", timeout=60_000)
            self.decided.append((number, answer))
            page.goto("/exceptions/?kind=needs_person")

    def link_by_hand(self, n):
        note, invoice = self.company.notes[n], self.company.invoices[n]
        if note["_documentNumber"] not in self.links():
            pair = {"creditNote": note["id"], "invoicePayable": invoice["id"]}
            self.stack.act("link", **pair, amount=note["amount"])

    def propose_again(self):
        """What ended without a link is taken off the list and proposed again, and approved."""
        page = self.paula.page
        page.goto("/exceptions/")
        if not page.get_by_role("link", name=re.compile("^Propose again")).count():
            return
        address = page.get_by_role("link", name=re.compile("^Propose again")).first
        address = address.get_attribute("href")
        while (dealt := page.get_by_role("button", name=re.compile("^Dealt with"))).count():
            dealt.first.click()
            expect(page.locator("#messages")).to_contain_text("Dealt with.", timeout=60_000)
        for vendor in self.company.vendors:
            page.goto(self.company.address(vendor))
            if page.get_by_role("button", name=PROPOSE).count():
                self.again += 1
                self.approve(self.propose(self.company.address(vendor)))

    def under_way(self):
        """Whether the list of what is being sent holds anything."""
        self.anton.page.goto("/proposals/?show=sending")
        return bool(self.anton.page.locator("tr[id^=proposal-]").count())

    def hurry(self, what):
        assert time.monotonic() < self.ends_at, f"still {what} after {LONGEST} seconds"


def test_every_link_once(stack, company, person):
    chaos = Chaos(stack, company, person)
    chaos.unclear(RELEASED), chaos.unclear(IN_LIGHT)
    proposals = [
        chaos.propose(company.address(one), least=company.of_vendor(one)) for one in company.vendors
    ]
    for n, proposal in enumerate(proposals):
        chaos.approve(proposal)
        if n in (RELEASED, IN_LIGHT):  # the first pair of this vendor
            chaos.change_meanwhile(n)
    while len(set(chaos.links())) < LINKS or chaos.under_way():
        chaos.hurry("clearing")
        chaos.decide()
        chaos.propose_again()
        time.sleep(0.5)

    chaos.anton.page.goto("/exceptions/")
    said = chaos.anton.page.locator("main").inner_text()
    assert "Needs a decision" not in said and "has not confirmed" not in said
    stack.stop()
    assert len(ties_out(stack.data, company.dataset(), company.wanted())) == 1
    released = (company.notes[RELEASED]["_documentNumber"], "It is not; release it")
    assert released in chaos.decided
    assert (company.notes[IN_LIGHT]["_documentNumber"], "It is in Light") in chaos.decided
    print(f"{LINKS} links; decided by people: {chaos.decided}; proposed again: {chaos.again}")
