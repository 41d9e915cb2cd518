"""The pages as one person works them, with JavaScript and without."""

import re
import time

from playwright.sync_api import expect

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

    def reload_until(self, locator, text):
        """Reload the page until it shows this text: what others did in Light comes by sync."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if locator.count() and re.search(text, locator.first.inner_text()):
                return
            time.sleep(0.5)
            self.page.reload()
        expect(locator.first).to_contain_text(re.compile(text))

    def clear(self, vendor, currency):
        """Propose what the clearing page suggests for one currency; the proposal's path."""
        self.page.goto("/vendors/")
        self.page.get_by_role("link", name=vendor).first.click()
        link = self.page.locator(f"a[href*='/clearing/'][href*='currency={currency}']").first
        link.click()
        button = self.page.get_by_role("button", name=re.compile(r"^Propose \d+ links? for"))
        self.reload_until(button, "Propose")  # what is free may be read a moment later
        self.page.get_by_label("Note to the approver").fill("Agreed on the phone")
        button.click()
        expect(self.page.get_by_role("heading", level=1)).to_contain_text("Proposal")
        return self.page.url.removeprefix(self.url)

    def dialog(self):
        """What a confirmation shows: in the dialog, or as a page without JavaScript."""
        return self.page.locator("#dialog .dlg, main .dlg")

    def line(self, text):
        return self.page.locator("tr[id^=line-]").filter(has_text=text)

    def reject(self, proposal, invoice):
        self.page.goto(proposal)
        self.line(invoice).get_by_role("link", name="Reject").click()
        self.page.get_by_label("Disputed with the vendor").check()
        self.dialog().get_by_role("button", name="Reject the line").click()
        expect(self.line(invoice)).to_contain_text("Rejected")

    def approve_all(self, proposal, words="In Light"):
        """Each exception by itself, then the rest together."""
        self.page.goto(proposal)
        exceptions = self.page.locator("#exceptions")
        buttons = exceptions.locator("button[id^=approve-]:enabled")
        while n := buttons.count():
            buttons.first.click()
            expect(buttons).to_have_count(n - 1)
        if self.page.locator("#approve-all").count():
            self.page.locator("#approve-all").click()
            self.dialog().get_by_role("button", name=re.compile("^Approve")).click()
        self.until(self.page.locator("#states"), words)

    def give_reason(self, label, button):
        self.dialog().get_by_label(label).check()
        self.dialog().get_by_role("button", name=button).click()
