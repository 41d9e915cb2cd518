"""Where the focus goes, and which message stays, after a form of a draft was sent."""

from playwright.sync_api import expect


def test_a_refused_form_takes_the_focus_although_enter_sent_it(demo, person):
    page = person(demo, "preparer").page
    page.goto("/drafts/?group=no_vendor")
    page.get_by_role("button", name="Save", exact=True).last.click()
    said = page.locator("#messages")
    expect(said).to_contain_text("Nothing was changed")
    page.locator("#id_amount").fill("12.3.4")
    page.locator("#id_amount").press("Enter")
    expect(page.locator("#draft-head .error-summary")).to_be_focused()
    expect(said).to_be_empty()  # at most one message: that of the step before has gone


def test_leaving_a_new_line_gives_the_focus_back(demo, person):
    page = person(demo, "preparer").page
    page.goto("/drafts/?group=no_vendor")
    page.locator("#add-line").click()
    page.get_by_role("form", name="New line").get_by_role("link", name="Cancel").click()
    expect(page.locator("#add-line")).to_be_focused()


def test_a_confirmation_of_many_gives_the_focus_back_to_its_button(demo, person):
    page = person(demo, "preparer").page
    page.goto("/credit-notes/?use=now")
    page.locator("[data-select]").first.check()
    page.locator("#bulk-go").click()
    expect(page.locator("dialog[open]").get_by_text("Keep it")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#bulk-go")).to_be_focused()


def test_a_confirmation_longer_than_the_screen_opens_at_its_title(demo, person):
    page = person(demo, "preparer", viewport={"width": 390, "height": 420}).page
    page.goto("/credit-notes/?use=now")
    page.locator("[data-select]").first.check()
    page.locator("#bulk-go").click()
    title = page.locator("dialog[open] #dialog-title")
    expect(title).to_be_focused()
    expect(title).to_be_in_viewport()
