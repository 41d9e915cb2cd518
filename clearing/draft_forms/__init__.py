"""What people type into a draft and its lines, and what that means to Light.

A form starts from `shown`, what Light had when the page was made, as plain JSON (the values of
services.editing): a field that says what it said then means exactly that value, so it is never
sent. Anything else is read, or gets a sentence.
"""

from clearing.draft_forms.line import AMOUNTS, MIXED, LineForm
from clearing.draft_forms.note import NoteForm

__all__ = ["AMOUNTS", "MIXED", "LineForm", "NoteForm"]
