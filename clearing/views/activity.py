"""The audit trail, newest first."""

from django.http import Http404


def activity(request):
    raise Http404
