"""For load balancers: alive, and ready once the lists are in."""

import logging

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clearing.queries import ages

logger = logging.getLogger(__name__)
PLAIN = "text/plain; charset=utf-8"


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers."""
    return HttpResponse("alive\n", content_type=PLAIN)


@login_not_required
@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers, and there is something to show."""
    try:
        ready = ages.ready()
    except DatabaseError:
        logger.exception("The database does not answer.")
        return HttpResponse("The database does not answer.\n", status=503, content_type=PLAIN)
    if not ready:
        sentence = "The lists of Light have not been read yet; the worker reads them.\n"
        return HttpResponse(sentence, status=503, content_type=PLAIN)
    return HttpResponse("ready\n", content_type=PLAIN)
