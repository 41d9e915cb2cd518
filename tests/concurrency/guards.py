"""Guards that a test takes away: an index, a condition of a compare-and-swap, a function."""

from collections.abc import Callable
from copy import copy
from typing import Any

import pytest
from django.db import connection


class Guard:
    """What stands between two at once. Where it is not `on`, these methods take it away."""

    def __init__(self, *, on: bool, monkeypatch: pytest.MonkeyPatch) -> None:
        self.on = on
        self._monkeypatch = monkeypatch
        self._undo: list[Callable[[Any], None]] = []

    def is_index(self, model: Any, name: str) -> None:
        """The guard is a unique index of this model."""
        (index,) = (one for one in model._meta.constraints if one.name == name)
        rest = [one for one in model._meta.constraints if one is not index]
        if not self.on:  # SQLite makes some tables anew, with what the model says
            self._monkeypatch.setattr(model._meta, "constraints", rest)
        self._without(
            model, lambda editor: editor.remove_constraint(model, index),
            lambda editor: editor.add_constraint(model, index),
        )  # fmt: skip

    def is_unique(self, model: Any, name: str) -> None:
        """The guard is that a column of this model is unique."""
        field, loose = model._meta.get_field(name), copy(model._meta.get_field(name))
        loose._unique = False
        self._without(
            model, lambda editor: editor.alter_field(model, field, loose),
            lambda editor: editor.alter_field(model, loose, field),
        )  # fmt: skip

    def _without(self, model: Any, take: Callable[[Any], None], put: Callable[[Any], None]) -> None:
        """Take something out of the schema; when it comes back, the rows that it refuses go."""

        def undo(editor: Any) -> None:
            editor.execute(f"TRUNCATE {model._meta.db_table} CASCADE")
            put(editor)

        if not self.on:
            with connection.schema_editor() as editor:
                take(editor)
            self._undo.append(undo)

    def is_condition(self, module: Any, model: str, *names: str) -> None:
        """The guard is what the module asks of a row beside its key."""
        if not self.on:
            self._monkeypatch.setattr(module, model, Blind(getattr(module, model), names))

    def is_function(self, module: Any, name: str, without: Any) -> None:
        """The guard is a function; `without` is one that does not guard."""
        if not self.on:
            self._monkeypatch.setattr(module, name, without)

    def restore(self) -> None:
        """Put back what was taken out of the schema; SQLite's file is thrown away."""
        if connection.vendor == "postgresql":
            for undo in self._undo:
                with connection.schema_editor() as editor:
                    undo(editor)


class Blind:
    """A model whose `filter` forgets some of its conditions."""

    def __init__(self, model: Any, forgets: tuple[str, ...]) -> None:
        self._model, self._forgets = model, forgets
        self.objects = self

    def filter(self, *args: Any, **conditions: Any) -> Any:
        kept = {name: value for name, value in conditions.items() if name not in self._forgets}
        return self._model._default_manager.filter(*args, **kept)

    def __call__(self, **fields: Any) -> Any:
        return self._model(**fields)

    def __getattr__(self, name: str) -> Any:
        at = self._model if hasattr(self._model, name) else self._model._default_manager
        return getattr(at, name)
