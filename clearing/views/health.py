"""For load balancers and monitors: alive, and ready once the lists are in."""

import logging

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clearing.queries.readiness import readiness

logger = logging.getLogger(__name__)


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers."""
    return HttpResponse("alive\n", content_type="text/plain; charset=utf-8")


@login_not_required
@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 where the database answers and there is something to show; the problems in any case.

    A silent worker is a problem, but no reason to take the pages away from people.
    """
    try:
        found = readiness()
    except DatabaseError:
        logger.exception("the database does not answer")
        return JsonResponse({"problems": ["the database does not answer"]}, status=503)
    return JsonResponse(found.as_data(), status=200 if found.lists_read else 503)
