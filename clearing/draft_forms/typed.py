"""What the forms of a draft and of its lines share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clearing.draft_forms.readers import custom_property, same

MOST_GROUPS = 20
CP_PARTS = ("group", "values", "inline")


@dataclass(frozen=True)
class Field:
    """One field as the page shows it; `asked` is what was typed to search for its value."""

    name: str
    id: str
    label: str
    text: str
    error: str
    asked: str


class Typed:
    """The fields of one form: `texts` as they stand in it, `errors`, and `wanted` once read."""

    FIELDS: dict[str, str | Promise]
    MULTILINE: tuple[str, ...] = ()  # fields that hold line breaks
    SEARCHED: tuple[str, ...] = ()  # fields whose value is searched by name
    FOLDED: frozenset[str] = frozenset()  # fields under "More fields"
    key = ""  # goes into the ids of the fields, where a page has several such forms

    def __init__(
        self, data: Mapping[str, Any] | None, shown: Mapping[str, Any], *, locale: str
    ) -> None:
        self.shown, self.locale = dict(shown), locale
        self.errors: dict[str, str] = {}
        self.wanted: dict[str, Any] = {}
        self.bound = data is not None
        self.data = {name: str(value).replace("\x00", "") for name, value in (data or {}).items()}
        self.texts = {name: self._typed(name) for name in self.FIELDS}

    def _typed(self, name: str) -> str:
        """What stands in a field: as typed, or Light's value where that was chosen instead.

        Whoever goes on typing after they were asked to choose means what they type.
        """
        if not self.bound:
            return self.rendered(name)
        typed = self.data.get(name, "")
        was = self.data.get(f"typed_{name}")
        if self.data.get(f"keep_{name}") == "light" and (was is None or same(typed, was)):
            return self.rendered(name)
        return typed

    def rendered(self, name: str) -> str:
        """How the value that Light had stands in the field."""
        return self.text_of(name, self.shown.get(name))

    def text_of(self, name: str, value: Any) -> str:
        raise NotImplementedError

    def untouched(self, name: str) -> bool:
        return same(self.texts[name], self.rendered(name), one_line=name not in self.MULTILINE)

    def read(self, name: str, reader: Callable[[str], Any]) -> None:
        """Into `wanted`: the value shown where nothing was typed, None where it was emptied."""
        if self.untouched(name):
            self.wanted[name] = self.shown.get(name)
            if self.asked(name):
                self.errors[name] = _("Choose one of those found, or empty the search.")
            return
        try:
            text = self.texts[name].strip()
            self.wanted[name] = reader(text) if text else None
        except ValueError as problem:
            self.errors[name] = str(problem)

    def asked(self, name: str) -> str:
        return self.data.get(f"{name}_q", "").strip() if name in self.SEARCHED else ""

    def id_of(self, name: str) -> str:
        return f"id_{self.key}_{name}" if self.key else f"id_{name}"

    @property
    def cp_id(self) -> str:
        return self.id_of("cp")

    @property
    def fields(self) -> dict[str, Field]:
        return {
            name: Field(
                name, self.id_of(name), str(label), self.texts[name],
                self.errors.get(name, ""), self.asked(name),
            )
            for name, label in self.FIELDS.items()
        }  # fmt: skip

    @property
    def summary(self) -> list[tuple[str, str]]:
        """The ids of the fields to correct with their sentences, in the order of the form."""
        return [
            (self.id_of(name), f"{label}: {self.errors[name]}")
            for name, label in [*self.FIELDS.items(), ("cp", _("Custom properties"))]
            if name in self.errors
        ]

    @property
    def heading(self) -> str:
        n = len(self.errors)
        return ngettext("One thing to correct", "%(n)d things to correct", n) % {"n": n}

    @property
    def fits(self) -> bool:
        return not self.errors

    @property
    def touched(self) -> bool:
        """Whether anything differs from what was shown."""
        return any(value != self.shown.get(name) for name, value in self.wanted.items()) or (
            "custom_properties" in self.wanted
        )

    def properties(self) -> None:
        """Custom properties, where somebody entered some: a list; None to remove all."""
        if self.data.get("cp_remove"):
            self.wanted["custom_properties"] = None
            return
        found = []
        for number, row in enumerate(self.property_rows, start=1):
            if not any(row.values()):
                continue
            try:
                found.append(custom_property(row))
            except ValueError as problem:
                words = {"n": number, "problem": problem}
                self.errors["cp"] = _("Group %(n)d: %(problem)s") % words
        if found:
            self.wanted["custom_properties"] = found

    @property
    def property_rows(self) -> list[dict[str, str]]:
        """The groups as typed, and room for one more."""
        rows = [
            {part: self.data.get(f"cp_{part}_{number}", "").strip() for part in CP_PARTS}
            for number in range(MOST_GROUPS)
        ]
        filled = max((n for n, row in enumerate(rows, start=1) if any(row.values())), default=0)
        return rows[: max(filled + 1, 2)]

    @property
    def more(self) -> bool:
        """Whether what is folded away has to be seen."""
        return bool(self.errors.keys() & self.FOLDED) or any(
            any(row.values()) for row in self.property_rows
        )
