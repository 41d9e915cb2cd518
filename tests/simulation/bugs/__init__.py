"""Planted bugs: each a small patch of the core or of what drives it. The judge has to find them.

A harness that catches nothing proves nothing.
"""

from tests.simulation.bugs import around, before, calling, settling
from tests.simulation.bugs.planting import BUGS, Bug

__all__ = ["BUGS", "Bug", "around", "before", "calling", "settling"]
