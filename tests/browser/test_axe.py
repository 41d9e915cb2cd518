"""axe (WCAG 2.2 AA) finds nothing on any page, light and dark; dialogs: test_axe_dialogs.py."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

AXE = Axe()
RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}


def check(page):
    """Fail with what axe finds on the page as it stands, and where it is wider than the screen."""
    found = AXE.run(page, options=RULES).response["violations"]
    told = [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found]
    assert told == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


def first(page, path, selector):
    """The address behind the first link that fits."""
    page.goto(path)
    return page.locator(selector).first.get_attribute("href")


@pytest.fixture(params=["light", "dark"])
def page(request, demo, person):
    return person(demo, "preparer", color_scheme=request.param).page


@pytest.mark.parametrize(
    "path",
    ["/", "/credit-notes/", "/credit-notes/?use=not", "/invoice-payables/", "/vendors/",
     "/proposals/", "/proposals/?show=all", "/exceptions/", "/search/", "/search/?q=8213",
     "/search/?q=nothing-at-all", "/activity/", "/sync/", "/preferences/",
     "/month-end/", "/month-end/2026-10/", "/month-end/2026-10/rows/", "/month-end/1999-01/",
     "/month-end/evidence/", "/month-end/evidence/new/?from=2026-10",
     "/month-end/2026-10/rows/?kind=closing", "/month-end/2026-10/rows/?kind=cancelled&late=1",
     "/credit-notes/?q=nothing-at-all", "/credit-notes/?status=WHAT", "/duplicates/",
     "/duplicates/?show=vat", "/duplicates/?show=answered", "/filed-as-invoices/",
     "/stuck/", "/stuck/?cause=partly_cleared&age=30", "/stuck/?as=print", "/months/?as=print"],
)  # fmt: skip
def test_pages(page, path):
    page.goto(path)
    check(page)


@pytest.mark.parametrize(
    ("path", "selector"),
    [
        ("/credit-notes/?use=now", "th[scope=row] a"),
        ("/credit-notes/?status=PARTIALLY_CLEARED", "th[scope=row] a"),
        ("/credit-notes/?status=DRAFT", "th[scope=row] a"),
        ("/invoice-payables/?state=SCHEDULED", "th[scope=row] a"),
        ("/invoice-payables/?state=COMPLETED", "th[scope=row] a"),
        ("/vendors/", "th[scope=row] a"),
        ("/", "a[href*='/clearing/']"),
    ],
)
def test_details(page, path, selector):
    page.goto(first(page, path, selector))
    check(page)


def test_a_plan(page):
    """While it is asked for, made, gone through with a mistake, and about to be proposed."""
    page.goto("/plans/")
    check(page)
    page.get_by_role("button", name="Make a plan").click()
    expect(page.locator("#plan-totals")).to_be_visible(timeout=30_000)
    check(page)
    amount = page.locator("input.amount").first
    amount.fill("much")
    amount.press("Enter")
    expect(page.locator("[role=alert]")).to_be_focused()
    check(page)
    page.locator("#propose-all").click()
    expect(page.locator("#dialog")).to_be_visible()
    check(page)


def test_narrow(demo, person):
    page = person(demo, "viewer", viewport={"width": 320, "height": 700}).page
    for path in ("/", "/credit-notes/", "/vendors/", "/proposals/", "/sync/", "/drafts/",
                 "/duplicates/", "/filed-as-invoices/", "/reopened/", "/months/",
                 "/month-end/2026-10/"):  # fmt: skip
        page.goto(path)
        check(page)
    page.goto(first(page, "/", "a[href*='/clearing/']"))
    check(page)


def test_a_dialog_and_a_refused_form(page):
    page.goto(first(page, "/credit-notes/?use=now", "th[scope=row] a"))
    opener = page.get_by_role("link", name=re.compile("Cancel and reverse"))
    opener.click()
    page.locator("dialog[open]").wait_for()
    check(page)
    page.get_by_role("button", name=re.compile("Cancel and reverse")).click()
    page.locator("dialog [role=alert]").wait_for()
    check(page)
    page.keyboard.press("Escape")
    assert opener.evaluate("node => node === document.activeElement")


def test_the_sign_in_page(browser, demo):
    page = browser.new_page(base_url=demo.url)
    page.goto("/login/")
    check(page)
    page.close()


def test_two_that_may_be_one(page):
    """Side by side, and refused without words. The worker finds them within seconds."""
    compare = page.get_by_role("link", name="Compare").first
    for _ in range(60):
        page.goto("/duplicates/")
        if compare.count():
            break
        page.wait_for_timeout(500)
    compare.click()
    page.wait_for_url("**/duplicates/*/*/")
    check(page)
    page.get_by_role("button", name="Not a duplicate").click()
    page.get_by_role("alert").wait_for()
    check(page)
