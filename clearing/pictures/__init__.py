"""Pictures of figures: pure descriptions that a template draws as SVG; no models, no I/O.

A position is a share of the picture's width in percent, with two decimals and from whole numbers;
an amount is an int in the smallest unit of the one currency that a picture is about.
"""

from clearing.pictures.ageing import Age, Ageing, Part, ageing
from clearing.pictures.waterfall import Bar, Waterfall, waterfall

__all__ = ["Age", "Ageing", "Bar", "Part", "Waterfall", "ageing", "waterfall"]
