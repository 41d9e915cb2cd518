"""The books: every record as JSON in one SQLite table, with a copy in memory to read from.

Records are replaced, never changed in place, so a transaction that fails is undone in both.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from clearing.sandbox.clock import Clock
from clearing.sandbox.records import Record
from clearing.sandbox.switches import Switches

KIND_OF_LIST = {
    "entities": "entity",
    "vendors": "vendor",
    "ledger_accounts": "ledger_account",
    "users": "user",
    "credit_notes": "credit_note",
    "invoice_payables": "invoice",
    "links": "link",
    "clearings": "clearing",
}
KINDS = ("company", *KIND_OF_LIST.values(), "act", "file")

SCHEMA = """
CREATE TABLE IF NOT EXISTS record (
    seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL,
    UNIQUE (kind, id)
)
"""


def key_of(kind: str, record: Record) -> str:
    """A vendor's id is `vendorId`; a link has none: its key is the pair."""
    if kind == "link":
        return f"{record['creditNoteId']}/{record['invoicePayableId']}"
    return str(record["vendorId" if kind == "vendor" else "id"])


class Store:
    """One company's books. Take `transaction()` around everything that reads and then writes."""

    def __init__(self, path: str = ":memory:", today: date | None = None) -> None:
        self.lock = threading.RLock()
        self.clock = Clock(today)
        self.switches = Switches()
        self._undo: list[tuple[str, str, Record | None]] = []
        self._depth = 0
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        if path != ":memory:":
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.execute(SCHEMA)
        self._records: dict[str, dict[str, Record]] = {kind: {} for kind in KINDS}
        for kind, key, body in self._db.execute("SELECT kind, id, body FROM record ORDER BY seq"):
            self._records[kind][key] = json.loads(body)
        self._go_on_in_time()

    def load(self, dataset: Record) -> None:
        """Forget everything and take over a dataset (see records.dataset)."""
        with self.transaction():
            for kind in KINDS:
                for key in list(self._records[kind]):
                    self.remove(kind, key)
            self.put("company", dataset["company"])
            for name, kind in KIND_OF_LIST.items():
                for record in dataset.get(name, []):
                    self.put(kind, record)
        self._go_on_in_time()

    @property
    def empty(self) -> bool:
        """Nothing was ever loaded into this file."""
        return not self._records["company"]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, one at a time; a nested one belongs to the outer."""
        with self.lock:
            if self._depth == 0:
                self._undo.clear()
                self._db.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._roll_back()
                raise
            self._depth -= 1
            if self._depth == 0:
                self._db.execute("COMMIT")

    def get(self, kind: str, key: str) -> Record | None:
        return self._records[kind].get(key)

    def all(self, kind: str) -> list[Record]:
        """In the order they were added."""
        with self.lock:
            return list(self._records[kind].values())

    def put(self, kind: str, record: Record) -> Record:
        """Add a record, or replace the one with its key."""
        key = key_of(kind, record)
        with self.transaction():
            self._undo.append((kind, key, self._records[kind].get(key)))
            self._records[kind][key] = record
            self._db.execute(
                "INSERT INTO record (kind, id, body) VALUES (?, ?, ?) "
                "ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
                (kind, key, json.dumps(record)),
            )
        return record

    def change(self, kind: str, key: str, **fields: Any) -> Record:
        """Replace some fields and move `updatedAt` forward."""
        with self.transaction():
            stamp = {"updatedAt": self.clock.stamp()}
            return self.put(kind, {**self._records[kind][key], **stamp, **fields})

    def remove(self, kind: str, key: str) -> None:
        with self.transaction():
            self._undo.append((kind, key, self._records[kind].pop(key)))
            self._db.execute("DELETE FROM record WHERE kind = ? AND id = ?", (kind, key))

    def document(self, key: str) -> Record | None:
        """A credit note or an invoice payable by its external id."""
        return self.get("credit_note", key) or self.get("invoice", key)

    def link_rows(self) -> list[Record]:
        return self.all("link")

    def clearing_rows(self) -> list[Record]:
        return self.all("clearing")

    def close(self) -> None:
        with self.lock:
            self._db.close()

    def _roll_back(self) -> None:
        self._db.execute("ROLLBACK")
        came_back = set()
        for kind, key, before in reversed(self._undo):
            if before is None:
                self._records[kind].pop(key, None)
                continue
            if key not in self._records[kind]:
                came_back.add(kind)
            self._records[kind][key] = before
        for kind in came_back:  # what was removed is at its old place again
            ids = self._db.execute("SELECT id FROM record WHERE kind = ? ORDER BY seq", (kind,))
            self._records[kind] = {key: self._records[kind][key] for (key,) in ids}

    def _go_on_in_time(self) -> None:
        stamps = (
            record["updatedAt"]
            for kind in ("credit_note", "invoice")
            for record in self._records[kind].values()
        )
        latest = max(stamps, default=None)
        if latest:
            self.clock.not_before(datetime.fromisoformat(latest))
