"""Evidence for an auditor: a sample of a period's clearings, and a ZIP that the worker makes.

asking    a person asks for it; population and sample stand still from then on
making    the worker makes the files in slices that any worker goes on with
fetching  both documents of a link, from Light
printing  a link as a PDF
packing   the ZIP, streamed
"""

from clearing.services.evidencing.asking import MOST_LINKS, Drawn, start
from clearing.services.evidencing.making import make, tidy
from clearing.services.evidencing.packing import pieces

__all__ = ["MOST_LINKS", "Drawn", "make", "pieces", "start", "tidy"]
