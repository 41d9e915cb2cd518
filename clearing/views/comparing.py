"""Both documents of a line side by side, with the buttons that decide about it."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from clearing.models import number_format
from clearing.queries import review as reviews
from clearing.queries import stakes, two_documents
from clearing.queries.lines import Line
from clearing.views.access import needs
from clearing.views.review_scope import Scope, rows_of
from clearing.views.reviewing import line_of


@require_safe
@needs("see")
def compare_documents(request: HttpRequest, line_id: int) -> HttpResponse:
    """The PDFs of both documents of a line, what names the other, and what differs."""
    line, locale = line_of(line_id), number_format(request.user)
    scope = Scope.of_line(request, line)
    rows = rows_of(request, scope.lines(), locale)
    row = next(one for one in rows if one.id == line.pk)
    before, after = reviews.around(rows, line.pk)
    context = {
        "scope": replace(scope, then="documents"),
        "review": reviews.review(rows, locale=locale),
        "row": row,
        "both": two_documents.both(line, row, locale),
        "stakes": stakes.of([line] if row.waiting else [], [row], locale),
        "previous_url": _url(before, scope),
        "next_url": _url(after, scope),
    }
    return render(request, "clearing/comparing/detail.html", context)


def _url(row: Line | None, scope: Scope) -> str:
    return f"{reverse('compare_documents', args=[row.id])}{scope.query}" if row else ""
