"""Reviewing on a phone: 38 lines with 3 exceptions at 390 px, and no place is lost.

Each exception is decided where it stands: the next one takes the focus, the row stays, what is
left is told and always in view. Then the group, by the keyboard.
"""

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from clearing.sandbox import records
from tests.browser.stack import Stack
from tests.browser.story import PATIENCE, Story
from tests.browser.test_axe import check
from tests.light_books import StoryBooks

LINES, PAID_SOON = 38, 3
PHONE = {"width": 390, "height": 844}


class Books(StoryBooks):
    """38 credits, each citing its invoice of the same amount; three of these are paid tomorrow."""

    def dataset(self, **more):
        notes, invoices = [], []
        for n in range(LINES):
            number, amount = f"INV-{70_000 + n * 37}", 10_000 + n * 111
            over = {"state": "SCHEDULED", "paymentAt": tomorrow()} if n < PAID_SOON else {}
            day = (date.today() + timedelta(days=60)).isoformat()
            invoices.append(self.invoice(number, amount, "EUR", dueDate=day, **over))
            text = f"Returned goods, invoice {number}"
            notes.append(self.note(f"CR-{900 + n}", amount, "EUR", description=text))
        return records.dataset(
            entities=[self.entity], vendors=[self.vendor],
            credit_notes=notes, invoice_payables=invoices,
        )  # fmt: skip


def tomorrow():
    return f"{date.today() + timedelta(days=1)}T12:00:00Z"


@pytest.fixture
def books():
    return Books()


@pytest.fixture
def stack(tmp_path, books):
    running = Stack(tmp_path, books.dataset())
    yield running
    running.stop()


def proposed(stack, books, person):
    """What the clearing page suggests for all 38 credits, proposed; the proposal's path."""
    paula = Story(person(stack, "preparer"), stack, True)
    vendor = books.vendor["vendorId"]
    paula.page.goto(f"/vendors/{vendor}/clearing/?entity={books.entity['id']}&currency=EUR")
    button = paula.page.get_by_role("button", name=re.compile(r"^Propose \d+ links? for"))
    for _ in range(3):  # a sync reads a few documents at a time
        try:
            paula.reload_until(button, f"Propose {LINES} links")
            break
        except AssertionError:
            continue
    button.click()
    expect(paula.page.get_by_role("heading", level=1)).to_contain_text("Proposal")
    return paula.page.url.removeprefix(stack.url)


def test_a_phone_keeps_its_place(stack, books, person):
    proposal = proposed(stack, books, person)
    page = person(stack, "approver", viewport=PHONE, has_touch=True).page
    page.goto(proposal)
    left = page.locator("#left")
    expect(left).to_have_text("38 left · 3 exceptions")
    check(page)
    exceptions = page.locator("#exceptions")
    buttons = [one.get_attribute("id") for one in exceptions.locator("button[id^=approve-]").all()]
    assert len(buttons) == PAID_SOON
    approve_in_place(page, exceptions, buttons, left)
    reject_in_place(page, buttons, left)
    approve_the_group(page, left)


def approve_in_place(page, exceptions, buttons, left):
    """The first by a tap, the second by Enter: the row stays, the next button has the focus."""
    first = page.locator(f"#{buttons[0]}")
    row = exceptions.locator("tr[id^=line-]").first
    first.tap()
    expect(page.locator(f"#{buttons[1]}")).to_be_focused()
    expect(left).to_have_text("37 left · 2 exceptions")
    expect(row).to_contain_text(re.compile("Approved, waits|Sending|In Light"))
    expect(page.locator(f"#{buttons[1]}")).to_be_in_viewport()
    expect(left).to_be_in_viewport()
    place = page.evaluate("scrollY")
    page.keyboard.press("Enter")
    expect(page.locator(f"#{buttons[2]}")).to_be_focused()
    expect(left).to_have_text("36 left · 1 exception")
    expect(left).to_be_in_viewport()
    assert abs(page.evaluate("scrollY") - place) < PHONE["height"]


def reject_in_place(page, buttons, left):
    """The third is rejected: after the last exception the group's button has the focus."""
    page.locator(f"#{buttons[2].replace('approve', 'reject')}").tap()
    page.get_by_label("Wrong amount").check()
    page.locator("#dialog").get_by_role("button", name="Reject the line").tap()
    expect(page.locator("#dialog")).to_be_hidden()
    expect(page.locator("#approve-all")).to_be_focused()
    expect(left).to_have_text("35 left · 0 exceptions")
    expect(left).to_be_in_viewport()
    check(page)


def approve_the_group(page, left):
    assert re.fullmatch(r"Approve 35 lines for EUR [\d,.]+", page.inner_text("#approve-all"))
    page.keyboard.press("Enter")
    dialog = page.locator("#dialog .dlg")
    expect(dialog).to_contain_text("Approve 35 lines for EUR")
    check(page)
    dialog.get_by_role("button", name=re.compile("^Approve 35")).tap()
    said = page.locator("#messages")
    expect(said).to_contain_text("35 approved.", timeout=PATIENCE * 1000)
    expect(left).to_have_count(0)
    check(page)
    done = page.locator("#states")
    expect(done).to_contain_text(re.compile("37 In Light"), timeout=PATIENCE * 1000)
    expect(done).to_contain_text("1 Rejected")


def test_both_documents_by_the_keyboard(stack, books, person):
    proposal = proposed(stack, books, person)
    page = person(stack, "approver").page
    page.goto(proposal)
    links = page.locator("#exceptions").get_by_role("link", name="Both documents")
    names = [one.removeprefix("Both documents").strip() for one in links.all_text_contents()]
    links.first.click()
    title = page.get_by_role("heading", level=1)
    expect(title).to_contain_text(names[0])
    expect(page.locator("iframe.paper")).to_have_count(2)
    check(page)
    page.keyboard.press("j")
    expect(title).to_contain_text(names[1])
    page.keyboard.press("k")
    expect(title).to_contain_text(names[0])
    page.get_by_role("button", name=re.compile("^Approve CR-")).click()
    expect(title).to_contain_text(names[1])
    expect(page.locator("#left")).to_have_text("37 left · 2 exceptions")
    page.get_by_role("link", name=re.compile("^Reject CR-")).click()
    page.get_by_label("Wrong amount").check()
    page.locator("#dialog").get_by_role("button", name="Reject the line").click()
    expect(title).to_contain_text(names[2])
