"""A link as a PDF; as the page itself where none can be made."""

from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from clearing.exporting import pdf


@dataclass(frozen=True)
class Printed:
    """The file of one link, the ending of its name, and why it is no PDF where one can be made."""

    content: bytes
    suffix: str
    problem: str = ""


def printed(dossier: Any) -> Printed:
    html = render_to_string("clearing/evidence/link.html", {"one": dossier})
    page = html.encode()
    if not pdf.is_possible():
        return Printed(page, "html")
    try:
        return Printed(pdf.render(html, {}), "pdf")
    except pdf.NoPdf as problem:
        words = _("%(why)s This is the web page instead. Print it from a browser.")
        return Printed(page, "html", words % {"why": problem})
