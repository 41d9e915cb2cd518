"""The clearing page without the mouse: from vendor to vendor, accept, adjust, skip, reject."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_axe import check


def to_a_vendor_with_lines(page: Page, wanted: int) -> None:
    """By n from the first vendor on, to one with that many suggested lines."""
    page.goto("/vendors/?use=now")
    page.locator("a[href*='/clearing/?']").first.click()
    for _ in range(20):
        expect(page.locator("#bench")).to_be_visible()
        if page.locator("input.amount").count() >= wanted:
            return
        here = page.url
        page.keyboard.press("n")
        page.wait_for_url(lambda url, here=here: url != here and "/clearing/?" in url)
    raise AssertionError("no vendor has that many lines")


def test_lines_are_accepted_adjusted_and_skipped_by_keys(demo, person):
    page = person(demo, "preparer").page
    to_a_vendor_with_lines(page, 3)
    lines, boxes = page.locator("[id^=line-amount-]"), page.locator("[id^=keep-amount-]")
    n = lines.count()
    page.keyboard.press("j")
    expect(lines.first).to_be_focused()
    page.keyboard.press("a")
    expect(boxes.first).to_be_checked()
    expect(lines.nth(1)).to_be_focused()
    page.keyboard.press("e")
    field = page.locator("input.amount").nth(1)
    expect(field).to_be_focused()
    field.fill("0.01")
    page.keyboard.press("Escape")
    expect(lines.nth(1)).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("s")
    expect(lines).to_have_count(n - 1)
    expect(lines.first).to_be_focused()  # the next line has moved up
    expect(page.locator("input.amount").first).to_have_value("0.01")
    page.keyboard.press("p")
    expect(page.locator("#propose")).to_be_focused()
    expect(page.locator("#propose")).to_contain_text(re.compile(rf"^Propose {n - 1} links? for"))
    page.locator("#start-suggest").click()
    expect(lines).to_have_count(n)


def test_two_keys_in_a_hurry_are_both_done(demo, person):
    page = person(demo, "preparer").page
    to_a_vendor_with_lines(page, 3)
    lines = page.locator("[id^=line-amount-]")
    n = lines.count()
    page.keyboard.press("j")
    page.keyboard.press("s")
    page.keyboard.press("s")
    expect(lines).to_have_count(n - 2)
    page.locator("#start-suggest").click()
    expect(lines).to_have_count(n)


def test_a_suggestion_is_rejected_by_keys_and_wanted_again(demo, person):
    page = person(demo, "preparer").page
    to_a_vendor_with_lines(page, 2)
    page.keyboard.press("j")
    name = page.evaluate("document.activeElement.id")
    page.keyboard.press("r")
    expect(page.locator("dialog[open]").get_by_text("Keep it")).to_be_focused()
    page.locator("#id_reason").fill("Another delivery")
    page.get_by_role("button", name="Reject the suggestion").click()
    expect(page.locator("#messages")).to_contain_text("not suggested together again")
    expect(page.locator(f"[id='{name}']")).to_have_count(0)
    page.get_by_text("pair that is not suggested").click()
    page.get_by_role("button", name="Suggest again").click()
    expect(page.locator("#messages")).to_contain_text("may be suggested together again")
    page.locator("#start-suggest").click()
    expect(page.locator(f"[id='{name}']")).to_have_count(1)


def test_the_round_goes_on_and_back(demo, person):
    page = person(demo, "preparer").page
    to_a_vendor_with_lines(page, 1)
    first = page.url
    page.keyboard.press("n")
    page.wait_for_url(lambda url: url != first)
    page.keyboard.press("b")
    page.wait_for_url(first)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_dialog_and_on_a_page_with_rejections(demo, person, scheme):
    page = person(demo, "preparer", color_scheme=scheme).page
    to_a_vendor_with_lines(page, 2)
    page.locator("details:not([open]) > summary").evaluate_all(
        "all => all.map((one) => one.click())"
    )
    check(page)
    page.keyboard.press("j")
    page.keyboard.press("r")
    dialog = page.locator("dialog[open]")
    dialog.locator("h2").wait_for()
    page.wait_for_timeout(100)  # the focus settles
    check(page)
    dialog.get_by_role("button", name="Reject the suggestion").click()
    expect(dialog.get_by_role("alert")).to_be_focused()
    check(page)
    page.locator("#id_reason").fill("Another delivery")
    dialog.get_by_role("button", name="Reject the suggestion").click()
    page.get_by_text("pair that is not suggested").click()
    check(page)
    page.get_by_role("button", name="Suggest again").click()
    expect(page.locator("#messages")).to_contain_text("may be suggested together again")
