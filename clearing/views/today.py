"""The first page: what can be cleared before the next payments."""

from django.http import Http404


def today(request):
    raise Http404
