"""Mirroring: Light's books into the copy. The only writer of the mirror's tables.

runs ─▶ phases ─▶ pages ─▶ lists, numbers      a run in slices: lists first
           └─▶ wants ─▶ details ─▶ links, lines, clearings    then details, where they matter
history ─▶ rereading ─▶ details                beside the runs: what is past, and what is closed
settling: what follows from a change (fates, shown lines, balances), in its transaction
ids: which document an id of Light's means      fates: what became of a link
"""

from clearing.services.mirroring.details import read_wanted
from clearing.services.mirroring.links import take_credit_note, take_link, take_link_gone
from clearing.services.mirroring.numbers import take_number
from clearing.services.mirroring.rereading import read as read_history
from clearing.services.mirroring.runs import due, running, slice, start
from clearing.services.mirroring.wants import (
    refresh_group,
    waiting,
    want,
    want_first_lines,
    want_lines,
)
from clearing.services.mirroring.writing import GaveWay

__all__ = [
    "GaveWay",
    "due",
    "read_history",
    "read_wanted",
    "refresh_group",
    "running",
    "slice",
    "start",
    "take_credit_note",
    "take_link",
    "take_link_gone",
    "take_number",
    "waiting",
    "want",
    "want_first_lines",
    "want_lines",
]
