"""For load balancers: alive, and ready once the lists are in."""

from django.http import Http404


def healthz(request):
    raise Http404


def readyz(request):
    raise Http404
