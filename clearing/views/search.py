"""Search by document number or name."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clearing.models import number_format
from clearing.queries import search as queries
from clearing.views.access import clean_text, needs


@require_safe
@needs("see")
def search(request: HttpRequest) -> HttpResponse:
    """An exact number leads to its page; else everything that holds the text."""
    text = clean_text(request.GET.get("q")).strip()
    notice = ""
    if len(text) > queries.LONGEST:
        notice = _("Only the first %(n)d characters were searched for.") % {"n": queries.LONGEST}
        text = text[: queries.LONGEST].strip()
    if text and (exact := queries.exact(text)):
        return redirect(exact)
    found = queries.search(text, locale=number_format(request.user)) if text else None
    context = {"text": text, "found": found, "notice": notice, "most": queries.MOST}
    return render(request, "clearing/search/list.html", context)
