"""What a month's paper says: its figures, and the lists that a controller hands over.

Every list is by accounting date, with what is known now. The worker reads them all at one moment
(`read`) and services.papering keeps them; pages and files show what was kept.
"""

from clearing.queries.papers.checks import TO_ACCEPT, TO_DECIDE, facts, facts_to_sign
from clearing.queries.papers.moved import BY_LIGHT, FX, REOPENED
from clearing.queries.papers.not_posted import NOT_POSTED
from clearing.queries.papers.open_credit import AGES, OPEN, RESTS, WHY
from clearing.queries.papers.owing import OWING
from clearing.queries.papers.promised import NOT_HONOURED, PROMISED
from clearing.queries.papers.reading import Content, basis, ledger, read, read_month
from clearing.queries.papers.scope import List, Row, Scope

HANDED_OVER = (
    OPEN, NOT_POSTED, OWING, BY_LIGHT, PROMISED, NOT_HONOURED, RESTS, FX, REOPENED,
)  # fmt: skip
LISTS = {one.key: one for one in (*HANDED_OVER, TO_ACCEPT, TO_DECIDE)}

__all__ = [
    "AGES",
    "HANDED_OVER",
    "LISTS",
    "OPEN",
    "TO_ACCEPT",
    "TO_DECIDE",
    "WHY",
    "Content",
    "List",
    "Row",
    "Scope",
    "basis",
    "facts",
    "facts_to_sign",
    "ledger",
    "read",
    "read_month",
]
