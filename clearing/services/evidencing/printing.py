"""A link as a PDF; as the page itself where none can be made."""

from typing import Any

from django.template.loader import render_to_string

from clearing.exporting import pdf


def printed(dossier: Any) -> tuple[bytes, str]:
    """The file of one link, and the ending of its name."""
    html = render_to_string("clearing/evidence/link.html", {"one": dossier})
    try:
        return pdf.render(html, {}), "pdf"
    except pdf.NoPdf:
        return html.encode(), "html"
