"""Suggestions for many vendors at once: a plan, made by the worker, never sent by itself.

wishing    what a plan is asked for; it is started, and discarded
making     the worker makes it in slices that any worker goes on with
storing    the rows of a plan, written in bulk
altering   a person drops lines, changes amounts, skips vendors
handing_in one vendor or all of them are proposed, each in a transaction of its own
"""

from clearing.services.planning.altering import Change, change, skip, take_in
from clearing.services.planning.handing_in import hand_in, propose, propose_all, seen_of
from clearing.services.planning.making import make, tidy
from clearing.services.planning.wishing import MOST_VENDORS, Wish, discard, start

__all__ = [
    "MOST_VENDORS",
    "Change",
    "Wish",
    "change",
    "discard",
    "hand_in",
    "make",
    "propose",
    "propose_all",
    "seen_of",
    "skip",
    "start",
    "take_in",
    "tidy",
]
