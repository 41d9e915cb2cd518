"""Filters of a list: read from the query string, shown as chips, told where not understood."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.utils.translation import gettext as _

from clearing import labels

LONGEST = 200  # characters of a text search


@dataclass(frozen=True)
class Chip:
    """One active filter, in words, and the address without it."""

    text: str
    url: str


@dataclass
class Filters:
    """What one query string asks for. `values` holds only what was understood, as it stands in
    an address; `words` names each value for its chip; `notices` says what was left out.
    """

    query: Mapping[str, str]
    values: dict[str, str] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)

    def _given(self, name: str) -> str:
        return self.query.get(name, "").replace("\x00", "").strip()

    def _keep(self, name: str, value: str, words: str) -> None:
        self.values[name], self.words[name] = value, words

    def _unknown(self, label: str, given: str) -> None:
        shown = given if len(given) <= 40 else f"{given[:40]}…"
        self.notices.append(
            _("The filter “%(label)s” does not know “%(given)s”, so it was left out.")
            % {"label": label, "given": shown}
        )

    def text(self, name: str, label: str) -> str:
        """A text to search for, at most LONGEST characters of it."""
        given = self._given(name)
        if len(given) > LONGEST:
            given = given[:LONGEST].strip()
            self.notices.append(
                _("Only the first %(n)d characters were searched for.") % {"n": LONGEST}
            )
        if given:
            self._keep(name, given, f"{label}: {given}")
        return given

    def choice(self, name: str, label: str, choices: Mapping[str, Any]) -> str:
        """One of `choices` (value: words), or nothing."""
        given = self._given(name)
        if given and given not in choices:
            self._unknown(label, given)
            return ""
        if given:
            self._keep(name, given, f"{label}: {choices[given]}")
        return given

    def code(self, name: str, label: str) -> str:
        """A currency's code of three letters, or nothing."""
        given = self._given(name).upper()
        if given and not (len(given) == 3 and given.isascii() and given.isalpha()):
            self._unknown(label, given)
            return ""
        if given:
            self._keep(name, given, f"{label}: {given}")
        return given

    def uuid(self, name: str, label: str) -> UUID | None:
        """A document's or vendor's id, or nothing. Give it its words with `name_value`."""
        given = self._given(name)
        if not given:
            return None
        try:
            value = UUID(given)
        except ValueError:
            self._unknown(label, given)
            return None
        self._keep(name, str(value), f"{label}: {value}")
        return value

    def name_value(self, name: str, words: str) -> None:
        """The words of a value whose name is known only after the rows were read."""
        if name in self.words and words:
            self.words[name] = words

    def day(self, name: str, label: str) -> date | None:
        """A date as browsers send it (2026-11-02), or nothing."""
        given = self._given(name)
        if not given:
            return None
        try:
            value = date.fromisoformat(given)
        except ValueError:
            self._unknown(label, given)
            return None
        self._keep(name, value.isoformat(), f"{label} {labels.day(value)}")
        return value

    def sort(self, sorts: Mapping[str, Any], default: str) -> str:
        """The name of a sort, with "-" for descending."""
        given = self._given("sort")
        if given and given.removeprefix("-") not in sorts:
            self._unknown(_("Sort"), given)
            given = ""
        if given and given != default:
            self.values["sort"] = given
        return given or default

    @property
    def active(self) -> bool:
        return bool(self.words)

    @property
    def scope(self) -> str:
        """What a page key is signed for: every filter and the sort."""
        return urlencode(sorted(self.values.items()))

    def url(self, base: str, **changes: str) -> str:
        """The address of this list with some values changed; an empty one is left out."""
        kept = {name: value for name, value in (self.values | changes).items() if value}
        return f"{base}?{urlencode(kept)}" if kept else base

    def chips(self, base: str) -> list[Chip]:
        return [Chip(words, self.url(base, **{name: ""})) for name, words in self.words.items()]


@dataclass(frozen=True)
class Header:
    """A sortable column's head: where a click leads, and how it is sorted now ("" if not)."""

    url: str
    aria: str


def headers(filters: Filters, base: str, sort: str, sorts: Mapping[str, str]) -> dict[str, Header]:
    """For each sort its header; `sorts` maps a name to the direction of its first click."""
    found = {}
    for name, first in sorts.items():
        current = sort.removeprefix("-") == name
        descending = sort.startswith("-")
        if current:
            following = name if descending else f"-{name}"
        else:
            following = f"{first}{name}"
        aria = ("descending" if descending else "ascending") if current else ""
        found[name] = Header(filters.url(base, sort=following), aria)
    return found
