"""The whole story through the pages, with the sandbox as a process: with JavaScript and without.

A preparer proposes three links in two currencies; an approver rejects one and approves the rest;
the worker sends; Light's own API shows exactly these links. Another user of Light posts an
invoice, and planned turns to cleared. A preparer removes the other link. Cancelling a credit note
is refused while a link is active and works afterwards, with a second person.
"""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.stack import Stack
from tests.browser.story import Story
from tests.light_books import StoryBooks


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
    clearings = paula.page.locator("section[aria-labelledby=clearings]")
    paula.reload_until(clearings, "INV-4711")
    expect(clearings).to_contain_text("EUR 600.00")

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
