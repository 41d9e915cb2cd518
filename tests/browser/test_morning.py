"""A company of 40 vendors with 300 open credit notes is cleared in a morning, by keyboard.

Suggest, look through, adjust one, propose all as one batch; a second person decides about each
exception and approves the rest as a group; the worker sends. Then Light's own books are read:
they hold what was approved, to the smallest unit of each currency, and nothing else.
"""

import re
import sqlite3
import time
from contextlib import closing
from datetime import date

import pytest
from playwright.sync_api import expect

from tests.browser.books_check import Bound, per_currency, ties_out
from tests.browser.keys import Keys
from tests.browser.morning_company import CREDITS, Company
from tests.browser.stack import Stack

DECIMALS = {"EUR": 2, "USD": 2, "JPY": 0}
PATIENCE = 240  # seconds for reading or sending all of it
# The lines that an approver sees: their two documents and the amount, as words.
LINES = """() => [...document.querySelectorAll("tr[id^=line-]")].map((row) => [
    ...[...row.querySelectorAll("a.doc")].map((one) => one.textContent.trim()),
    row.querySelector(".money.strong").textContent,
])"""
READ = """select (select count(*) from clearing_syncrun where state = 'done'),
    (select count(*) from clearing_citation where pdf <> 'wanted')"""
EXCEPTION = "#exceptions button[id^=approve-]"


@pytest.fixture
def company():
    return Company(date.today())


@pytest.fixture
def stack(tmp_path, company):
    running = Stack(tmp_path, company.dataset(), SYNC_INTERVAL="3600")
    yield running
    running.stop()


def seen(note, invoice, amount):
    """A line as it stands on the screen, "EUR 1,234.50" in the smallest unit."""
    currency, figures = amount.split()
    whole, _point, part = figures.replace(",", "").partition(".")
    assert len(part) == DECIMALS[currency], amount
    return Bound(note, invoice, currency, int(whole + part))


def until(true, page, words):
    """Look again until the worker has done it."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, words
        page.wait_for_timeout(300)


def everything_read(page, stack):
    """The first sync is over, and the worker has looked into every document."""

    def over():
        with closing(sqlite3.connect(f"file:{stack.data}/lightui.sqlite3?mode=ro", uri=True)) as db:
            return db.execute(READ).fetchone() == (1, CREDITS)

    until(over, page, "reading the documents")


def suggest(page):
    """From the first page to a plan of everything, ready to be looked through."""
    keys = Keys(page)
    page.goto("/")
    keys.enter("a[href='/plans/']")
    keys.enter("main form.plan-form button.primary")
    page.locator("#plan-totals").wait_for(timeout=PATIENCE * 1000)
    expect(page.locator(".count")).to_contain_text("20 vendor accounts of 40")


def look_through(page):
    """Every page of the plan by the keyboard: what it suggests, each with its reason."""
    keys, found = Keys(page), []
    while True:
        rows = page.locator("tr[id^=line-]")
        for row in rows.all_inner_texts():
            assert re.search(r"(Certain|Likely|Possible)\s+\S.*\.", row), row
            assert "CR-08-2" not in row or "PDF page 1 says “zu Rechnung 7008-12”" in row, row
        labels = rows.locator("input.amount").evaluate_all("all => all.map((one) => one.ariaLabel)")
        found += [re.search(r"from (.+) to (.+)", label).groups() for label in labels]
        if not page.locator("a[rel=next]").count():
            return found
        here = page.url
        keys.enter("a[rel=next]", "Shift+Tab")  # from the end of the page
        page.wait_for_url(lambda url, here=here: url != here)


def adjust_one(page):
    """Give one credit note to its invoice in part only; the totals follow."""
    keys, field = Keys(page), page.locator("tr[id^=line-] input.amount").first
    currency, note, invoice = re.search(
        "Amount in (.+) from (.+) to (.+)", field.get_attribute("aria-label")
    ).groups()
    before = page.locator("#plan-totals").inner_text()
    amount = "50" if currency == "JPY" else "50.00"
    keys.type_over(f"#{field.get_attribute('id')}", amount)
    row = page.locator("tr[id^=line-]").filter(has_text=f"{note} → {invoice}")
    expect(row).to_contain_text("suggested: ")
    expect(page.locator("#plan-totals")).not_to_have_text(before)
    return seen(note, invoice, f"{currency} {amount}")


def propose_all(page):
    """The whole plan as one batch; its address."""
    keys = Keys(page)
    keys.enter("#propose-all")
    page.locator("dialog[open] h2").first.wait_for()
    keys.enter("#dialog button.primary")
    batch = page.locator("a[href^='/batches/'], h1:has-text('Batch')").first
    batch.wait_for(timeout=PATIENCE * 1000)
    if "/batches/" not in page.url:
        expect(page.locator("#plan .progress")).to_have_count(0, timeout=PATIENCE * 1000)
        keys.enter("a[href^='/batches/']")
        page.wait_for_url("**/batches/*/")
    return page.url


def pages_of(page, batch):
    """The addresses of a batch's pages of lines."""
    page.goto(batch)
    others = page.locator("nav.pager a").evaluate_all("all => all.map((one) => one.href)")
    return [batch, *others]


def decide(page, batch):
    """Each exception by itself, then the rest of each page by its button; what was approved."""
    keys, approved, places = Keys(page), [], pages_of(page, batch)
    for place in places:
        page.goto(place)
        approved += [seen(*row) for row in page.evaluate(LINES)]
    page.goto(batch)
    while page.locator(EXCEPTION).count():
        one = page.locator(EXCEPTION).first.get_attribute("id")
        keys.enter(f"#{one}")
        expect(page.locator(f"#{one}")).to_have_count(0, timeout=PATIENCE * 1000)
    for _place in places:  # what is decided makes room: the first page holds what waits
        keys.enter("#approve-all")
        page.locator("dialog[open] h2").first.wait_for()
        keys.enter("#dialog button.primary")
        expect(page.locator("#messages")).to_contain_text("approved.", timeout=PATIENCE * 1000)
        page.goto(batch)
    assert page.locator("#left").all_inner_texts() == [], page.locator("#lines").inner_text()[:2000]
    return approved


def everything_sent(page, batch, lines):
    """The page follows by itself."""
    page.goto(batch)
    expect(page.locator("#states")).to_have_text(f"{lines} In Light", timeout=PATIENCE * 1000)


def test_the_morning(stack, company, person):
    paula = person(stack, "preparer").page
    everything_read(paula, stack)
    suggest(paula)
    suggested = look_through(paula)
    assert len(suggested) == len(set(suggested)) == CREDITS
    adjusted = adjust_one(paula)
    batch = propose_all(paula)

    anton = person(stack, "approver").page
    approved = decide(anton, batch)
    assert adjusted in approved
    everything_sent(anton, batch, len(approved))
    stack.stop()
    sums = ties_out(stack.data, company.dataset(), approved)
    assert sums.keys() == {"EUR", "USD", "JPY"} and len(approved) >= CREDITS
    assert sums == per_currency(approved)
