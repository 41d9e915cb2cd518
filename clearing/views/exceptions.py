"""Everything that went wrong, with its next step."""

from django.http import Http404


def exceptions(request):
    raise Http404


def settle(request, line_id):
    raise Http404


def deal(request, line_id):
    raise Http404
