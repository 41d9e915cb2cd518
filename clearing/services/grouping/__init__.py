"""Loads what the engine reads: the groups of vendor, entity and currency with their documents.

Some thousand documents at a time in the order of their vendors, so that books of any size take
the same memory.
"""

from clearing.services.grouping.reading import suspected
from clearing.services.grouping.streaming import Key, Scope, chunks, groups, of_vendors, one, rules

__all__ = ["Key", "Scope", "chunks", "groups", "of_vendors", "one", "rules", "suspected"]
