"""Evidence: the population of a period, a sample of it, and everything known of each link.

period      whole months of an entity
population  every clearing that stands in them, with control totals
choosing    what pasted numbers name
dossier     one clearing, from the proposal to what came later
index       the sheets of the index
jobs        the pages
chain       the head of the audit chain
"""

from clearing.queries.evidence.chain import head
from clearing.queries.evidence.dossier import of as dossier
from clearing.queries.evidence.index import sheets

__all__ = ["dossier", "head", "sheets"]
