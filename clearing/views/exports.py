"""How a list leaves as a file: `?as=xlsx|csv|print|pdf` at its own address, with its filters."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from clearing.exporting import csv, paper, pdf, xlsx
from clearing.exporting.about import Origin
from clearing.models import number_format
from clearing.queries import ages
from clearing.queries.filters import Filters
from clearing.sealed import head
from clearing.sheets import Sheet
from clearing.workflow import name_of

TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "print": "text/html; charset=utf-8",
    "pdf": "application/pdf",
}
MOST = {"print": 5000, "pdf": 500}  # rows; a PDF costs 12 ms of the processor for each
STYLES = "print.css"
Making = Callable[[], Sheet]


@dataclass(frozen=True)
class Link:
    """One way out of a list."""

    words: str
    url: str
    download: bool


def links(filters: Filters, base: str) -> list[Link]:
    """The ways out of a list at this address; PDF only where it can be made."""
    ways = [("xlsx", _("Excel")), ("csv", _("CSV")), ("print", _("Print"))]
    if pdf.is_possible():
        ways.append(("pdf", _("PDF")))
    return [Link(words, filters.url(base, **{"as": way}), way != "print") for way, words in ways]


def notices(request: HttpRequest) -> list[str]:
    """That the address asks for a file of a kind that nobody knows."""
    given = request.GET.get("as")
    if not given or given in TYPES:
        return []
    shown = given.replace("\x00", "")[:40]
    return [
        _("“%(given)s” is no kind of export. There are xlsx, csv, print and pdf.")
        % {"given": shown}
    ]


def respond(request: HttpRequest, sheet: Making, *, back: str = "") -> HttpResponseBase | None:
    """The file that the address asks for, made of `sheet()`; None where it asks for none.

    back: the address of the list, for the print view.
    """
    way = request.GET.get("as")
    if way not in TYPES:
        return None
    made, origin = sheet(), origin_of(request)
    name = f"{slugify(made.name) or 'export'}-{origin.made_at:%Y-%m-%d}.{way}"
    if request.method == "HEAD":
        return _named(HttpResponse(), way, name)
    if way == "csv":
        zone = origin.made_at.tzinfo
        return _named(StreamingHttpResponse(csv.stream(made, zone=zone)), way, name)
    if way == "xlsx":
        file = tempfile.TemporaryFile()  # noqa: SIM115  (the response closes it)
        xlsx.write(made, origin, file)
        file.seek(0)
        return _named(FileResponse(file), way, name)
    return _on_paper(request, way, made, origin, name, back)


def origin_of(request: HttpRequest) -> Origin:
    """Who takes it with them, when, as of when the copy is, and how far the trail is sealed."""
    last = head()
    zone, read_at = timezone.get_current_timezone(), ages.data_age().at
    return Origin(
        by=name_of(request.user),
        made_at=timezone.now().astimezone(zone),
        read_at=read_at.astimezone(zone) if read_at else None,
        head=f"{last.seq}:{last.digest}" if last else "",
    )


def _named(response: HttpResponseBase, way: str, name: str) -> HttpResponseBase:
    response["Content-Type"] = TYPES[way]
    if way != "print":
        response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _on_paper(
    request: HttpRequest, way: str, sheet: Sheet, origin: Origin, name: str, back: str
) -> HttpResponseBase:
    """The print view, or the same as a PDF; where there can be none, the view that says so."""
    most, locale = MOST[way], number_format(request.user)
    shown = paper.on_paper(sheet, origin, most=most, locale=locale)
    context = {"paper": shown, "most": most, "cut_words": _cut_words(way), "stylesheet": _sheet()}
    if way == "print":
        return render(request, "clearing/exports/print.html", context | {"back": back})
    try:
        html = render_to_string("clearing/exports/print.html", context)
        made = pdf.render(html, {urljoin(pdf.BASE, _sheet()): _styles()})
    except pdf.NoPdf:
        context |= {"back": back, "warnings": [_why_no_pdf()]}
        return render(request, "clearing/exports/print.html", context)
    return _named(HttpResponse(made), "pdf", name)


def _cut_words(way: str) -> str:
    if way == "pdf":
        return _("A PDF holds the first %(n)d rows, without totals. The print view holds up to "
                 "%(more)d; the CSV and the Excel file hold all of them.") % {
            "n": MOST["pdf"], "more": MOST["print"]
        }  # fmt: skip
    return _("The print view holds the first %(n)d rows, without totals. The CSV and the Excel "
             "file hold all of them.") % {"n": MOST["print"]}  # fmt: skip


def _why_no_pdf() -> str:
    if pdf.is_possible():
        return _("The PDF could not be made in time. Print this page to a PDF instead.")
    return _("No PDF can be made here: install the extra “pdf” (pip install '.[pdf]') and the "
             "library Pango. Print this page to a PDF instead.")  # fmt: skip


def _sheet() -> str:
    return static(STYLES)


def _styles() -> str:
    """The stylesheet as it is served; without collectstatic as it lies in its folder."""
    found = finders.find(STYLES) or Path(settings.STATIC_ROOT) / STYLES
    return Path(str(found)).read_text()
