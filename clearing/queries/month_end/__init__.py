"""Month end: the months of an entity, the roll-forward of one, and the rows behind a figure."""

from clearing.queries.month_end.listed import months_of
from clearing.queries.month_end.pictured import pictured
from clearing.queries.month_end.place import Place, month_in, place_of
from clearing.queries.month_end.rolling import Figure, RollForward, adding_up, roll_forward
from clearing.queries.month_end.rows import SHOWS, listed
from clearing.queries.month_end.statement import page_of

__all__ = [
    "SHOWS",
    "Figure",
    "Place",
    "RollForward",
    "adding_up",
    "listed",
    "month_in",
    "months_of",
    "page_of",
    "pictured",
    "place_of",
    "roll_forward",
]
