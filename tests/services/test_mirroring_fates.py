"""What became of a link, from what the copy knows."""

import pytest

from clearing.models import Link
from clearing.services.mirroring.fates import fate

F = Link.Fate
BASE = {
    "was": F.PLANNED, "listed": True, "amount": 100, "posted": False,
    "cleared": 0, "undone": False, "reads": 0, "unmapped": False,
}  # fmt: skip
TABLE = [
    ("a promise", {}, F.PLANNED),
    ("the promise went before posting", {"listed": False}, F.REMOVED),
    ("posted, not read", {"posted": True, "listed": False}, F.CHECKING),
    ("posted, read once", {"posted": True, "listed": False, "reads": 1}, F.CHECKING),
    ("posted, read twice", {"posted": True, "listed": False, "reads": 2}, F.NOT_HONOURED),
    ("still listed after posting", {"posted": True, "reads": 2}, F.NOT_HONOURED),
    ("cleared", {"posted": True, "listed": False, "cleared": 100}, F.CLEARED),
    ("cleared with more", {"posted": True, "cleared": 120, "reads": 5}, F.CLEARED),
    ("cleared in part", {"posted": True, "cleared": 99, "reads": 5}, F.CLEARED_PART),
    ("cleared although the copy says not posted", {"cleared": 100}, F.CLEARED),
    ("reversed", {"posted": True, "undone": True, "was": F.CLEARED}, F.UNDONE),
    ("reversed, later not posted", {"undone": True, "listed": False}, F.UNDONE),
    ("reversed and cleared again", {"posted": True, "undone": True, "cleared": 100}, F.CLEARED),
    ("removed, later posted", {"posted": True, "listed": False, "was": F.REMOVED, "reads": 2},
     F.REMOVED),
    ("removed, linked again, posted", {"posted": True, "was": F.REMOVED, "reads": 2},
     F.NOT_HONOURED),
    ("removed, yet cleared", {"posted": True, "listed": False, "was": F.REMOVED, "cleared": 100},
     F.CLEARED),
    ("an entry nobody can map", {"posted": True, "reads": 9, "unmapped": True}, F.CHECKING),
]  # fmt: skip


@pytest.mark.parametrize(("why", "facts", "expected"), TABLE, ids=[row[0] for row in TABLE])
def test_fate(why, facts, expected):
    assert fate(**BASE | facts) == expected
