"""Credit that can't be used yet: the list, what stands on other pages, and how much waits."""

from clearing.queries.stuck.beside import letters_of, of_note, of_vendor
from clearing.queries.stuck.counting import Counts, counts, facets, figures, lists
from clearing.queries.stuck.rows import DEFAULT, SORTS, page, rows_of
from clearing.queries.stuck.which import AGES, DECISIONS, DUE, RESTS, filtered

__all__ = [
    "AGES",
    "DECISIONS",
    "DEFAULT",
    "DUE",
    "RESTS",
    "SORTS",
    "Counts",
    "counts",
    "facets",
    "figures",
    "filtered",
    "letters_of",
    "lists",
    "of_note",
    "of_vendor",
    "page",
    "rows_of",
]
