"""Asks for what touches the ledger: post a draft, undo a clearing, move it to another invoice.

posting: one line, at once where one person is enough      undoing: one line, a second person
moving: two lines of one proposal, undone first, then linked
"""

from clearing.services.correcting.moving import (
    as_undone,
    most_to_move,
    move,
    move_problem,
    move_targets,
)
from clearing.services.correcting.posting import (
    Posting,
    fingerprint,
    post,
    post_problems,
    posting_of,
    posts_alone,
)
from clearing.services.correcting.undoing import undo, undo_problem

__all__ = [
    "Posting",
    "as_undone",
    "fingerprint",
    "most_to_move",
    "move",
    "move_problem",
    "move_targets",
    "post",
    "post_problems",
    "posting_of",
    "posts_alone",
    "undo",
    "undo_problem",
]
