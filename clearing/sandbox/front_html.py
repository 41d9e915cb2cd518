"""HTML by nesting: every text that is not HTML already is escaped."""

from __future__ import annotations

from html import escape
from typing import Any

VOID = frozenset({"input", "link", "meta"})


class Html(str):
    """A text that is HTML already."""

    __slots__ = ()


def tag(element: str, /, *inside: Any, **attributes: Any) -> Html:
    """`class_` and `for_` write class and for; None or False leaves an attribute or text out."""
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{_safe(value)}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if element in VOID:
        return Html(f"<{element}{written}>")
    return Html(f"<{element}{written}>{join(inside)}</{element}>")


def join(parts: Any) -> Html:
    return Html("".join(_inside(part) for part in parts))


def _inside(part: Any) -> str:
    if part is None or part is False:
        return ""
    return join(part) if isinstance(part, list | tuple) else _safe(part)


def _safe(value: Any) -> str:
    return value if isinstance(value, Html) else escape(str(value))


def hidden(**fields: Any) -> list[Html]:
    return [tag("input", type="hidden", name=name, value=value) for name, value in fields.items()]


def table(label: str, heads: list[str], rows: list[list[Any]], *right: int) -> Html:
    """A table that scrolls sideways where it must; `right` are the columns of numbers."""

    def cell(name: str, at: int, inside: Any) -> Html:
        scope = "col" if name == "th" else None
        return tag(name, inside, class_="number" if at in right else None, scope=scope)

    head = [cell("th" if text else "td", at, text) for at, text in enumerate(heads)]
    body = [tag("tr", [cell("td", at, each) for at, each in enumerate(row)]) for row in rows]
    whole = tag("table", tag("thead", tag("tr", head)), tag("tbody", body))
    return tag("div", whole, class_="scroll", tabindex="0", role="group", aria_label=label)
