"""What credit notes cite: the possible numbers of their texts and PDFs, kept as citations.

texts      the description, the lines, the number and the file's name of what changed; by pass
papers     the PDF's text layer, read from Light once per document, one at a time
gathering  both as the keys that the engine reads
"""

from clearing.services.citing.papers import read_one
from clearing.services.citing.texts import look

__all__ = ["look", "read_one"]
