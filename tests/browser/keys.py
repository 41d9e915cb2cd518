"""A person at the keyboard: the mouse is never touched."""

from typing import Any

MOST = 1500  # steps of the Tab key before somebody would give up

HERE = "(selector) => document.activeElement.matches(selector)"


class Keys:
    """The keys of one page."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def reach(self, selector: str, step: str = "Tab") -> None:
        """Step on until the focus is on what fits this selector."""
        self.page.locator(selector).first.wait_for()
        for _step in range(MOST):
            if self.page.evaluate(HERE, selector):
                return
            self.press(step)
        raise AssertionError(f"{step} does not lead to {selector} on {self.page.url}")

    def enter(self, selector: str, step: str = "Tab") -> None:
        self.reach(selector, step)
        self.press("Enter")

    def type_over(self, selector: str, text: str) -> None:
        """Replace what a field holds, and leave it."""
        self.reach(selector)
        self.press("Control+A")
        self.page.keyboard.type(text)
        self.press("Tab")
