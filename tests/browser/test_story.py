"""The whole story through the pages, with the sandbox as a process: with JavaScript and without.

A preparer proposes three links in two currencies; an approver rejects one and approves the rest;
the worker sends; Light's own API shows exactly these links. Another user of Light posts an
invoice, and planned turns to cleared. A preparer removes the other link. Cancelling a credit note
is refused while a link is active and works afterwards, with a second person.
"""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser.stack import Stack
from tests.light_books import StoryBooks

PATIENCE = 30  # seconds for the worker and a sync


class Story:
    """The pages as one person works them; without JavaScript a reload stands for polling."""

    def __init__(self, someone, stack, scripts):
        self.page, self.url, self.scripts = someone.page, stack.url, scripts

    def until(self, locator, text):
        """Wait until it shows this text; pages poll by themselves only with JavaScript."""
        deadline = time.monotonic() + PATIENCE
        while not self.scripts and time.monotonic() < deadline:
            if re.search(text, locator.first.inner_text()):
                return
            time.sleep(0.5)
            self.page.reload()
        expect(locator.first).to_contain_text(re.compile(text), timeout=PATIENCE * 1000)

    def clear(self, vendor, currency):
        """Propose what the clearing page suggests for one currency; the proposal's path."""
        self.page.goto("/vendors/")
        self.page.get_by_role("link", name=vendor).first.click()
        link = self.page.locator(f"a[href*='/clearing/'][href*='currency={currency}']").first
        link.click()
        self.page.get_by_label("Note to the approver").fill("Agreed on the phone")
        self.page.get_by_role("button", name=re.compile(r"^Propose \d+ links? for")).click()
        expect(self.page.get_by_role("heading", level=1)).to_contain_text("Proposal")
        return self.page.url.removeprefix(self.url)

    def dialog(self):
        """What a confirmation shows: in the dialog, or as a page without JavaScript."""
        return self.page.locator(".dlg")

    def line(self, text):
        return self.page.locator("tr[id^=line-]").filter(has_text=text)

    def reject(self, proposal, invoice):
        self.page.goto(proposal)
        self.line(invoice).get_by_role("link", name="Reject").click()
        self.page.get_by_label("Disputed with the vendor").check()
        self.dialog().get_by_role("button", name="Reject the line").click()
        expect(self.line(invoice)).to_contain_text("Rejected")

    def approve_all(self, proposal):
        self.page.goto(proposal)
        self.page.locator("#approve-all").click()
        self.dialog().get_by_role("button", name=re.compile("^Approve")).click()
        self.until(self.page.locator("#states"), "In Light")

    def give_reason(self, label, button):
        self.dialog().get_by_label(label).check()
        self.dialog().get_by_role("button", name=button).click()


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def scripts(request):
    return request.param


@pytest.fixture
def books():
    return StoryBooks()


@pytest.fixture
def stack(tmp_path, books):
    running = Stack(tmp_path, books.dataset())
    yield running
    running.stop()


def test_the_straight_line(stack, books, person, scripts):
    paula = Story(person(stack, "preparer", java_script_enabled=scripts), stack, scripts)
    anton = Story(person(stack, "approver", java_script_enabled=scripts), stack, scripts)
    vendor = books.vendor["name"]
    eur, usd = books.eur_note["id"], books.usd_note["id"]

    in_eur = paula.clear(vendor, "EUR")
    in_usd = paula.clear(vendor, "USD")
    expect(paula.page.get_by_text("You proposed this").first).to_be_visible()

    anton.reject(in_eur, "INV-4712")
    anton.approve_all(in_eur)
    anton.approve_all(in_usd)
    assert [(one["invoicePayable"]["id"], one["amount"]) for one in stack.links(eur)] == [
        (books.eur_one["id"], 60000)
    ]
    assert [(one["invoicePayable"]["id"], one["amount"]) for one in stack.links(usd)] == [
        (books.usd_one["id"], 50000)
    ]

    # Another user of Light posts the invoice: planned turns to cleared.
    paula.page.goto(f"/credit-notes/{eur}/")
    links = paula.page.locator("section[aria-labelledby=links]")
    expect(links).to_contain_text("Planned")
    stack.act("post_invoice", invoicePayable=books.eur_one["id"])
    deadline = time.monotonic() + PATIENCE
    while "Cleared" not in links.inner_text() and time.monotonic() < deadline:
        time.sleep(0.5)
        paula.page.reload()
    expect(links).to_contain_text("Cleared")

    # Cancelling is refused while a link is active.
    paula.page.goto(f"/credit-notes/{usd}/")
    paula.page.get_by_role("link", name=re.compile("Cancel and reverse")).click()
    expect(paula.page.get_by_text(re.compile("still linked")).first).to_be_visible()
    expect(paula.dialog().get_by_role("button", name=re.compile("Cancel and"))).to_have_count(0)

    # The other link is removed by one person.
    paula.page.goto(f"/credit-notes/{usd}/")
    paula.page.get_by_role("link", name=re.compile("^Remove from invoice")).first.click()
    paula.give_reason("Wrong invoice", "Remove from invoice")
    paula.until(paula.page.locator("#states"), "In Light")
    assert stack.links(usd) == []

    # Then it can be cancelled, with a second person.
    paula.page.goto(f"/credit-notes/{usd}/")
    paula.page.get_by_role("link", name=re.compile("Cancel and reverse")).click()
    paula.give_reason("The vendor withdrew it", re.compile("Cancel and reverse"))
    expect(paula.page.locator("#states")).to_contain_text("Waiting for review")
    assert stack.light(f"/v1/credit-notes/{usd}")["status"] == "POSTED"
    anton.approve_all(paula.page.url.removeprefix(stack.url))
    assert stack.light(f"/v1/credit-notes/{usd}")["status"] == "ARCHIVED"

    # The trail tells who did what.
    paula.page.goto("/activity/")
    trail = paula.page.locator("main")
    for words in ("Paula Prepare", "Anton Approve", "Worker"):
        expect(trail).to_contain_text(words)
