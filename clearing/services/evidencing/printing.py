"""A link as a PDF, by WeasyPrint; as the page itself where that is not installed."""

from functools import cache
from typing import Any

from django.template.loader import render_to_string

NOWHERE = "https://evidence.invalid/"  # a base that leads nowhere


class Fetches(Exception):
    """A page asked for something outside of itself."""


def printed(dossier: Any) -> tuple[bytes, str]:
    """The file of one link, and the ending of its name."""
    html = render_to_string("clearing/evidence/link.html", {"one": dossier})
    engine = _engine()
    if engine is None:
        return html.encode(), "html"
    page = engine.HTML(string=html, base_url=NOWHERE, url_fetcher=_refused)
    return page.write_pdf(), "pdf"


@cache
def _engine() -> Any:
    """WeasyPrint, or None where it or the library Pango is not there."""
    try:
        import weasyprint
    except (ImportError, OSError):
        return None
    return weasyprint


def _refused(url: str, *args: Any, **options: Any) -> Any:
    raise Fetches(url)
