"""Month end: the months of an entity, the roll-forward of one, and the rows behind a figure.

place, listed: whose months, and which; rolling, statement, rows: the roll-forward and what stands
behind it; closing, paper_list: what its paper says; changed: since it was signed.
"""

from clearing.queries.month_end.closing import closing_of, kept
from clearing.queries.month_end.listed import months_of
from clearing.queries.month_end.pictured import pictured
from clearing.queries.month_end.place import Place, address, month_in, place_of
from clearing.queries.month_end.rows import SHOWS, listed
from clearing.queries.month_end.statement import frozen, page_of
from clearing.queries.rolling import Figure, RollForward, adding_up, roll_forward

__all__ = [
    "SHOWS",
    "Figure",
    "Place",
    "RollForward",
    "address",
    "adding_up",
    "closing_of",
    "frozen",
    "kept",
    "listed",
    "month_in",
    "months_of",
    "page_of",
    "pictured",
    "place_of",
    "roll_forward",
]
