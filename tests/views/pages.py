"""What the tests of pages ask, and how they read an answer."""

import re

from django.urls import reverse

HTMX = {"headers": {"HX-Request": "true"}}
OF_PROPOSAL = {"proposal", "approve_all", "lines_progress"}


def url(line, name="proposal"):
    """The address of a line's proposal, or of the line."""
    return reverse(name, args=[line.proposal_id if name in OF_PROPOSAL else line.pk])


def words(answer):
    """The text of a page, without tags and with single spaces."""
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))
    return text.replace("&#x27;", "'").replace(" .", ".")
