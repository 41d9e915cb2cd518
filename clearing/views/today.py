"""The first page: what can be cleared before the next payments."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from clearing.models import number_format
from clearing.queries import today as queries
from clearing.views.access import needs


@needs("see")
@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """Whom Light pays next, what was paid, what came in, and what waits."""
    found = queries.today(
        request.user,
        day=timezone.localdate(),
        now=timezone.now(),
        locale=number_format(request.user),
    )
    run = None if found.moneys else queries.first_sync()
    context = {
        "today": found,
        "run": run,
        "reading": bool(run and run.state == run.State.RUNNING and run.lists_done_at is None),
    }
    return render(request, "clearing/today/today.html", context)
