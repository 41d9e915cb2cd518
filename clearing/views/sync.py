"""The age of the copy, and reading Light again."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clearing import workflow
from clearing.models import SyncRun, number_format
from clearing.queries import ages, rereading
from clearing.queries import stopped as banner
from clearing.services import mirroring
from clearing.views import access


def _context(request: HttpRequest) -> dict[str, Any]:
    reading = ages.reading()
    return {
        "reading": reading,
        "run": reading.running,
        "rows": [_row(run) for run in reading.last],
        "history": rereading.page(number_format(request.user)),
    }


def _row(run: SyncRun) -> dict[str, Any]:
    """One finished run, its words ready for the table."""
    seconds = int((run.finished_at - run.started_at).total_seconds()) if run.finished_at else None
    return {
        "run": run,
        "kind": _("Everything") if run.full else _("What changed"),
        "seconds": seconds,
        "asked_by": run.asked_by_name or _("By itself"),
        "word": _("Failed") if run.state == SyncRun.State.FAILED else _("Done"),
        "tone": "bad" if run.state == SyncRun.State.FAILED else "good",
    }


@require_safe
@access.needs("see")
def sync(request: HttpRequest) -> HttpResponse:
    """The page: age, progress, the last runs."""
    return access.page(
        request, "clearing/sync/detail.html", "clearing/sync/_reading.html", _context(request)
    )


@require_POST
@access.needs("sync")
def sync_now(request: HttpRequest) -> HttpResponse:
    """Ask for a run, or join the one under way; the worker does it."""
    mirroring.start(full=False, by_name=workflow.name_of(request.user), now=workflow.now())
    if access.is_fragment(request):
        return render(request, "clearing/sync/_reading.html", _context(request))
    return redirect("sync")


@require_safe
@access.needs("see")
def stopped(request: HttpRequest) -> HttpResponse:
    """The banner again for a page that shows one: nothing (204) as long as it says the same."""
    if not access.is_fragment(request):
        return redirect("sync")
    stop = banner.now()
    if stop and stop.title == request.GET.get("said"):
        return HttpResponse(status=204)
    return render(request, "_stopped.html", {"stop": stop})


@require_safe
@access.needs("see")
def sync_progress(request: HttpRequest) -> HttpResponse:
    """The same fragment again; it asks for itself as long as a run is under way."""
    if not access.is_fragment(request):
        return redirect("sync")
    return render(request, "clearing/sync/_reading.html", _context(request))
