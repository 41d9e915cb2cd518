"""A month end without the mouse: the ledger's figure, two signatures, opened again."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.keys import Keys
from tests.browser.test_axe import check

ENTITY = "Fjordlys Japan"  # has the fewest credit notes


def to_the_month(page: Page) -> None:
    """The last month that is over, of the entity; by keys."""
    keys = Keys(page)
    page.goto("/month-end/")
    keys.reach("#f-entity")
    page.keyboard.type(ENTITY)
    keys.enter("#f-entity ~ button, form.filters button")
    page.wait_for_url(re.compile(r"/month-end/\?entity="))
    page.locator("tbody tr", has_not_text="Not over").first.locator("a").wait_for()
    href = (
        page.locator("tbody tr", has_not_text="Not over").first.locator("a").get_attribute("href")
    )
    keys.enter(f'a[href="{href}"]')
    page.wait_for_url(re.compile(r"/month-end/20..-../"))
    expect(page.locator("#signing")).to_be_visible(timeout=30_000)


def until_nothing_is_read(page: Page) -> None:
    """Light's past is read once, a moment after the demo began."""
    for _attempt in range(60):
        if not page.get_by_text("was not read to its end").count():
            return
        page.wait_for_timeout(1000)
        page.reload()
    raise AssertionError("the past is read for ever")


def tie(page: Page) -> None:
    """Enter what our closing is, as if the ledger showed it."""
    keys = Keys(page)
    for link in page.locator("a[id^=ledger-]").all():
        name = link.get_attribute("id")
        keys.enter(f"#{name}")
        dialog = page.locator("dialog[open]")
        dialog.locator("h2").first.wait_for()
        page.wait_for_timeout(100)
        check(page)
        closing = re.sub(r"^[A-Z]{3} ", "", dialog.locator("#dialog-effect b").inner_text())
        keys.type_over("#id_amount", closing)
        keys.enter("dialog[open] button.primary")
        expect(page.locator("#messages")).to_contain_text("Noted.")
    for _attempt in range(30):
        if not page.get_by_text("The ledger's figure in").count():
            return
        page.wait_for_timeout(1000)
        page.reload()


def accept_what_is_old(page: Page) -> None:
    """By keys, through the lists that stand in the way."""
    keys, here = Keys(page), page.url
    for name in ("undecided", "exceptions"):
        link = f'.notice a[href*="/lists/{name}/"]'
        if not page.locator(link).count():
            continue
        keys.enter(link)
        page.wait_for_url(re.compile(f"/lists/{name}/"))
        check(page)
        keys.reach("#every")
        keys.press("Space")
        keys.reach("#id_reason")
        page.keyboard.type("Known, and followed up")
        keys.enter("form button.primary")
        page.wait_for_url(here)
    for _attempt in range(30):
        if page.locator("#sign").count():
            return
        page.wait_for_timeout(1000)
        page.reload()


def sign(page: Page) -> None:
    keys = Keys(page)
    keys.enter("#sign")
    page.locator("dialog[open] h2").first.wait_for()
    page.wait_for_timeout(100)
    check(page)
    keys.enter("dialog[open] button.primary")
    expect(page.locator("#messages")).to_contain_text("Signed.")
    check(page)


def test_a_month_is_tied_signed_by_two_and_opened_again_by_keys(demo, person):
    controller = person(demo, "controller").page
    to_the_month(controller)
    until_nothing_is_read(controller)
    check(controller)
    tie(controller)
    accept_what_is_old(controller)
    sign(controller)
    expect(controller.locator("#why-not-sign")).to_contain_text("A second person")
    approver = person(demo, "approver", color_scheme="dark").page
    to_the_month(approver)
    sign(approver)
    Keys(approver).enter('a[href^="/month-end/papers/"]')
    approver.wait_for_url(re.compile("/month-end/papers/"))
    check(approver)
    controller.reload()
    keys = Keys(controller)
    keys.enter("#reopen")
    controller.locator("dialog[open] h2").first.wait_for()
    keys.reach("#id_reason")
    controller.keyboard.type("A credit note was forgotten")
    keys.enter("dialog[open] button:not([data-close])")
    expect(controller.locator("#closing")).to_contain_text("Opened again by")
    check(controller)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_lists_files_and_evidence(demo, person, scheme):
    page = person(demo, "controller", color_scheme=scheme).page
    to_the_month(page)
    month, query = page.url.split("?")
    places = [f"{month}lists/{key}/?{query}" for key in ("open", "owing", "not-posted")]
    places += [f"{month}?{query}&as=print", "/month-end/evidence/", "/month-end/evidence/new/"]
    for place in (*places, "/activity/"):
        page.goto(place)
        check(page)
