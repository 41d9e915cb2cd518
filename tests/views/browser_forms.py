"""What a browser would send of a form of a page: its fields as they stand in it."""

from html.parser import HTMLParser
from typing import Any


class _Form(HTMLParser):
    """The fields of the form with this action; buttons are sent by whoever presses them."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.action, self.inside, self.disabled = action, False, 0
        self.data: dict[str, str] = {}
        self.select, self.area = "", ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        at = dict(attrs)
        if tag == "form":
            path, _hash, _place = (at.get("action") or "").partition("#")
            self.inside = path == self.action and at.get("method") == "post"
        if not self.inside:
            return
        if tag == "fieldset" and ("disabled" in at or self.disabled):
            self.disabled += 1
        if self.disabled or "disabled" in at:
            return
        name = at.get("name")
        if tag == "input" and name:
            if at.get("type") not in ("radio", "checkbox") or "checked" in at:
                self.data[name] = at.get("value", "on")
        elif tag == "select":
            self.select = name or ""
        elif tag == "option" and self.select:
            if "selected" in at or self.select not in self.data:
                self.data[self.select] = at.get("value", "")
        elif tag == "textarea" and name:
            self.area = name
            self.data[name] = ""

    def handle_data(self, data: str) -> None:
        if self.area:
            self.data[self.area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "fieldset" and self.disabled:
            self.disabled -= 1
        elif tag == "select":
            self.select = ""
        elif tag == "textarea":
            self.area = ""


def fields(answer: Any, action: str) -> dict[str, str]:
    """Names and values of the form with this action, as a browser would send them."""
    parser = _Form(action)
    parser.feed(answer.text)
    found = dict(parser.data)
    found.pop("csrfmiddlewaretoken", None)
    # A browser sends the line breaks of a textarea its own way.
    return {name: value.replace("\n", "\r\n") for name, value in found.items()}
