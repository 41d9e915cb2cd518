"""Evidence for an auditor: the list, asking for one, its page, and the ZIP."""

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clearing import sampling
from clearing.models import Evidence, number_format
from clearing.queries import ages, documents, month_end
from clearing.queries.evidence import choosing, jobs, population
from clearing.queries.evidence.period import Period, period_of
from clearing.queries.evidence.population import Scope
from clearing.queries.filters import Filters
from clearing.services import evidencing
from clearing.views.access import clean_text, needs, page
from clearing.workflow import Conflict

USUAL = 25  # links of a sample, unless another number is asked for
LONGEST = 20_000  # characters of pasted numbers


@require_safe
@needs("see")
def evidence(request: HttpRequest) -> HttpResponse:
    """The evidence that was asked for, newest first."""
    return render(request, "clearing/evidence/list.html", {"rows": jobs.rows()})


@require_http_methods(["GET", "HEAD", "POST"])
@needs("see")
def new_evidence(request: HttpRequest) -> HttpResponse:
    """The population of a period, and the form for a sample of it; a POST asks for it."""
    given = request.POST if request.method == "POST" else request.GET
    filters = Filters(given)
    asked = period_of(filters, month_end.place_of(filters))
    of = population.scope(asked.place.id, asked.first, asked.last)
    problems: dict[str, list[str]] = {}
    refused = ""
    if request.method == "POST" and not (problems := _not_understood(filters)):
        drawn, problems = _draw(given, of)
        try:
            if drawn is not None:
                return redirect("one_evidence", evidencing.start(drawn, by=request.user).pk)
        except Conflict as problem:
            refused = str(problem)
    context: dict[str, Any] = {
        "asked": asked, "place": asked.place, "filters": filters, "problems": problems,
        "refused": refused,
    }  # fmt: skip
    context |= _population(of, asked, number_format(request.user))
    context |= _form(given, min(USUAL, max(context["count"], 1)))
    status = 422 if problems else 409 if refused else 200
    return render(request, "clearing/evidence/new.html", context, status=status)


def _not_understood(filters: Filters) -> dict[str, list[str]]:
    """Of a form nothing is left out in silence."""
    return {"period": filters.notices} if filters.notices else {}


def _form(given: QueryDict, usual: int = USUAL) -> dict[str, Any]:
    """The fields as they were typed."""
    return {
        "how": "numbers" if given.get("how") == "numbers" else "chance",
        "n": clean_text(given.get("n"))[:10] or str(usual),
        "seed": clean_text(given.get("seed"))[:40] or sampling.new_seed(),
        "numbers": clean_text(given.get("numbers"))[:LONGEST],
        "most": evidencing.MOST_LINKS,
    }


def _population(of: Scope, asked: Period, locale: str) -> dict[str, Any]:
    totals = jobs.controls(of, asked, locale)
    count = population.standing(of).count()
    return {
        "totals": totals, "count": count, "too_many": count > population.MOST,
        "most_population": population.MOST, "makers": list(population.MAKERS.values()),
    }  # fmt: skip


def _draw(given: QueryDict, of: Scope) -> tuple[evidencing.Drawn | None, dict[str, list[str]]]:
    """The sample that a form asks for, else what is wrong with it, by field."""
    form, ids = _form(given), population.ids(of)
    if len(ids) > population.MOST:
        return None, {"period": [_("Choose fewer months: the population is too large.")]}
    if form["how"] == "numbers":
        chosen, problems = _pasted(clean_text(given.get("numbers")), of)
        rest: dict[str, Any] = {"numbers": choosing.lines_of(form["numbers"])}
    else:
        chosen, problems = _by_chance(form, ids)
        rest = {"seed": form["seed"]}
    if problems:
        return None, problems
    drawn = evidencing.Drawn(
        entity_id=of.entity_id, first=of.first, last=of.last, movements_to=of.upto,
        size=len(ids), digest=sampling.digest(ids), movements=chosen,
        copy_at=ages.data_age().at, **rest,
    )  # fmt: skip
    return drawn, {}


def _by_chance(form: dict[str, Any], ids: list[int]) -> tuple[list[int], dict[str, list[str]]]:
    problems: dict[str, list[str]] = {}
    most = min(len(ids), evidencing.MOST_LINKS)
    typed = form["n"].strip()
    n = int(typed) if typed.isascii() and typed.isdigit() else 0
    if not most:
        problems["n"] = [_("Nothing was cleared in this period. Choose other months.")]
    elif not 1 <= n <= most:
        problems["n"] = [_("Enter a number from 1 to %(most)d.") % {"most": most}]
    if not sampling.is_seed(form["seed"]):
        problems["seed"] = [_("Enter a number of at most 18 digits, without other signs.")]
    return ([], problems) if problems else (sampling.sample(ids, n, form["seed"]), {})


def _pasted(text: str, of: Scope) -> tuple[list[int], dict[str, list[str]]]:
    numbers, most = choosing.lines_of(text), evidencing.MOST_LINKS
    if not numbers or len(text) > LONGEST or len(numbers) > most:
        words = _("Paste 1 to %(n)d numbers of credit notes or invoices, one on each line.")
        return [], {"numbers": [words % {"n": most}]}
    chosen, problems = choosing.choose(of, numbers)
    if not problems and len(chosen) > most:
        words = _("These numbers name %(n)d links; one evidence has at most %(most)d.")
        problems = [words % {"n": len(chosen), "most": most}]
    return chosen, {"numbers": problems} if problems else {}


@require_safe
@needs("see")
def one_evidence(request: HttpRequest, evidence_id: int) -> HttpResponse:
    """How far it is; once it is made, the way to its ZIP. It asks again while it is made."""
    found = get_object_or_404(Evidence, pk=evidence_id)
    entities = documents.entities()
    context = {
        "one": found,
        "label": jobs.LABELS[found.state],  # type: ignore[index]
        "scope": jobs.scope_words(found, entities),
        "progress": jobs.progress_words(found),
        "done": found.links_done + found.documents_done,
        "total": found.links_total + found.documents_total + 1,
        "size": jobs.size_words(found),
        "about": jobs.about(found, entities),
        "links": jobs.links(found, number_format(request.user)),
        "again": jobs.again_url(found),
    }
    return page(request, "clearing/evidence/detail.html", "clearing/evidence/_job.html", context)


@require_safe
@needs("see")
def download_evidence(request: HttpRequest, evidence_id: int) -> HttpResponseBase:
    """The ZIP, made on its way."""
    found = get_object_or_404(Evidence, pk=evidence_id)
    if found.state != Evidence.State.READY:
        return redirect("one_evidence", evidence_id)
    if request.method == "HEAD":
        response: HttpResponseBase = HttpResponse(content_type="application/zip")
    else:
        response = StreamingHttpResponse(evidencing.pieces(found), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="evidence-{found.pk}.zip"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
