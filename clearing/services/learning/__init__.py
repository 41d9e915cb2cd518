"""How this company's Light behaves where its documents leave it open (clearing.questions).

watching   sees answers in what became of our lines (cases: what is read; evidence: what it shows)
saying     keeps an answer, seen or said by a person, with its audit event
following  has the balances computed anew that depend on an answer that has changed
trying     proposes one ordinary link as the trial of a question
"""

from datetime import datetime

from clearing.services.learning import following, watching
from clearing.services.learning.saying import say
from clearing.services.learning.trying import Pair, pairs, propose, under_way, why_not

__all__ = ["Pair", "look", "pairs", "propose", "say", "under_way", "why_not"]


def look(now: datetime) -> bool:
    """One slice: see what can be seen, then follow what has changed; False if nothing was done."""
    return watching.look(now) | following.follow(now)
