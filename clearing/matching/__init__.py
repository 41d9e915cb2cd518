"""Pure: open credits and open payables in, suggestions with their reasons out. No Django, no I/O.

The engine of today knows one rule, the oldest due date first; a better one takes its place here.
"""

from clearing.matching.oldest_due import suggest
from clearing.matching.values import Credit, Payable, Suggestion

__all__ = ["Credit", "Payable", "Suggestion", "suggest"]
