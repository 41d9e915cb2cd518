"""axe finds nothing in the dialogs and forms of drafts, corrections and many at once."""

import re

import pytest

from tests.browser.test_axe import check, first

SCHEMES = ["light", "dark"]


@pytest.fixture(params=SCHEMES)
def preparer(request, demo, person):
    return person(demo, "preparer", color_scheme=request.param).page


@pytest.fixture(params=SCHEMES)
def controller(request, demo, person):
    return person(demo, "controller", color_scheme=request.param).page


def in_group(page, code, place="#queue-rows th a"):
    """A draft of the queue; its lines are read a moment after the first sync."""
    for _attempt in range(60):
        page.goto(f"/drafts/?group={code}")
        if page.locator(place).count():
            break
        page.wait_for_timeout(500)
    return page.locator(place).first.get_attribute("href")


def opened(page, opener):
    """Open a dialog and look at it; the dialog."""
    opener.click()
    dialog = page.locator("dialog[open]")
    dialog.locator("h2").first.wait_for()
    page.wait_for_timeout(100)  # the focus settles
    check(page)
    return dialog


def refused(page, dialog, button):
    """Confirm without what is asked for, look, and leave it by the keyboard."""
    dialog.get_by_role("button", name=button).click()
    dialog.locator("[role=alert]").wait_for()
    check(page)
    page.keyboard.press("Escape")


def test_deciding_about_stuck_credit(preparer):
    page = preparer
    for _attempt in range(180):  # the worker says what can be used after the first sync
        page.goto("/stuck/?decision=none")
        if page.locator("[data-select]").count():
            break
        page.wait_for_timeout(500)
    dialog = opened(page, page.locator("a[id^=decide-]").first)
    dialog.get_by_label("Wait for the next invoice").check()
    dialog.get_by_label("Look at it again on").fill("")
    refused(page, dialog, "Note the decision")
    page.locator("[data-select]").first.check()
    dialog = opened(page, page.locator("#bulk-go"))
    dialog.get_by_label("Disputed with the vendor").check()
    dialog.get_by_label("Look at it again on").fill("")
    dialog.get_by_role("button", name="Note the decision").click()
    page.get_by_text("Disputed with the vendor: 1 credit note.").wait_for()
    check(page)


def test_editing_a_draft_and_its_lines(preparer):
    page = preparer
    page.goto(in_group(page, "differ"))
    check(page)  # the draft beside the queue, with its warning
    page.goto(in_group(page, "differ", "#draft h2 a") + "edit/")
    check(page)
    page.get_by_text("More fields").first.click()
    page.get_by_label("Search: Vendor").fill("nord")
    page.locator("#choices-vendor_id label").nth(1).wait_for()
    check(page)
    page.get_by_label("Amount", exact=False).first.fill("12.3.4")
    page.get_by_role("button", name="Save", exact=True).last.click()
    page.locator("#draft-head .error-summary").wait_for()
    check(page)
    page.locator("#add-line").click()
    form = page.get_by_role("form", name="New line")
    form.wait_for()
    check(page)
    form.get_by_role("button", name="Add line").click()
    form.locator(".error-summary").wait_for()
    check(page)
    page.goto(page.url)
    opened(page, page.locator("a[id^=delete-line]").first)


def test_the_post_dialog(controller):
    page = controller
    for group in ("complete", "no_vendor"):
        page.goto(in_group(page, group, "#draft h2 a") + "edit/")
        opened(page, page.locator("#post"))
    page.goto("/drafts/?group=complete")
    page.locator("#queue-rows [data-select]").first.check()
    opened(page, page.locator("#post-selected"))


def test_months(controller):
    page = controller
    page.goto("/months/")
    opened(page, page.locator("a[id^=change-]").first)


def test_undoing_and_moving(preparer):
    page = preparer
    page.goto(first(page, "/credit-notes/?status=PARTIALLY_CLEARED", "th[scope=row] a"))
    check(page)
    dialog = opened(page, page.locator("a[id^=undo-]").first)
    refused(page, dialog, "Undo clearing")
    opened(page, page.locator("a[id^=move-]").first)


def test_many_at_once(preparer):
    page = preparer
    page.goto("/credit-notes/?use=now")
    for box in page.locator("[data-select]").all()[:3]:
        box.check()
    check(page)
    dialog = opened(page, page.locator("#bulk-go"))
    refused(page, dialog, re.compile("^Cancel 3"))


def test_duplicates(preparer):
    page = preparer
    pair = first(page, "/duplicates/", "a[href^='/duplicates/']")
    page.goto(pair)
    check(page)


def test_a_credit_note_from_an_invoice(preparer):
    page = preparer
    page.goto(first(page, "/invoice-payables/?state=UNPAID", "th[scope=row] a"))
    check(page)
    opened(page, page.get_by_role("link", name=re.compile("Create credit note")).first)


@pytest.mark.parametrize("path", ["/drafts/", "/duplicates/", "/filed-as-invoices/"])
def test_narrow_details(demo, person, path):
    page = person(demo, "preparer", viewport={"width": 320, "height": 700}).page
    page.goto(path)
    link = page.locator("#queue-rows th a, main th[scope=row] a").first
    page.goto(link.get_attribute("href"))
    check(page)


def test_what_is_known_of_light(controller):
    page = controller
    for _attempt in range(60):  # the balances of partly used credit come with the first sync
        page.goto("/your-light/")
        if page.locator("#apart").count():
            break
        page.wait_for_timeout(500)
    check(page)
    refused(page, opened(page, page.locator("#answer-scheduled_payment")), "Keep this answer")
    refused(page, opened(page, page.locator("#try-partly_cleared")), "Propose the trial")
