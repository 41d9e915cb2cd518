"""A link as a PDF, by WeasyPrint; as the page itself where that is not installed."""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.template.loader import render_to_string

NOWHERE = "https://evidence.invalid/"  # a base that leads nowhere


def printed(dossier: Any) -> tuple[bytes, str]:
    """The file of one link, and the ending of its name."""
    html = render_to_string("clearing/evidence/link.html", {"one": dossier})
    engine = _engine()
    if engine is None:
        return html.encode(), "html"
    return engine(html), "pdf"


@cache
def _engine() -> Callable[[str], bytes] | None:
    """What makes a PDF of a page; None where WeasyPrint or the library Pango is not there."""
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except (ImportError, OSError):
        return None

    class Nothing(URLFetcher):
        """A page fetches nothing, neither files nor addresses."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            raise ValueError(f"not ours: {url}")

    def pdf(html: str) -> bytes:
        page: bytes = HTML(string=html, base_url=NOWHERE, url_fetcher=Nothing()).write_pdf()
        return page

    return pdf
