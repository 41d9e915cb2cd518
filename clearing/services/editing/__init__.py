"""Edits of drafts and their lines, in the request: look, compare, commit, send once, settle.

editing ─▶ comparing (values)        what a person changed, held against what Light shows now
   ├─▶ writing (words)               the row with its audit event, before a byte leaves
   └─▶ answering ─▶ reading          the one call, its answer, and what Light shows afterwards
settling: what got no clear answer, by the worker
"""

from clearing.services.editing.comparing import Changed, ChangedField
from clearing.services.editing.editing import (
    add_line,
    change_line,
    change_note,
    create_from_invoice,
    delete_line,
)
from clearing.services.editing.settling import deal, recover, settle_one
from clearing.services.editing.values import line_values, note_values

__all__ = [
    "Changed",
    "ChangedField",
    "add_line",
    "change_line",
    "change_note",
    "create_from_invoice",
    "deal",
    "delete_line",
    "line_values",
    "note_values",
    "recover",
    "settle_one",
]
